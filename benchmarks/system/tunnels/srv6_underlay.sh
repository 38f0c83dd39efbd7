# shellcheck shell=bash
# What both ends of SRv6 need, whoever encapsulates: IPv6 between them, and routes to each other's SIDs, fc00:SIDE::/32.
# Arguments: SIDE UNDERLAY_DEVICE
far=$((3 - $1))
# The link-local address is what neighbours are asked from.
sysctl -qw "net.ipv6.conf.$2.accept_dad=0" net.ipv6.conf.all.disable_ipv6=0 "net.ipv6.conf.$2.disable_ipv6=0" &&
    ip addr add "fd77::$1/64" dev "$2" nodad &&
    ip -6 route add "fc00:$far::/32" via "fd77::$far" dev "$2"
