# shellcheck shell=bash
# Weft: TAP and WebSocket. Side 1 listens, side 2 connects. Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS
# OFFLOAD (on), OFFLOAD2 (as OFFLOAD): the offload option of the TAP of side 1 and of side 2; WEFT_TLS=1: wss.
# needs: openssl
offload=${OFFLOAD:-on}
[[ $1 == 1 ]] || offload=${OFFLOAD2:-$offload}
if [[ ${WEFT_TLS:-0} == 1 ]]; then
    [[ -f $STATE/cert.pem ]] ||
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=weft \
            -addext "subjectAltName=IP:$3" -keyout "$STATE/key.pem" -out "$STATE/cert.pem" \
            2>"$STATE/openssl.err" || exit
    listen="wss-listen://$3:8443/?cert=$STATE/cert.pem&key=$STATE/key.pem" connect="wss://$4:8443/?ca=$STATE/cert.pem"
else
    listen="ws-listen://$3:8080/" connect="ws://$4:8080/"
fi
if [[ $1 == 1 ]]; then port=$listen; else port=$connect; fi
# shellcheck disable=SC2086 # WEFT_ARGS is a list
"$WEFT" ${WEFT_ARGS:-} "tap:$2?up=false&offload=$offload" "$port" >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
