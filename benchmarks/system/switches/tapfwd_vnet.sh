# shellcheck shell=bash
# tools/tapfwd.c with virtio headers: super-frames go through as they are.
# needs: gcc
TAPFWD_ARGS=-v exec bash "$SYSTEM/switches/tapfwd.sh" "$@"
