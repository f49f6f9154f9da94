# histogram.gp: how the transit times are spread, for each mechanism, in bins of equal width on
# a log axis. Reads histogram.tsv. Run: gnuplot histogram.gp

name = 'histogram'
heading = 'Transit time of messages'
nothing = 'no messages with a known transit time'
width = 820
height = 440
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	array title_of[series]
	do for [i = 1:series] {
		stats 'histogram.tsv' index i - 1 using \
			(title_of[i] = strcol(2) . ' (n = ' . count(column(1)) . ')', 0) nooutput
	}
	load 'legend.gp'
	set logscale x 10
	set format x '%.0s %cs'
	set xlabel 'transit time, from the start of the send to the end of the receive'
	set format y '%g %%'
	set ylabel 'messages in each bin (10 bins a decade)'
	set yrange [0:*]
	# Areas hide each other where there are many; then the outlines alone
	fill = series <= 3 ? 0.25 : 0
	plot for [i = 1:series] 'histogram.tsv' index i - 1 using ($3 * 1e-9):($6 * 100) \
			with fillsteps fillstyle transparent solid fill noborder \
			linecolor rgb colour(i) notitle, \
		for [i = 1:series] 'histogram.tsv' index i - 1 using ($3 * 1e-9):($6 * 100) \
			with steps linecolor rgb colour(i) dashtype dashes(i) linewidth 2 \
			title title_of[i]
}
load 'finish.gp'
