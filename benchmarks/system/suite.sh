# shellcheck shell=bash disable=SC2154 # bin/bench and launch.sh set weft_root, java_feature and lowest_java
# Sourced by bin/bench, whose `system` this is: what is in each group, the rounds, and the result files.

system=$weft_root/benchmarks/system
tools=$weft_root/benchmarks/target/system-tools
results=$weft_root/benchmarks/results
SECS=${SECS:-3} PINGS=${PINGS:-1500} WARMUP=${WARMUP:-2} PAYLOAD=${PAYLOAD:-64}
RATES=${RATES:-50000 100000 200000 400000} LOAD_PPS=${LOAD_PPS:-50000} AWAKE=${AWAKE:-}

# shellcheck source=benchmarks/system/topology.sh
source "$system/topology.sh"
# shellcheck source=benchmarks/system/measure.sh
source "$system/measure.sh"

known_groups=(tap packet mixed ws vxlan vxlan9000 gre srv6 srv6_9000)

# Sets switches, their title, the hosts' mtu and the underlay's, the tests, and comparisons, "SWITCH REFERENCE" each, where
# SWITCH may be "*" for every other one of the group.
describe_group() {
    mtu=${MTU:-1500} underlay_mtu=1500
    read -r -a tests <<<"${TESTS:-tcp tcpr blast ping pingtcp}"
    case $1 in
        tap)
            title="TAP – switch – TAP"
            switches=(kbridge tapfwd tapfwd_vnet weft weft_plain ovs_tap ovs_tap_tso vde)
            comparisons=("weft kbridge" "weft tapfwd_vnet" "weft_plain tapfwd" "* kbridge")
            ;;
        packet)
            title="veth – AF_PACKET – switch – AF_PACKET – veth"
            switches=(kbridge weft_packet weft_packet_plain)
            comparisons=("weft_packet kbridge" "weft_packet_plain kbridge")
            ;;
        mixed)
            title="A port with offloads and one without; a TAP with offloads and a WebSocket"
            switches=(weft_plain weft_mixed weft_ws_plain weft_ws_mixed)
            comparisons=("weft_mixed weft_plain" "weft_ws_mixed weft_ws_plain")
            ;;
        ws)
            mtu=${MTU:-15000}
            # Small packets only fill the relay's queue.
            read -r -a tests <<<"${TESTS:-tcp tcpr ping pingtcp}"
            title="TAP – WebSocket – TAP, MTU $mtu"
            switches=(pyws weft_ws pyws_tls weft_wss)
            comparisons=("weft_ws pyws" "weft_wss pyws_tls" "* pyws")
            ;;
        vxlan)
            mtu=${MTU:-1450}
            read -r -a tests <<<"${TESTS:-tcp tcpr blast paced ping pingtcp}"
            title="TAP – VXLAN – TAP, underlay MTU $underlay_mtu"
            switches=(kvxlan weft_vxlan weft_vxlan_plain ovs_vxlan tinc n2n openvpn)
            comparisons=("weft_vxlan kvxlan" "weft_vxlan ovs_vxlan" "weft_vxlan_plain ovs_vxlan" "* kvxlan")
            ;;
        vxlan9000)
            underlay_mtu=9000 mtu=${MTU:-8950}
            # Small packets do not know how large others may be.
            read -r -a tests <<<"${TESTS:-tcp tcpr ping pingtcp}"
            title="TAP – VXLAN – TAP, underlay MTU $underlay_mtu"
            switches=(kvxlan weft_vxlan weft_vxlan_plain ovs_vxlan_veth openvpn)
            comparisons=("weft_vxlan kvxlan" "weft_vxlan ovs_vxlan_veth" "weft_vxlan_plain ovs_vxlan_veth" "* kvxlan")
            ;;
        gre)
            mtu=${MTU:-1450}
            read -r -a tests <<<"${TESTS:-tcp tcpr blast paced ping pingtcp}"
            title="TAP – GRE – TAP, underlay MTU $underlay_mtu"
            switches=(ovs_gre weft_gre weft_gre_udp weft_vxlan)
            comparisons=("weft_gre ovs_gre" "weft_gre_udp weft_vxlan" "* ovs_gre")
            ;;
        srv6)
            mtu=${MTU:-1450}
            read -r -a tests <<<"${TESTS:-tcp tcpr blast paced ping pingtcp}"
            title="TAP – SRv6 – TAP, underlay MTU $underlay_mtu"
            switches=(ksrv6_l2 weft_srv6_l2 ksrv6_l3 weft_srv6_l3 ovs_gre)
            comparisons=("weft_srv6_l2 ovs_gre" "weft_srv6_l2 ksrv6_l2" "weft_srv6_l3 ovs_gre" "weft_srv6_l3 ksrv6_l3")
            ;;
        srv6_9000)
            underlay_mtu=9000 mtu=${MTU:-8950}
            # Small packets do not know how large others may be.
            read -r -a tests <<<"${TESTS:-tcp tcpr ping pingtcp}"
            title="TAP – SRv6 – TAP, underlay MTU $underlay_mtu"
            switches=(ksrv6_l2 weft_srv6_l2 ksrv6_l3 weft_srv6_l3)
            comparisons=("weft_srv6_l2 ksrv6_l2" "weft_srv6_l3 ksrv6_l3")
            ;;
    esac
}

