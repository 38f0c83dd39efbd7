# shellcheck shell=bash
# The kernel's H.Encaps and End.DX4; the host gets the end of a veth pair.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: ip sysctl
# overhead: 64
far=$((3 - $1))
bash "$SYSTEM/tunnels/srv6_underlay.sh" "$1" "$5" &&
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv6.conf.all.forwarding=1 \
        net.ipv6.conf.all.seg6_enabled=1 "net.ipv6.conf.$5.seg6_enabled=1" &&
    ip link add "$2" mtu "$HOST_MTU" type veth peer name p0 mtu "$HOST_MTU" &&
    sysctl -qw net.ipv4.conf.p0.rp_filter=0 net.ipv4.conf.p0.proxy_arp=1 && ip link set p0 up &&
    ip route add "10.77.0.$1/32" dev p0 &&
    ip -6 route add "fc00:$1::d4/128" encap seg6local action End.DX4 nh4 "10.77.0.$1" dev "$5" &&
    ip route add "10.77.0.$far/32" encap seg6 mode encap segs "fc00:$far::d4" dev "$5"
