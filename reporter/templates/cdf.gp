# cdf.gp: how large a share of the messages took at most so long, for each mechanism.
# Reads cdf.tsv. Run: gnuplot cdf.gp

name = 'cdf'
heading = 'Transit time of messages, cumulative'
nothing = 'no messages with a known transit time'
width = 820
height = 440
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	low = 1e20
	high = 1
	array title_of[series]
	do for [i = 1:series] {
		stats 'cdf.tsv' index i - 1 using \
			(title_of[i] = strcol(2) . ' (n = ' . count(column(1)) . ')', \
			low = column(3) < low ? column(3) : low, \
			high = column(3) > high ? column(3) : high, 0) nooutput
	}
	load 'legend.gp'
	set logscale x 10
	set xrange [decade_below(low):decade_above(high)]
	set format x '%.0s %cs'
	set xlabel 'transit time, from the start of the send to the end of the receive'
	set format y '%.0f %%'
	set ylabel 'messages that took at most this long'
	set yrange [0:100]
	plot for [i = 1:series] 'cdf.tsv' index i - 1 \
		using (($3 > 0 ? $3 : 1) * 1e-9):($4 * 100) with steps \
		linecolor rgb colour(i) dashtype dashes(i) linewidth 2 title title_of[i]
}
load 'finish.gp'
