/**
 * Bidirectional Forwarding Detection (RFC 5880) in asynchronous mode: whether the remote end of a tunnel still answers.
 *
 * <pre>
 *   tunnel port                           BfdSession                         remote end
 *     timer      -- poll(now) ----------&gt; send now?
 *     new frame  -- write(frame, at) ---&gt; BfdPacket, 24 bytes
 *     BfdEncapsulation.put(frame)         Ethernet, IP, UDP around it
 *     tunnel header, underlay -------------------------------------------------&gt; bfd:enable=true
 *     received frame  &lt;---------------------------------------------------------
 *     BfdEncapsulation.isBfd(frame, ...)
 *                -- onFrame(frame, now) &gt; checks, transitions, listener
 * </pre>
 *
 * <p>{@link io.weft.tunnel.bfd.BfdSession} is a state machine without sockets, clocks and threads: who owns the tunnel tells it
 * the time and carries its packets. What it needs to be told is in {@link io.weft.tunnel.bfd.BfdSettings}, named as Open
 * vSwitch names it. {@link io.weft.tunnel.bfd.BfdEncapsulation} makes Ethernet frames of the packets and knows them again, for
 * Open vSwitch's {@code bfd:enable=true} on a tunnel and for BFD over VXLAN (RFC 8971).
 *
 * <p>Not done: demand mode of our own (a remote's is respected), the echo function, authentication.
 */
package io.weft.tunnel.bfd;
