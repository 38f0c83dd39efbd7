# shellcheck shell=bash
# Weft: TAP and GRE in UDP.
MORE='&encap=udp' TUNNEL=gretap:gre1 exec bash "$SYSTEM/tunnels/weft_vxlan.sh" "$@"
