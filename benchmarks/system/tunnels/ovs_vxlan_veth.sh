# shellcheck shell=bash
# The same with a veth pair for the host: once a TAP is in the host's namespace, Open vSwitch takes it for one with MTU 1500.
# needs: ip ethtool ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
HOST_PORT=veth exec bash "$SYSTEM/tunnels/ovs_vxlan.sh" "$@"
