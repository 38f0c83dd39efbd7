# shellcheck shell=bash
# Open vSwitch's userspace datapath with a tunnel's port, VXLAN or what TYPE says: one bridge has the host's port and the tunnel, the other the underlay's
# device and, on its internal port, the local address. HOST_PORT: tap, or veth, where it reads the far end of a veth pair.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: ip ethtool ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
# shellcheck source=benchmarks/system/ovs.sh
source "$SYSTEM/ovs.sh"
# It takes frames from a device as they are: a partial checksum would go out as it is, and a super-frame is cut off.
without_offloads() {
    ethtool -K "$1" tx off tso off gso off gro off >/dev/null
}
start_ovs "$STATE/ovs$1" || exit
without_offloads "$5" && ip addr flush dev "$5" || exit
ask add-br tunnels -- set bridge tunnels datapath_type=netdev fail-mode=standalone -- \
    add-br underlay -- set bridge underlay datapath_type=netdev fail-mode=standalone \
    "other-config:hwaddr=02:77:00:00:00:0$1" -- add-port underlay "$5" || exit
ip link set underlay mtu "$UNDERLAY_MTU" && ip addr add "$3/24" dev underlay && ip link set underlay up || exit
if [[ ${HOST_PORT:-tap} == veth ]]; then
    ip link add "$2" mtu "$HOST_MTU" type veth peer name "p$2" mtu "$HOST_MTU" && ip link set "p$2" up &&
        without_offloads "$2" && without_offloads "p$2" && ask add-port tunnels "p$2" || exit
else
    ask add-port tunnels "$2" -- set interface "$2" type=tap mtu_request="$HOST_MTU" || exit
fi
ask add-port tunnels tunnel -- set interface tunnel "type=${TYPE:-vxlan}" options:key=100 "options:local_ip=$3" "options:remote_ip=$4"
