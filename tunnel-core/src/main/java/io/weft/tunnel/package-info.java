/**
 * What tunnels of every kind do to the packets they carry.
 *
 * <p>A tunnel carries frames with IP packets inside other IP packets, and is answerable to the ones inside:
 * {@link io.weft.tunnel.Ecn} takes congestion marks in and out (RFC 6040), {@link io.weft.tunnel.MssClamp} has TCP agree on
 * segments that fit, and {@link io.weft.tunnel.PacketTooBig} tells the sender of a packet that does not fit how long it may
 * be, as often as an {@link io.weft.tunnel.AnswerLimit} allows. Frames here are those inside, from their destination MAC
 * address on; what is outside is the tunnel's own.
 *
 * <p>Nothing in here allocates, throws for what a peer can send, or reads behind a frame's end.
 */
package io.weft.tunnel;
