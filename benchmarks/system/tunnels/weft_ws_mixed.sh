# shellcheck shell=bash
# Weft: TAP and WebSocket, the TAP of side 1 with offloads and that of side 2 without: segments there, coalesces back.
OFFLOAD=on OFFLOAD2=off exec bash "$SYSTEM/tunnels/weft_ws.sh" "$@"
