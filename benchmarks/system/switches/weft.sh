# Weft: two TAPs on one switch, frame by frame. WEFT = bin/weft (absolute), WEFT_ARGS = extra arguments.
: "${WEFT:?set WEFT to the absolute path of bin/weft}"
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$1?up=false" "tap:$2?up=false" >"$STATE/weft.log" 2>&1 & echo $! >>"$STATE/pids"
