# shellcheck shell=bash disable=SC2154 # suite.sh sets system, mtu and underlay_mtu
# Sourced by suite.sh: the hosts, the switch between them, and its processes. Everything is in network namespaces whose
# names start with $prefix, which is this run's own, so that nothing else is touched.
#
#   a switch:  host1 [T1] -- switch in sw -- [T2] host2
#   a tunnel:  host1 [T1] -- end in u1 ==veth== end in u2 -- [T2] host2

prefix=b$$
host1=${prefix}h1 host2=${prefix}h2 switch_ns=${prefix}sw end1=${prefix}u1 end2=${prefix}u2
device1=${prefix}t1 device2=${prefix}t2
address1=10.77.0.1 address2=10.77.0.2
underlay1=192.168.77.1 underlay2=192.168.77.2

say() {
    printf '%s %s\n' "$(date +%T)" "$*" >&2
}

# Runs a program in a namespace. Where its process id is wanted, in $!, `ip netns exec` is written out instead.
inside() {
    ip netns exec "$@"
}

make_namespaces() {
    local namespace
    for namespace in "$@"; do
        ip netns add "$namespace" || return
        ip -n "$namespace" link set lo up || return
        # Router solicitations and the like are not to be counted as somebody's load.
        inside "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 || return
    done
}

make_underlay() {
    make_namespaces "$end1" "$end2" &&
        ip -n "$end1" link add "${prefix}w1" mtu "$underlay_mtu" type veth \
            peer name "${prefix}w2" netns "$end2" mtu "$underlay_mtu" &&
        ip -n "$end1" addr add "$underlay1/24" dev "${prefix}w1" && ip -n "$end1" link set "${prefix}w1" up &&
        ip -n "$end2" addr add "$underlay2/24" dev "${prefix}w2" && ip -n "$end2" link set "${prefix}w2" up
}

# give_to_host NAMESPACE DEVICE HOST ADDRESS: moves the device that the switch makes; its descriptor stays valid.
give_to_host() {
    local tries=150
    until ip -n "$1" link show "$2" &>/dev/null; do
        ((--tries > 0)) && is_running || return
        sleep 0.1
    done
    ip -n "$1" link set "$2" netns "$3" && ip -n "$3" link set "$2" mtu "$HOST_MTU" &&
        ip -n "$3" addr add "$4/24" dev "$2" && ip -n "$3" link set "$2" up
}

# False once a process that the switch's script recorded has ended.
is_running() {
    local id
    while read -r id; do
        kill -0 "$id" 2>/dev/null || return
    done <"$STATE/pids"
}

wait_until_reached() {
    local tries=30
    until inside "$host1" ping -c 1 -W 0.5 -q "$address2" &>/dev/null; do
        ((--tries > 0)) && is_running || return
    done
}

# bring_up NAME: builds the topology around switches/NAME.sh or tunnels/NAME.sh, until a ping comes through.
bring_up() {
    # STATE is where a switch keeps its process ids, logs and sockets.
    STATE=$(mktemp -d "${TMPDIR:-/tmp}/weft-bench.XXXXXX") || return
    export STATE
    : >"$STATE/pids"
    : >"$STATE/load"
    local script=$system/switches/$1.sh ns1=$switch_ns ns2=$switch_ns overhead
    overhead=$(sed -n 's/^# overhead: //p' "$(script_of "$1")")
    # A tunnel that adds more than the group's others: what the hosts send is to fit into one packet of the underlay, too.
    export HOST_MTU=${MTU:-${overhead:+$((underlay_mtu - overhead))}} UNDERLAY_MTU=$underlay_mtu
    HOST_MTU=${HOST_MTU:-$mtu}
    make_namespaces "$host1" "$host2" || return
    if [[ -e $script ]]; then
        make_namespaces "$switch_ns" && inside "$switch_ns" bash "$script" "$device1" "$device2" || return
    else
        script=$system/tunnels/$1.sh ns1=$end1 ns2=$end2
        make_underlay &&
            inside "$end1" bash "$script" 1 "$device1" "$underlay1" "$underlay2" "${prefix}w1" &&
            inside "$end2" bash "$script" 2 "$device2" "$underlay2" "$underlay1" "${prefix}w2" || return
    fi
    give_to_host "$ns1" "$device1" "$host1" "$address1" && give_to_host "$ns2" "$device2" "$host2" "$address2" &&
        wait_until_reached
}

# The last line that says something in the logs of what did not come up.
last_words() {
    local line
    line=$(find "$STATE" -type f -name '*log*' -exec tail -qn 5 {} + 2>/dev/null | grep -v '^[[:space:]]*$' | tail -n 1)
    echo "${line:-nothing in its logs}"
}

# Ends exactly the processes whose ids were recorded in $STATE: first those that measure, then the switch.
end_processes() {
    local id tries=30 ids=()
    mapfile -t ids < <(cat "$STATE"/load "$STATE"/pids 2>/dev/null)
    ((${#ids[@]} > 0)) || return 0
    kill -TERM "${ids[@]}" 2>/dev/null || true
    while ((tries-- > 0)); do
        for id in "${ids[@]}"; do
            if kill -0 "$id" 2>/dev/null; then
                sleep 0.1
                continue 2
            fi
        done
        return 0
    done
    kill -KILL "${ids[@]}" 2>/dev/null || true
}

tear_down() {
    local namespace
    [[ -n ${STATE:-} ]] || return 0
    end_processes
    for namespace in "$host1" "$host2" "$switch_ns" "$end1" "$end2"; do
        [[ ! -e /run/netns/$namespace ]] || ip netns del "$namespace" || true
    done
    if [[ ${BENCH_KEEP:-0} == 1 ]]; then say "logs kept in $STATE"; else rm -rf "$STATE"; fi
    unset STATE
}
