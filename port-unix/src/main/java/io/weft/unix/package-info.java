/**
 * The unix sockets of QEMU's network back ends as ports of a switch, so that virtual machines plug in without root.
 *
 * <p>A {@code -netdev stream} connection carries frames with a 4-byte big-endian length in front. Either end may listen:
 * {@link io.weft.unix.QemuPort#listen} takes many VMs on one socket, each a port of its own, and
 * {@link io.weft.unix.QemuPort#connect} is a client that keeps its port while it reconnects. A {@code -netdev dgram} pair
 * ({@link io.weft.unix.QemuPort#datagram}) carries one frame in each datagram.
 */
package io.weft.unix;
