# After statistics.awk: the Markdown tables of a group. comparisons: "SWITCH REFERENCE;..." where SWITCH may be "*".
# The head of a column names the reference of its ratios: that of the switch's first comparison.
function reference_of(name,    i, pair) {
    for (i = 1; i <= comparison_count; i++) {
        split(comparison[i], pair, " ")
        if ((pair[1] == name || pair[1] == "*") && pair[2] != name && pair[2] in seen) return pair[2]
    }
    return ""
}
function cell(name, key, reference,    text) {
    if (!has(name, key)) return "–"
    text = shown(median(name, key))
    if (rounds > 1) text = text " (" shown(lowest(name, key)) ".." shown(highest(name, key)) ")"
    if (reference != "" && has(reference, key) && median(reference, key) > 0)
        text = text sprintf(" ×%.2f", median(name, key) / median(reference, key))
    return text
}
function table(main,    i, j, head, line, reference, rows) {
    head = "| |"; line = "|---|"
    for (i = 1; i <= switches; i++) {
        reference[i] = main ? reference_of(order[i]) : ""
        head = head " " order[i] (reference[i] == "" ? "" : " (× " reference[i] ")") " |"
        line = line "---|"
    }
    for (j = 1; j <= key_count; j++) {
        if (is_main(keys[j]) != main) continue
        if (!rows++) print head "\n" line
        printf "| %s |", main ? unit(keys[j]) : keys[j]
        for (i = 1; i <= switches; i++) printf " %s |", cell(order[i], keys[j], reference[i])
        print ""
    }
    if (rows) print ""
    return rows
}
# The ratio of the medians, the lowest and the highest ratio within a round, and for times the difference.
function compared(name, reference, key,    text, round, a, b, ratio, low, high) {
    if (!has(name, key) || !has(reference, key) || median(reference, key) <= 0) return "–"
    text = sprintf("%.2f", median(name, key) / median(reference, key))
    for (round = 1; round <= rounds; round++) {
        a = name SUBSEP key SUBSEP round
        b = reference SUBSEP key SUBSEP round
        if (!(a in by_round) || !(b in by_round) || by_round[b] <= 0) continue
        ratio = by_round[a] / by_round[b]
        if (low == "" || ratio < low) low = ratio
        if (high == "" || ratio > high) high = ratio
    }
    if (rounds > 1 && low != "") text = text sprintf(" (%.2f..%.2f)", low, high)
    if (key ~ /_us$/) text = text sprintf(" %+.1f µs", median(name, key) - median(reference, key))
    return text
}
function comparison_table(    i, j, head, line, pair, rows) {
    head = "| medians' ratio (lowest..highest of a round) |"; line = "|---|"
    for (j = 1; j <= key_count; j++) if (is_main(keys[j])) { head = head " " unit(keys[j]) " |"; line = line "---|" }
    for (i = 1; i <= comparison_count; i++) {
        split(comparison[i], pair, " ")
        if (!(pair[1] in seen) || !(pair[2] in seen)) continue
        if (!rows++) print head "\n" line
        printf "| %s / %s |", pair[1], pair[2]
        for (j = 1; j <= key_count; j++) if (is_main(keys[j])) printf " %s |", compared(pair[1], pair[2], keys[j])
        print ""
    }
    if (rows) print ""
}
END {
    comparison_count = split(comparisons, comparison, ";")
    if (!table(1)) exit
    comparison_table()
    print "Beside it: CPU (percent of one core), losses, other percentiles, and how busy the machine was before.\n"
    table(0)
}
