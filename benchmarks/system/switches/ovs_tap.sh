# shellcheck shell=bash
# Open vSwitch's userspace datapath with two ports of type tap, learning. Its own database server and daemon, all of their
# files in $STATE; OVS_OTHER_CONFIG: a setting that the daemon has to find when it starts.
# needs: ovsdb-tool ovsdb-server ovs-vsctl ovs-vswitchd
export OVS_RUNDIR=$STATE OVS_LOGDIR=$STATE OVS_DBDIR=$STATE
database=unix:$STATE/db.sock
ask() {
    ovs-vsctl --db="$database" --timeout=20 "$@"
}
ovsdb-tool create "$STATE/conf.db" "${OVS_SCHEMA:-/usr/share/openvswitch/vswitch.ovsschema}" || exit
ovsdb-server "$STATE/conf.db" --remote="p$database" --unixctl="$STATE/db.ctl" -vconsole:off --log-file="$STATE/db.log" \
    >"$STATE/db.out.log" 2>&1 &
echo $! >>"$STATE/pids"
for ((tries = 50; tries > 0; tries--)); do
    [[ ! -S $STATE/db.sock ]] || break
    sleep 0.1
done
ask --no-wait init || exit
[[ -z ${OVS_OTHER_CONFIG:-} ]] || ask --no-wait set Open_vSwitch . "other_config:$OVS_OTHER_CONFIG" || exit
ovs-vswitchd "$database" --unixctl="$STATE/vs.ctl" -vconsole:off --log-file="$STATE/vs.log" >"$STATE/vs.out.log" 2>&1 &
echo $! >>"$STATE/pids"
ask add-br br0 -- set bridge br0 datapath_type=netdev fail-mode=standalone || exit
for device in "$@"; do
    ask add-port br0 "$device" -- set interface "$device" type=tap || exit
done
