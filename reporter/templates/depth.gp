# depth.gp: how full channels were over time, and when a sender waited because they were: a lane for each.
# Reads depth.tsv. Run: gnuplot depth.gp

name = 'depth'
heading = 'How full channels were whose senders had to wait'
nothing = 'no sender had to wait'
width = 760
height = 460
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	percent(x) = x > 0 && x < 0.005 ? '<1 %' : sprintf('%.0f %%', 100 * x)
	array label_of[series]
	array object_of[series]
	array text_of[series]
	array full_of[series]
	longest = 0
	widest = 0
	first = 1e300
	last = 0
	stats 'depth.tsv' using (i = int(column(1)), label_of[i] = strcol(2), object_of[i] = strcol(3), \
		text_of[i] = 'holds ' . strcol(4) . ', mean ' . percent(column(5)), \
		full_of[i] = 'full ' . percent(column(6)) . ' of the time', \
		longest = strlen(label_of[i]) > longest ? strlen(label_of[i]) : longest, \
		longest = strlen(object_of[i]) > longest ? strlen(object_of[i]) : longest, \
		widest = strlen(text_of[i]) > widest ? strlen(text_of[i]) : widest, \
		widest = strlen(full_of[i]) > widest ? strlen(full_of[i]) : widest, \
		first = column(7) < first ? column(7) : first, \
		last = column(8) > last ? column(8) : last, 0) nooutput
	width = 480 + 7 * (longest + widest)
	height = 190 + 62 * series
	load 'terminal.gp'

	set lmargin longest + 2
	set rmargin widest + 3
	# The heading, below it the legend in one line, for which a key finds no room
	array shade = ['#2f74c0', '#c23b2e']
	array title_of = ['inside, of what it holds', 'a sender waited for room']
	unset key
	set tmargin 6
	set label 903 heading at screen 0.0, graph 1 offset character 1.1, 3.6
	left = 12
	do for [p = 1:2] {
		set label 200 + p '■' at screen 1.0 * left / width, graph 1 offset character 0, 1.4 left \
			textcolor rgb shade[p] font ',14'
		set label 210 + p title_of[p] at screen (left + 21.0) / width, graph 1 \
			offset character 0, 1.4 left textcolor rgb ink
		left = left + 44 + 6.4 * strlen(title_of[p])
	}
	set border 1
	set grid noytics
	# One unit for all of the axis
	span = last > first ? last - first : 1
	scale = last < 1e6 ? 1e3 : last < 1e9 ? 1e6 : 1e9
	set xrange [first / scale:(first + span) / scale]
	set format x '%g'
	set xlabel 'time since the start of the recording, in ' . \
		(scale == 1e3 ? 'µs' : scale == 1e6 ? 'ms' : 's')
	set yrange [series + 0.55:0.45]
	unset ytics
	# Each lane: its fill from its floor upwards, above that a strip for the waits
	floor_of(i) = i + 0.4
	roof_of(i) = i - 0.3
	do for [i = 1:series] {
		set label 3 * i label_of[i] at graph 0, first i offset character -1, 0.6 right \
			noenhanced textcolor rgb ink
		set label 3 * i + 1 object_of[i] at graph 0, first i offset character -1, -0.6 right \
			noenhanced textcolor rgb faint
		set label 100 + 2 * i text_of[i] at graph 1, first i offset character 1, 0.6 left \
			noenhanced textcolor rgb faint
		set label 101 + 2 * i full_of[i] at graph 1, first i offset character 1, -0.6 left \
			noenhanced textcolor rgb faint
		set object i rectangle from graph 0, first roof_of(i) to graph 1, first floor_of(i) behind \
			fillcolor rgb '#f3f4f6' fillstyle solid noborder
	}
	# A bin full for half of its time has half of the colour
	mix(part, of, on) = int(on + (of - on) * part + 0.5)
	waited(full) = 65536 * mix(full, 194, 255) + 256 * mix(full, 59, 255) + mix(full, 46, 255)
	# Boxes side by side overlap a little, so that no seam shows
	from(start) = start / scale
	to(end) = (end + span / 1000.0) / scale
	plot 'depth.tsv' using (from($7)):(floor_of(int($1))):(from($7)):(to($8)): \
			(floor_of(int($1)) - $9 * (floor_of(int($1)) - roof_of(int($1)))): \
			(floor_of(int($1))) \
			with boxxyerror linecolor rgb shade[1] notitle, \
		'depth.tsv' using (from($7)):(roof_of(int($1)) - 0.06):(from($7)):(to($8)): \
			(roof_of(int($1)) - 0.11):(roof_of(int($1)) - 0.02): \
			($10 > 0 ? waited($10) : 0xffffff) \
			with boxxyerror linecolor rgb variable notitle
}
load 'finish.gp'
