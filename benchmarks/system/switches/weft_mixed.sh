# shellcheck shell=bash
# Weft between a TAP with offloads (host1's) and one without: it segments there and coalesces back.
OFFLOAD=on OFFLOAD2=off exec bash "$SYSTEM/switches/weft.sh" "$@"