# is_among WORD WORD...: whether the first is one of the others.
is_among() {
    local word
    for word in "${@:2}"; do
        [[ $word != "$1" ]] || return 0
    done
    return 1
}

# The script of the switch $1.
script_of() {
    if [[ -e $system/switches/$1.sh ]]; then echo "$system/switches/$1.sh"; else echo "$system/tunnels/$1.sh"; fi
}

# Says why the switch $1 cannot run here, or nothing: its script names the programs and Python modules that it needs.
missing_for() {
    local kind needed
    while read -r kind needed; do
        if [[ $kind == program ]]; then
            command -v "$needed" >/dev/null || echo "$needed is not installed"
        else
            /usr/bin/python3 -c "import $needed" 2>/dev/null || echo "Python has no module $needed"
        fi
    done < <(sed -n -e 's/^# needs python module: /module /p' -e '/^# needs: /{s///;s/[^ ]\+/program &\n/g;p}' \
        "$(script_of "$1")" | grep .) | head -n 1
}

# Sets rounds, groups and chosen from the arguments and from SWITCHES, and looks at TESTS.
read_arguments() {
    local group switch test every=()
    rounds=3 groups=()
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        rounds=$1
        ((rounds > 0)) || die "ROUNDS is '$1'; accepted: 1 or more"
        shift
    fi
    groups=("$@")
    ((${#groups[@]} > 0)) || groups=("${known_groups[@]}")
    for group in "${groups[@]}"; do
        is_among "$group" "${known_groups[@]}" || die "no group '$group'; accepted: ${known_groups[*]}"
        describe_group "$group"
        every+=("${switches[@]}")
    done
    for test in "${tests[@]}"; do
        is_among "$test" "${known_tests[@]}" || die "TESTS names '$test'; accepted: ${known_tests[*]}"
    done
    read -r -a chosen <<<"${SWITCHES:-}"
    for switch in "${chosen[@]}"; do
        is_among "$switch" "${every[@]}" || die "SWITCHES names '$switch'; accepted in ${groups[*]}: ${every[*]}"
    done
}

build_tools() {
    local source
    mkdir -p "$tools"
    for source in "$system"/tools/*.c; do
        gcc -O2 -Wall -pthread -o "$tools/$(basename "$source" .c)" "$source" || die "$source does not compile"
    done
}

# Keeps two runs on one machine from measuring at the same time. The switch, which runs already, does not get the lock.
take_turn() {
    exec {turn}>"${BENCH_LOCK:-${TMPDIR:-/tmp}/bench.lock}"
    until flock -w 1 "$turn"; do :; done
}

# With AWAKE=1 a loop on each CPU, which runs when nothing else wants to: a virtual machine's CPU that halts is given back to
# its host, and every wake-up then waits for a turn (steal_pct), which falls on whoever wakes up most.
stay_awake() {
    local cpu
    awake=()
    [[ $AWAKE == 1 ]] || return 0
    for ((cpu = 0; cpu < $(nproc); cpu++)); do
        chrt -i 0 bash -c 'while :; do :; done' &
        awake+=($!)
    done
}

end_awake() {
    ((${#awake[@]} == 0)) || kill "${awake[@]}" 2>/dev/null || true
    awake=()
}

# One switch in one round: everything is made for it and removed again.
measure_switch() {
    local test
    if ! bring_up "$label"; then
        fail "did not come up in round $round: $(last_words)"
        return
    fi
    take_turn
    say "$group, round $round of $rounds: $label"
    warm_up || fail "was not warmed up in round $round"
    end_loads
    measure_foreign_load
    for test in "${tests[@]}"; do
        measure "$test" || fail "$test failed in round $round${reason:+: $reason}"
    done
    exec {turn}>&-
}

fail() {
    failed=1
    leave_out "$1"
}

# The reader of the table is told, and whoever watches.
leave_out() {
    say "$group: $label: $1"
    printf -- '- %s: %s\n' "$label" "$1" >>"$remarks"
}

run_group() {
    local round label missing present=()
    for label in "${switches[@]}"; do
        ((${#chosen[@]} == 0)) || is_among "$label" "${chosen[@]}" || continue
        missing=$(missing_for "$label")
        if [[ -n $missing ]]; then leave_out "skipped, $missing"; else present+=("$label"); fi
    done
    for ((round = 1; round <= rounds; round++)); do
        for label in "${present[@]}"; do
            measure_switch
            tear_down
        done
    done
}

# What of group $group goes into the Markdown file.
report_group() {
    printf '## %s: %s\n\n' "$group" "$title"
    if [[ -s $raw ]]; then
        awk -f "$system/statistics.awk" -f "$system/table.awk" \
            -v comparisons="$(printf '%s;' "${comparisons[@]}")" "$raw"
    fi
    if [[ -s $remarks ]]; then
        printf 'Left out or failed:\n\n'
        cat "$remarks"
        echo
    fi
    for chart in "$results/$name-$group"-*.svg; do
        [[ ! -e $chart ]] || printf '![%s](%s)\n' "$(basename "$chart" .svg)" "$(basename "$chart")"
    done
    echo
}

bench_system() {
    local program group label said
    read_arguments "$@"
    ((EUID == 0)) || die "making network namespaces and TAP devices needs root: sudo bin/bench system"
    "$weft_root/bin/setup" run
    "$weft_root/bin/setup" bench || echo "Going on with what is there; what it lacks is left out." >&2
    PATH=$PATH:/usr/sbin:/sbin
    for program in ip ss ping iperf3 jq gcc; do
        command -v "$program" >/dev/null || die "$program is missing; bin/setup bench installs it"
    done
    [[ -c /dev/net/tun ]] || die "/dev/net/tun is missing: no TAP devices here"
    find_java || die "no JDK $lowest_java or newer found"
    "$weft_root/bin/weft" --version >/dev/null # builds it before anything is timed
    build_tools
    # What the switches' scripts use.
    export WEFT=$weft_root/bin/weft SYSTEM=$system TOOLS=$tools

    name=system-$(date -u +%Y-%m-%dT%H%M%SZ)-jdk$java_feature
    raw='' failed=0 remarks=$(mktemp) report=$(mktemp)
    mkdir -p "$results"
    # Also when it fails, and with Ctrl-C, after the program in the foreground has ended.
    awake=()
    trap 'end_awake; tear_down; rm -f "$remarks" "$report"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM

    {
        describe_run "Whole switches" "$(command_line "$@")"
        if ((rounds > 1)); then printf 'Medians (lowest..highest) of %s rounds' "$rounds"; else printf 'One round'; fi
        echo " through all switches in turn, after $WARMUP s of warm-up each time; $SECS s a test, $PINGS pings." \
            "\`×\` is the ratio of the median to that of the switch named in the column's head."
        echo
    } >"$report"
    stay_awake
    for group in "${groups[@]}"; do
        describe_group "$group"
        raw=$results/$name-$group.tsv
        : >"$remarks"
        run_group
        if [[ -s $raw ]]; then
            said=$("$system/charts.sh" "$raw" "$results/$name-$group" "$title" 2>&1) ||
                label=charts leave_out "skipped, $said"
        fi
        report_group >>"$report"
    done
    # A run that was broken off leaves only its raw figures.
    cat "$report" >"$results/$name.md"
    cat "$report"
    echo "Written to benchmarks/results/$name.md, .tsv and .svg"
    ((failed == 0)) || die "not everything could be measured; see \"Left out or failed\""
}

# The command with what differs from the defaults, to be run again.
command_line() {
    local knob line=''
    for knob in SWITCHES TESTS MTU WEFT_ARGS AWAKE; do
        [[ -z ${!knob:-} ]] || line+="$knob=\"${!knob}\" "
    done
    line+="SECS=$SECS PINGS=$PINGS WARMUP=$WARMUP bin/bench system"
    echo "$line$( (($# == 0)) || printf ' %s' "$@")"
}
