# Weft: TAP + WebSocket. Side 1 listens, side 2 connects. SIDE TAP UNDERLAY_IF LOCAL REMOTE; WEFT_TLS=1 for wss.
: "${WEFT:?set WEFT to the absolute path of bin/weft}"
if [ "${WEFT_TLS:-0}" = 1 ]; then
  [ -f "$STATE/c.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=weft \
      -addext "subjectAltName=IP:$4" -keyout "$STATE/k.pem" -out "$STATE/c.pem" 2>/dev/null
  listen="wss-listen://$4:8443/?cert=$STATE/c.pem&key=$STATE/k.pem" connect="wss://$5:8443/?ca=$STATE/c.pem"
else
  listen="ws-listen://$4:8080/" connect="ws://$5:8080/"
fi
if [ "$1" = 1 ]; then p=$listen; else p=$connect; fi
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$2?up=false" "$p" >"$STATE/weft$1.log" 2>&1 & echo $! >>"$STATE/pids"
