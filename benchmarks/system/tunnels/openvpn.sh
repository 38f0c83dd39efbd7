# shellcheck shell=bash
# OpenVPN from point to point, without any cryptography. Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: openvpn
openvpn --dev "$2" --dev-type tap --proto udp --local "$3" --remote "$4" --port 1194 --cipher none --auth none \
    --disable-dco --tun-mtu "$HOST_MTU" --mssfix 0 --sndbuf 4194304 --rcvbuf 4194304 --txqueuelen 1000 --verb 3 \
    >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
