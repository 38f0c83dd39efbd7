/**
 * VXLAN (RFC 7348) as a port of a switch: Ethernet frames in UDP datagrams to other hosts. What a port is to be is written as
 * a URI ({@code vxlan:vx0?key=100&remote_ip=10.0.0.2}) or with {@link io.weft.vxlan.VxlanBuilder}; both end in {@link
 * io.weft.vxlan.VxlanSettings}.
 */
package io.weft.vxlan;
