# After statistics.awk: a gnuplot program that draws the test `test` into the SVG file `file`, a panel for each key.
END {
    for (j = 1; j <= key_count; j++) if (is_main(keys[j]) && index(keys[j], test " ") == 1) panel[++panels] = keys[j]
    if (!panels) exit
    printf("set terminal svg size %d,%d noenhanced font 'sans,13' background '#ffffff'\n", 720 + 360 * (panels - 1),
        110 + 34 * switches)
    printf "set output '%s'\n", file
    for (p = 1; p <= panels; p++) {
        rows[p] = top[p] = 0
        printf "$panel%d << EOD\n", p
        # From the bottom up, so that the first is at the top.
        for (i = switches; i > 0; i--) {
            if (!has(order[i], panel[p])) continue
            key = panel[p]
            if (highest(order[i], key) > top[p]) top[p] = highest(order[i], key)
            print ++rows[p], median(order[i], key), lowest(order[i], key), highest(order[i], key), order[i],
                shown(median(order[i], key))
        }
        print "EOD"
    }
    print "set key off\nset style fill solid 1.0 noborder\nset border 1 lc rgb '#777777'"
    print "set ytics scale 0 nomirror\nset xtics nomirror"
    print "set grid xtics lc rgb '#dddddd' lt 1\nset grid noytics\nset bars 0.6"
    printf "set multiplot layout 1,%d title '%s'\n", panels, title
    for (p = 1; p <= panels; p++) {
        printf("set xlabel '%s'\nset yrange [0.4:%g]\nset xrange [0:%g]\n", unit(panel[p]), rows[p] + 0.6,
            (top[p] > 0 ? top[p] * 1.25 : 1))
        printf "plot $panel%d using 2:1:(0):2:($1-0.32):($1+0.32):ytic(5) with boxxyerror lc rgb '#6f9fd8'", p
        printf ", '' using 2:1:3:4 with xerrorbars pt 0 lw 1.4 lc rgb '#222222'"
        print ", '' using 4:1:6 with labels left offset 0.6,0"
    }
    print "unset multiplot"
}
