# shellcheck shell=bash
# Weft: TAP and GRE, by a raw socket.
MORE='' TUNNEL=gretap:gre1 exec bash "$SYSTEM/tunnels/weft_vxlan.sh" "$@"
