# shellcheck shell=bash
# Weft: TAP and WebSocket over TLS.
# needs: openssl
WEFT_TLS=1 exec bash "$SYSTEM/tunnels/weft_ws.sh" "$@"
