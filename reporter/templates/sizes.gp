# sizes.gp: how long messages of which size took: percentiles of the transit for each mechanism.
# Reads sizes.tsv. Run: gnuplot sizes.gp

name = 'sizes'
heading = 'Transit time of messages by size'
nothing = 'no messages with bytes and a known transit time'
width = 820
height = 440
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	low = 1e20
	high = 1
	small = 1e20
	large = 1
	array title_of[series]
	do for [i = 1:series] {
		stats 'sizes.tsv' index i - 1 using \
			(title_of[i] = strcol(2) . ' (n = ' . count(column(1)) . ')', \
			small = column(4) < small ? column(4) : small, \
			large = column(4) > large ? column(4) : large, \
			low = column(6) < low ? column(6) : low, \
			high = column(8) > high ? column(8) : high, 0) nooutput
	}
	load 'legend.gp'
	positive(ns) = (ns > 0 ? ns : 1) * 1e-9
	log2(x) = log(x) / log(2)
	first = floor(log2(small) - 0.2)
	last = ceil(log2(large) + 0.2)
	first = first < 0 ? 0 : first
	step = last - first <= 12 ? 1 : last - first <= 24 ? 2 : 4
	set logscale x 2
	set logscale y 10
	set xrange [2.0 ** first * 0.9:2.0 ** last * 1.1]
	set xtics ()
	do for [k = first:last:step] {
		b = 2.0 ** k
		set xtics add (sprintf('%d %s', b / 1024.0 ** unit_step(b), unit(b)) b)
	}
	unset mxtics
	set yrange [decade_below(low):decade_above(high)]
	set format y '%.0s %cs'
	set ylabel 'transit time'
	set xlabel 'size of the message'
	plot for [i = 1:series] 'sizes.tsv' index i - 1 using 4:(positive($8)) with linespoints \
			linecolor rgb colour(i) dashtype 2 linewidth 1.2 pointtype 6 pointsize 0.5 notitle, \
		for [i = 1:series] 'sizes.tsv' index i - 1 using 4:(positive($7)) with lines \
			linecolor rgb colour(i) linewidth 0.7 notitle, \
		for [i = 1:series] 'sizes.tsv' index i - 1 using 4:(positive($6)) with linespoints \
			linecolor rgb colour(i) linewidth 2 pointtype 7 pointsize 0.6 title title_of[i]
}
load 'finish.gp'
