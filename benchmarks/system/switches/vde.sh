# shellcheck shell=bash
# VDE's switch, which has TAP ports of its own.
# needs: vde_switch
taps=()
for device in "$@"; do
    taps+=(-tap "$device")
done
# It ends with its standard input, and as a daemon it would leave this run's session, which may have a higher weight.
mkfifo "$STATE/stdin" || exit
vde_switch -sock "$STATE/ctl" -mgmt "$STATE/mgmt" "${taps[@]}" <>"$STATE/stdin" >"$STATE/log" 2>&1 &
echo $! >>"$STATE/pids"
