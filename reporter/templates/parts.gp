# parts.gp: where the transit of messages went, a bar of its four parts for each mechanism, where there
# are several, and for the edges with the largest sums.
# Reads parts.tsv. Run: gnuplot parts.gp

name = 'parts'
heading = 'Where the transit time of messages went'
nothing = 'no messages with a known transit time'
width = 760
height = 460
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	# A time in three digits: 512 ns, 1.50 us, 12.3 ms
	step(ns) = ns < 1 ? 0 : int(floor(log10(ns) / 3 + 1e-9))
	duration(ns) = ns < 1000 ? sprintf('%d ns', ns) : ns < 1e9 ? \
		digits(ns / 1000.0 ** step(ns)) . ' ' . word('ns µs ms', step(ns) + 1) : \
		digits(ns / 1e9) . ' s'
	array label_of[series]
	array text_of[series]
	array place[series]
	longest = 0
	widest = 0
	mechanisms = 0
	# Between mechanisms and edges is a gap
	stats 'parts.tsv' using (i = int($0) + 1, \
		mechanisms = mechanisms + (strcol(2) eq 'mechanism' ? 1 : 0), \
		place[i] = i + (mechanisms > 0 && i > mechanisms ? 0.7 : 0), \
		label_of[i] = strcol(3), \
		text_of[i] = 'mean ' . duration(column(4) > 0 ? column(5) / column(4) : 0) . \
			', n = ' . count(column(4)), \
		longest = strlen(label_of[i]) > longest ? strlen(label_of[i]) : longest, \
		widest = strlen(text_of[i]) > widest ? strlen(text_of[i]) : widest, 0) nooutput
	bottom = place[series] + 0.6
	width = 480 + 7 * (longest + widest)
	height = 190 + int((series < 4 ? 50 : 30) * bottom)
	load 'terminal.gp'

	set lmargin longest + 2
	set rmargin widest + 3
	# The heading, below it the legend in one line, for which a key finds no room
	array shade = ['#2f74c0', '#e6b34a', '#c23b2e', '#3f9a78']
	array title_of = ['in the send call', 'in the object', 'in the run queue', 'in the receive call']
	unset key
	from_top(pixels) = (height - pixels) / (height + 0.0)
	set tmargin at screen from_top(92)
	set label 903 heading at screen 0.0, screen from_top(34) offset character 1.1, 0
	left = 10
	do for [p = 1:4] {
		set object p rectangle from screen (left + 0.0) / width, screen from_top(72) \
			to screen (left + 12.0) / width, screen from_top(60) \
			fillcolor rgb shade[p] fillstyle solid noborder
		set label 200 + p title_of[p] at screen (left + 19.0) / width, screen from_top(66) left \
			textcolor rgb ink
		left = left + 44 + 6.4 * strlen(title_of[p])
	}
	set border 1
	set grid noytics
	set xrange [0:100]
	set format x '%g %%'
	set xlabel 'share of the transit, from the start of the send to the end of the receive'
	set yrange [bottom:0.4]
	unset ytics
	do for [i = 1:series] {
		set label i label_of[i] at graph 0, first place[i] offset character -1, 0 right \
			noenhanced textcolor rgb ink
		set label 100 + i text_of[i] at graph 1, first place[i] offset character 1, 0 left \
			noenhanced textcolor rgb faint
	}
	# What part p takes, and where it begins, in percent: parts are in columns 6 to 9
	positive(x) = x > 0 ? x : 0
	whole(n) = positive(column(6)) + positive(column(7)) + positive(column(8)) + positive(column(9))
	before(p) = (p > 1 ? positive(column(6)) : 0) + (p > 2 ? positive(column(7)) : 0) + \
		(p > 3 ? positive(column(8)) : 0)
	percent(ns) = whole(0) > 0 ? 100.0 * ns / whole(0) : NaN
	plot for [p = 1:4] 'parts.tsv' \
		using (percent(before(p))):(place[int($1)]): \
			(percent(before(p))):(percent(before(p) + positive(column(5 + p)))): \
			(place[int($1)] - 0.34):(place[int($1)] + 0.34) \
		with boxxyerror linecolor rgb shade[p] notitle
}
load 'finish.gp'
