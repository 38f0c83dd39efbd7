/**
 * Routing by longest prefix: {@link io.weft.route.PrefixTable}, which layer-3 tunnels and services look destinations up in.
 */
package io.weft.route;
