# shellcheck shell=bash
# Weft: TAP and SRv6, H.L2Encaps and End.DX2. ENCAP (full): its option encap. MODE (l2): its option mode.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# overhead: 78
far=$((3 - $1))
bash "$SYSTEM/tunnels/srv6_underlay.sh" "$1" "$5" || exit
ip -6 route add blackhole "fc00:$1::/32" || exit
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$2?up=false" \
    "srv6:s0?mode=${MODE:-l2}&local_ip=fc00:$1::d2&remote_ip=fc00:$far::d2&encap=${ENCAP:-full}" >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
