# shellcheck shell=bash
# Weft with two AF_PACKET ports, frame by frame; the hosts' veth ends have their offloads off.
# needs: ip ethtool
OFFLOAD=off exec bash "$SYSTEM/switches/weft_packet.sh" "$@"
