# shellcheck shell=bash
# Weft with two AF_PACKET ports, each on the far end of a host's veth pair. OFFLOAD (on): their offload option.
# needs: ip ethtool
for device in "$@"; do
    ip link add "$device" type veth peer name "p$device" && ip link set "p$device" up || exit
    # The port's option is for what it sends; frame by frame both ways it is when the hosts send no super-frames either.
    [[ ${OFFLOAD:-on} == on ]] || ethtool -K "$device" tx off tso off gso off >/dev/null || exit
done
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "packet:p$1?offload=${OFFLOAD:-on}" "packet:p$2?offload=${OFFLOAD:-on}" >"$STATE/log" 2>&1 &
echo $! >>"$STATE/pids"
