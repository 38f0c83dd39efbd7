# shellcheck shell=bash
# VDE's switch, which has TAP ports of its own.
# needs: vde_switch
taps=()
for device in "$@"; do
    taps+=(-tap "$device")
done
# As a daemon, for otherwise it ends with its standard input.
vde_switch -daemon -sock "$STATE/ctl" -mgmt "$STATE/mgmt" -pidfile "$STATE/vde.pid" "${taps[@]}" >"$STATE/log" 2>&1 ||
    exit
for ((tries = 30; tries > 0; tries--)); do
    [[ ! -s $STATE/vde.pid ]] || break
    sleep 0.1
done
cat "$STATE/vde.pid" >>"$STATE/pids"
