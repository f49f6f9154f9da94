# calls.gp: how long the calls took, three bars for each mechanism and call.
# Reads calls.tsv. Run: gnuplot calls.gp

name = 'calls'
heading = 'Duration of calls'
nothing = 'no finished calls'
width = 760
height = 460
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	array label_of[series]
	longest = 0
	low = 1e18
	high = 1
	stats 'calls.tsv' using ( \
		label_of[int($0) + 1] = strcol(2) . '  n = ' . count(column(3)), \
		longest = strlen(label_of[int($0) + 1]) > longest ? \
			strlen(label_of[int($0) + 1]) : longest, \
		low = column(4) < low ? column(4) : low, \
		high = column(6) > high ? column(6) : high, 0) nooutput
	width = 480 + 7 * longest > width ? 480 + 7 * longest : width
	height = 150 + (series < 4 ? 46 : 34) * series
	load 'terminal.gp'

	set lmargin longest + 2
	set rmargin 5
	set key at graph 1, graph 1 + 8.0 / (height - 150) right bottom horizontal maxrows 1 reverse Left \
		samplen 2 textcolor rgb ink
	set grid noytics
	set logscale x 10
	# Bars on a log axis have no natural foot: they start at the power of ten below all
	foot = decade_below(low)
	set xrange [foot:decade_above(high)]
	set format x '%.0s %cs'
	set xlabel 'duration of a call, waiting included'
	set yrange [series + 0.5:0.5]
	unset ytics
	do for [i = 1:series] {
		set label i label_of[i] at graph 0, first i offset character -1, 0 right \
			noenhanced textcolor rgb ink
	}
	array shade = ['#9ecae1', '#4292c6', '#08306b']
	array quantile = ['p50', 'p90', 'p99']
	bar = 0.26
	plot for [q = 1:3] 'calls.tsv' \
		using (foot):($1 + (q - 2) * bar):(foot): \
			((column(3 + q) > 1 ? column(3 + q) : 1) * 1e-9): \
			($1 + (q - 2.45) * bar):($1 + (q - 1.55) * bar) \
		with boxxyerror linecolor rgb shade[q] title quantile[q]
}
load 'finish.gp'
