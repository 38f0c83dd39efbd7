/**
 * Layer-3 ports beside Ethernet ones. A layer-3 port ({@code tun:}, {@code gre:}) carries IP packets; its frames have an
 * Ethernet header whose addresses are zero. {@link io.weft.layer3.L3Adapter} makes such a port a station of a switch.
 */
package io.weft.layer3;
