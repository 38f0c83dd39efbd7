# shellcheck shell=bash
# Open vSwitch's userspace datapath with two ports of type tap, learning.
# needs: ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
# shellcheck source=benchmarks/system/ovs.sh
source "$SYSTEM/ovs.sh"
start_ovs "$STATE/ovs" || exit
ask add-br br0 -- set bridge br0 datapath_type=netdev fail-mode=standalone || exit
for device in "$@"; do
    ask add-port br0 "$device" -- set interface "$device" type=tap || exit
done
