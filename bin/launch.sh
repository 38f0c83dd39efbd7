# shellcheck shell=bash
# Sourced by the programs in bin/: finds a JDK, builds what is out of date, and starts java in the caller's place.
# Sets weft_root, the folder of the checkout.

weft_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lowest_java=17

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Sets java_feature to the feature version (17, 25, ...) of the Java home $1, read from its release file: asking
# java itself costs a tenth of a second at each start.
read_java_feature() {
    local line
    java_feature=0
    [[ -r $1/release ]] || return 1
    while IFS= read -r line; do
        if [[ $line =~ ^JAVA_VERSION=\"(1\.)?([0-9]+) ]]; then
            java_feature=${BASH_REMATCH[2]}
            return 0
        fi
    done <"$1/release"
    return 1
}

# Sets java_home and java_feature: $JAVA_HOME if given, else the java on the PATH if new enough, else the lowest JDK
# in /usr/lib/jvm that is. A JDK, not only a JRE, unless nothing else is there.
find_java() {
    local candidate on_path best=
    if [[ -n ${JAVA_HOME:-} ]]; then
        java_home=$JAVA_HOME
        [[ -x $java_home/bin/java ]] || die "JAVA_HOME=$JAVA_HOME has no bin/java; set it to a JDK ($lowest_java or newer)"
        read_java_feature "$java_home" || die "JAVA_HOME=$JAVA_HOME has no release file that says its version"
        ((java_feature >= lowest_java)) ||
            die "JAVA_HOME=$JAVA_HOME is Java $java_feature; $lowest_java or newer is needed"
        return 0
    fi
    if on_path=$(command -v javac) || on_path=$(command -v java); then
        on_path=$(readlink -f "$on_path")
        java_home=${on_path%/bin/java*}
        if read_java_feature "$java_home" && ((java_feature >= lowest_java)); then
            return 0
        fi
    fi
    for candidate in /usr/lib/jvm/*/; do
        candidate=${candidate%/}
        [[ -x $candidate/bin/javac ]] || continue
        read_java_feature "$candidate" || continue
        if ((java_feature >= lowest_java)) && { [[ -z $best ]] || ((java_feature < best)); }; then
            best=$java_feature
            java_home=$candidate
        fi
    done
    [[ -n $best ]] || return 1
    java_feature=$best
}

# True when module $1 has to be built: its class path file is missing, names a file that is gone, or is older than a
# source, a resource or a pom.
is_stale() {
    local class_path_file=$weft_root/$1/target/classpath entry
    local -a entries inputs=()
    [[ -f $class_path_file ]] || return 0
    IFS=: read -r -a entries <"$class_path_file" || true
    for entry in "${entries[@]}" "$weft_root/$1/target/classes"; do
        [[ -e $entry ]] || return 0
    done
    for entry in "$weft_root"/pom.xml "$weft_root"/*/pom.xml "$weft_root"/*/src/main; do
        # What the other program modules contain is of no concern here.
        case $1:$entry in
            examples:*/benchmarks/* | examples:*/jcstress/*) ;;
            benchmarks:*/examples/* | benchmarks:*/jcstress/*) ;;
            jcstress:*/examples/* | jcstress:*/benchmarks/*) ;;
            *) inputs+=("$entry") ;;
        esac
    done
    [[ -n $(find "${inputs[@]}" -newer "$class_path_file" -print -quit) ]]
}

# Builds module $1 and what it depends on, if it has to be; two callers at a time take turns.
build_if_stale() {
    local module=$1 started status=0
    is_stale "$module" || return 0
    "$weft_root/bin/setup" run || exit
    # Again, for setup may just have added a JDK to what was only a JRE.
    find_java
    mkdir -p "$weft_root/target"
    exec {launch_lock}>"$weft_root/target/launch.lock"
    flock "$launch_lock"
    if is_stale "$module"; then
        printf 'Building Weft (first use, or the sources changed) ...\n' >&2
        started=$weft_root/target/launch.started
        : >"$started"
        (
            cd "$weft_root"
            JAVA_HOME=$java_home mvn -B -q -ntp -Dfast -DskipTests -pl "$module" -am package >&2
        ) </dev/null || status=$?
        ((status == 0)) || die "the build failed (see above)"
        # What is edited while the build runs counts as newer than it.
        touch -r "$started" "$weft_root/$module/target/classpath"
    fi
    exec {launch_lock}>&-
}

# Sets java_command to the java, its switches and the class path of module $1; the main class and its arguments go
# after it.
java_command_of() {
    local module=$1 class_path
    local -a extra=()
    class_path=$(<"$weft_root/$module/target/classpath")
    read -r -a extra <<<"${JAVA_OPTS:-}" || true
    java_command=("$java_home/bin/java")
    # The data path allocates nothing, so the collector that starts fastest and takes no thread will do.
    [[ ${JAVA_OPTS:-} == *-XX:+Use*GC* ]] || java_command+=(-XX:+UseSerialGC)
    # jnr-ffi and Netty load native code, which JDK 24 and later report without this switch.
    ((java_feature < 22)) || java_command+=(--enable-native-access=ALL-UNNAMED)
    java_command+=("${extra[@]}" -cp "$weft_root/$module/target/classes:$class_path")
}

# Becomes the program: launch MODULE MAIN_CLASS ARGUMENT...
launch() {
    local module=$1
    find_java || { "$weft_root/bin/setup" run && find_java; } || die "no JDK $lowest_java or newer found"
    build_if_stale "$module"
    java_command_of "$module"
    exec "${java_command[@]}" "${@:2}"
}
