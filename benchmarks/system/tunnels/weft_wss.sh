# Weft: TAP + WebSocket over TLS.
WEFT_TLS=1 exec bash "$BENCH_DIR/tunnels/weft_ws.sh" "$@"
