#!/usr/bin/env bash
# charts.sh RESULTS.tsv PREFIX TITLE: a bar chart for each test, PREFIX-TEST.svg, of the medians with whiskers from the
# lowest to the highest round; a ping has two panels.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
raw=$1 prefix=$2 title=$3
if ! command -v gnuplot >/dev/null; then
    echo "gnuplot is not installed" >&2
    exit 1
fi
while read -r test; do
    program=$(awk -f "$here/statistics.awk" -f "$here/chart.awk" \
        -v test="$test" -v title="$title" -v file="$prefix-$test.svg" "$raw")
    [[ -z $program ]] || gnuplot <<<"$program"
done < <(awk -F '\t' '!seen[$2]++ { print $2 }' "$raw")
