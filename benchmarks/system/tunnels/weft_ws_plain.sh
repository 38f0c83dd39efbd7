# shellcheck shell=bash
# Weft: TAP and WebSocket, both TAPs without offloads.
OFFLOAD=off exec bash "$SYSTEM/tunnels/weft_ws.sh" "$@"
