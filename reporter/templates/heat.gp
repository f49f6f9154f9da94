# heat.gp: when messages were sent, and how long they took: a cell for each span of time and bin of
# the transit, coloured by the number of messages. Reads heat.tsv. Run: gnuplot heat.gp

name = 'heat'
heading = 'Transit time of messages over the time of the recording'
nothing = 'no messages with a known transit time'
width = 900
height = 480
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	low = 1e20
	high = 1
	begin = 1e30
	end = 0
	most = 1
	stats 'heat.tsv' using ( \
		begin = column(1) < begin ? column(1) : begin, end = column(2) > end ? column(2) : end, \
		low = column(3) < low ? column(3) : low, high = column(4) > high ? column(4) : high, \
		most = column(5) > most ? column(5) : most, 0) nooutput
	load 'terminal.gp'
	unset key
	set border 3
	set rmargin at screen 0.87
	set logscale y 10
	set yrange [low * 0.9e-9:high * 1.1e-9]
	set format y '%.0s %cs'
	set ylabel 'transit time (10 bins a decade)'
	end = end > begin ? end : begin + 1
	# One unit for the whole axis
	scale = end < 1e6 ? 1e-3 : end < 1e9 ? 1e-6 : 1e-9
	set xrange [begin * scale:end * scale]
	set format x end < 1e6 ? '%g µs' : end < 1e9 ? '%g ms' : '%g s'
	set xlabel 'when it was sent, from the start of the recording'
	# Cividis, dark for much
	set palette defined (0 '#fee838', 1 '#d3c164', 2 '#a69d75', 3 '#7d7c78', 4 '#575d6d', \
		5 '#31446b', 6 '#00224e')
	set logscale cb 10
	top = 10.0 ** ceil(log10(most) - 1e-9)
	set cbrange [1:top > 10 ? top : 10]
	set format cb '%.0s%c'
	set cblabel 'messages' offset character 1, 0 textcolor rgb ink
	unset mcbtics
	set colorbox user origin screen 0.885, graph 0.3 size screen 0.014, graph 0.7 noborder
	plot 'heat.tsv' using ($1 * scale):($3 * 1e-9):($1 * scale):($2 * scale):($3 * 1e-9): \
		($4 * 1e-9):5 with boxxyerror linecolor palette fillstyle solid noborder notitle
}
load 'finish.gp'
