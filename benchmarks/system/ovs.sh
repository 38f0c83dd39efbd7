# shellcheck shell=bash
# Sourced by the switches that are Open vSwitch: a database server and a daemon of its own, never the system's.

# start_ovs FOLDER: everything that they write is in it; also sets up ask, which is ovs-vsctl. OVS_OTHER_CONFIG: a setting
# that the daemon has to find when it starts.
start_ovs() {
    local tries=50
    mkdir -p "$1" || return
    export OVS_RUNDIR=$1 OVS_LOGDIR=$1 OVS_DBDIR=$1
    database=unix:$1/db.sock
    ovsdb-tool create "$1/conf.db" "${OVS_SCHEMA:-/usr/share/openvswitch/vswitch.ovsschema}" || return
    ovsdb-server "$1/conf.db" --remote="p$database" --unixctl="$1/db.ctl" -vconsole:off --log-file="$1/db.log" \
        >"$1/db.out.log" 2>&1 &
    echo $! >>"$STATE/pids"
    until [[ -S $1/db.sock ]]; do
        ((--tries > 0)) || return
        sleep 0.1
    done
    ask --no-wait init || return
    [[ -z ${OVS_OTHER_CONFIG:-} ]] || ask --no-wait set Open_vSwitch . "other_config:$OVS_OTHER_CONFIG" || return
    ovs-vswitchd "$database" --unixctl="$1/vs.ctl" -vconsole:off --log-file="$1/vs.log" >"$1/vs.out.log" 2>&1 &
    echo $! >>"$STATE/pids"
}

ask() {
    ovs-vsctl --db="$database" --timeout=20 "$@"
}
