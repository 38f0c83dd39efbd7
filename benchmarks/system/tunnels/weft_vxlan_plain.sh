# shellcheck shell=bash
# Weft: TAP and VXLAN, frame by frame: no super-frames from the TAP, no runs of datagrams received as one.
OFFLOAD=off GRO=false exec bash "$SYSTEM/tunnels/weft_vxlan.sh" "$@"
