# shellcheck shell=bash
# Weft: TAP and a tunnel, VXLAN or what TUNNEL says. Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# OFFLOAD (on): the TAP's offload option; GRO (true): the VXLAN port's gro option.
# TUNNEL: scheme and name of another port; MORE: more of its options.
# With an ordinary MTU the host's super-frames are as long as one run of datagrams carries (docs/vxlan.md).
if ((HOST_MTU < 2000)); then gso='&gso_max_size=61440'; else gso=''; fi
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$2?up=false&offload=${OFFLOAD:-on}$gso" \
    "${TUNNEL:-vxlan:vx0}?local_ip=$3&remote_ip=$4&key=100${MORE-&gro=${GRO:-true}}" >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
