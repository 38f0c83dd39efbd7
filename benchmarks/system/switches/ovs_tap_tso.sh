# shellcheck shell=bash
# Open vSwitch's userspace datapath with its experimental TSO: virtio headers on the TAPs.
# needs: ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
OVS_OTHER_CONFIG=userspace-tso-enable=true exec bash "$SYSTEM/switches/ovs_tap.sh" "$@"
