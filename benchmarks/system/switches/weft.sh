# shellcheck shell=bash
# Weft between two TAPs. OFFLOAD (on), OFFLOAD2 (as OFFLOAD): the offload option of the first and the second TAP.
# WEFT is the path of bin/weft, WEFT_ARGS are more arguments for it.
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$1?up=false&offload=${OFFLOAD:-on}" "tap:$2?up=false&offload=${OFFLOAD2:-${OFFLOAD:-on}}" \
    >"$STATE/log" 2>&1 &
echo $! >>"$STATE/pids"
