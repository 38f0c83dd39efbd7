# shellcheck shell=bash
# tinc 1.0 as a switch, with neither cipher nor digest. Arguments: SIDE TAP LOCAL_ADDRESS REMOTE_ADDRESS UNDERLAY_DEVICE
# needs: tincd
# Each has to know the other's key: side 1 makes both.
if [[ $1 == 1 ]]; then
    for side in 1 2; do
        folder=$STATE/tinc$side
        mkdir -p "$folder/hosts" || exit
        if [[ $side == 1 ]]; then address=$3; else address=$4; fi
        printf 'Address = %s\nCipher = none\nDigest = none\nCompression = 0\n' "$address" >"$folder/hosts/end$side"
        printf 'Name = end%s\nMode = switch\nDeviceType = tap\nBindToAddress = %s\nAddressFamily = ipv4\n' \
            "$side" "$address" >"$folder/tinc.conf"
        tincd -c "$folder" -K2048 </dev/null &>"$folder/keys.log" || exit
    done
    echo 'ConnectTo = end1' >>"$STATE/tinc2/tinc.conf"
    cp "$STATE/tinc1/hosts/end1" "$STATE/tinc2/hosts/" && cp "$STATE/tinc2/hosts/end2" "$STATE/tinc1/hosts/" || exit
fi
echo "Interface = $2" >>"$STATE/tinc$1/tinc.conf"
tincd -c "$STATE/tinc$1" -D -d1 --pidfile="$STATE/tinc$1.pid" >"$STATE/log$1" 2>&1 &
echo $! >>"$STATE/pids"
