# shellcheck shell=bash
# The same with GRE.
# needs: ip ethtool ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
TYPE=gre exec bash "$SYSTEM/tunnels/ovs_vxlan.sh" "$@"
