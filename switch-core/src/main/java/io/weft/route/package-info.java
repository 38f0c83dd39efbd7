/**
 * Routing by longest prefix: {@link io.weft.route.PrefixTable}, which layer-3 tunnels and services look destinations up in, and
 * {@link io.weft.route.RouteTable}, one of routes.
 */
package io.weft.route;
