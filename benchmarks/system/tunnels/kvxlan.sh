# shellcheck shell=bash
# The kernel's VXLAN device in the kernel's bridge; the host gets the end of a veth pair.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: ip sysctl
bash "$SYSTEM/switches/kbridge.sh" "$2" &&
    ip link add vx0 type vxlan id 100 local "$3" remote "$4" dstport 4789 dev "$5" &&
    ip link set vx0 mtu "$HOST_MTU" master br0 up
