# percentiles.gp: transit time at each percentile, the axis stretched towards the slowest
# messages: every step to the right is a tenth of them. Reads percentiles.tsv.
# Run: gnuplot percentiles.gp

name = 'percentiles'
heading = 'Transit time of messages by percentile'
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
	tail = 10
	do for [i = 1:series] {
		stats 'percentiles.tsv' index i - 1 using \
			(title_of[i] = strcol(2) . ' (n = ' . count(column(1)) . ')', \
			tail = column(3) > tail ? column(3) : tail, \
			low = column(5) < low ? column(5) : low, \
			high = column(5) > high ? column(5) : high, 0) nooutput
	}
	load 'legend.gp'
	set logscale xy 10
	set yrange [decade_below(low):decade_above(high)]
	set format y '%.0s %cs'
	set ylabel 'transit time'
	set xlabel 'percentile of messages'
	set xrange [1:tail]
	set xtics ('0 %%' 1, '50 %%' 2, '75 %%' 4, '90 %%' 10, '99 %%' 100)
	do for [k = 3:18] {
		if (10.0 ** k <= tail) {
			nines = '99.'
			do for [j = 3:k] { nines = nines . '9' }
			set xtics add (nines . ' %%' 10.0 ** k)
		}
	}
	plot for [i = 1:series] 'percentiles.tsv' index i - 1 \
		using 3:(($5 > 0 ? $5 : 1) * 1e-9) with steps \
		linecolor rgb colour(i) dashtype dashes(i) linewidth 2 title title_of[i]
}
load 'finish.gp'
