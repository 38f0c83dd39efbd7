package io.weft.gre;

import java.net.InetAddress;

/**
 * Which addresses are behind which remote end of a layer-3 tunnel.
 *
 * <p>Threads: immutable.
 *
 * @param network the addresses' common beginning
 * @param length bits of it
 * @param remote the remote end's address
 */
public record RouteSpec(InetAddress network, int length, InetAddress remote) {}
