/**
 * What tunnels run over: UDP sockets that move many datagrams with one system call, with the kernel's segmentation and
 * coalescing where it has them; behind the same interfaces the JDK's own channels, where native calls are not to be had.
 */
package io.weft.underlay;
