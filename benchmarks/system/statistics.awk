# Reads the lines of measure.sh: switch, test, metric, round, value. Afterwards median, lowest and highest can be asked for
# by switch and key ("test metric"); order has the switches as they came, keys the keys.
BEGIN { FS = "\t" }
{
    key = $2 " " $3
    if (!($1 in seen)) { seen[$1]; order[++switches] = $1 }
    if (!(key in seen_key)) { seen_key[key]; keys[++key_count] = key }
    id = $1 SUBSEP key
    # Kept sorted.
    for (i = ++count[id]; i > 1 && sorted[id, i - 1] > $5 + 0; i--) sorted[id, i] = sorted[id, i - 1]
    sorted[id, i] = $5 + 0
    by_round[id, $4] = $5 + 0
    if ($4 > rounds) rounds = $4 + 0
}
function has(name, key) { return count[name, key] > 0 }
function lowest(name, key) { return sorted[name SUBSEP key, 1] }
function highest(name, key) { return sorted[name SUBSEP key, count[name, key]] }
function median(name, key,    id, n) {
    id = name SUBSEP key
    n = count[id]
    return n % 2 ? sorted[id, (n + 1) / 2] : (sorted[id, n / 2] + sorted[id, n / 2 + 1]) / 2
}
# What a user asks for first; the rest (CPU, losses) stands beside it.
function shown(x) { return sprintf(x >= 100 || x <= -100 ? "%.0f" : x >= 10 || x <= -10 ? "%.1f" : "%.2f", x) }
function is_main(key) { return key ~ /^(tcp|tcpr) gbps$|^(udp|blast|paced[0-9]+k) kpps$|^ping(tcp|udp)? p(50|99)_us$/ }
function unit(key) {
    if (sub(/ gbps$/, ", Gbit/s", key) || sub(/ kpps$/, ", thousand packets/s", key)) return key
    sub(/ p50_us$/, " p50, µs", key)
    sub(/ p99_us$/, " p99, µs", key)
    return key
}
