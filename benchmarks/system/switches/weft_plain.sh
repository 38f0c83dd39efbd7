# shellcheck shell=bash
# Weft between two TAPs, frame by frame.
OFFLOAD=off exec bash "$SYSTEM/switches/weft.sh" "$@"
