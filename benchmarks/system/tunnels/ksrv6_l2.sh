# shellcheck shell=bash
# The kernel's H.L2Encaps, which is a route, and End.DX2; the host gets the end of a veth pair, and has the address of the far
# one's gateway, since a route does not change the frame that it encapsulates. End.DX2 drops super-frames, and so there are none.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: ip ethtool sysctl
# overhead: 78
far=$((3 - $1))
bash "$SYSTEM/tunnels/srv6_underlay.sh" "$1" "$5" &&
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv6.conf.all.forwarding=1 \
        net.ipv6.conf.all.seg6_enabled=1 "net.ipv6.conf.$5.seg6_enabled=1" &&
    ip link add "$2" mtu "$HOST_MTU" address "02:00:00:00:77:0$1" type veth \
        peer name p0 mtu "$HOST_MTU" address "02:00:00:00:77:0$far" &&
    ethtool -K "$2" tso off gso off gro off >/dev/null && ethtool -K p0 tso off gso off gro off >/dev/null &&
    sysctl -qw net.ipv4.conf.p0.rp_filter=0 net.ipv4.conf.p0.proxy_arp=1 && ip link set p0 up &&
    ip -6 route add "fc00:$1::d2/128" encap seg6local action End.DX2 oif p0 dev "$5" &&
    ip route add "10.77.0.$far/32" encap seg6 mode l2encap segs "fc00:$far::d2" dev "$5"
