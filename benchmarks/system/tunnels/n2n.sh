# shellcheck shell=bash
# n2n 1.3, which always encrypts (Twofish), with its supernode on side 1.
# Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: edge supernode
# overhead: 150
supernode=$4
if [[ $1 == 1 ]]; then
    supernode=$3
    supernode -l 7654 >"$STATE/supernode.log" 2>&1 &
    echo $! >>"$STATE/pids"
    sleep 0.3
fi
# The host gets its address from the suite; edge wants to give one, too.
edge -d "$2" -a "10.99.0.$1" -c bench -k bench -l "$supernode:7654" -p 7655 -M "$HOST_MTU" -m "02:99:00:00:00:0$1" -r \
    >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
