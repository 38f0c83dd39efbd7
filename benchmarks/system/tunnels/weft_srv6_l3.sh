# shellcheck shell=bash
# Weft: TUN and SRv6, H.Encaps and End.DX4.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# overhead: 64
far=$((3 - $1))
bash "$SYSTEM/tunnels/srv6_underlay.sh" "$1" "$5" || exit
ip -6 route add blackhole "fc00:$1::/32" || exit
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} --wire "tun:$2?up=false" \
    "srv6:s0?local_ip=fc00:$1::d4&remote_ip=fc00:$far::d4&sid=fc00:$1::d4%20End.DX4%20oif%20s0" >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
