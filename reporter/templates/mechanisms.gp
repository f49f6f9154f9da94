# mechanisms.gp: how much each mechanism was used: a bar for its messages, wake-ups or mappings.
# Reads mechanisms.tsv. Run: gnuplot mechanisms.gp

name = 'mechanisms'
heading = 'Use of each mechanism'
nothing = 'no object was used'
width = 760
height = 460
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	plural(n, one) = count(n) . ' ' . one . (n == 1 ? '' : 's')
	is_kind(i, name) = kind_of[i] eq name
	array label_of[series]
	array kind_of[series]
	array text_of[series]
	array uses_of[series]
	longest = 0
	high = 1
	# What stands behind a bar: how much that was, over how many objects, between how many processes
	stats 'mechanisms.tsv' using (i = int($0) + 1, \
		label_of[i] = strcol(2), kind_of[i] = strcol(3), uses_of[i] = column(4), \
		text_of[i] = plural(column(4), is_kind(i, 'data') ? 'message' : \
			is_kind(i, 'sync') ? 'wake-up' : 'mapping') . \
			(is_kind(i, 'data') && column(4) > 0 ? ', ' . bytes(column(5)) : '') . ' over ' . \
			plural(column(6), 'object') . (column(7) == 0 ? '' : column(7) == 1 ? ', 1 process' : \
			', ' . count(column(7)) . ' processes'), \
		longest = strlen(label_of[i]) > longest ? strlen(label_of[i]) : longest, \
		high = column(4) > high ? column(4) : high, 0) nooutput
	# Room beyond the axis for what stands behind the bars, in characters: these are 60 at most
	foot = 0.5
	top = 10 ** ceil(log10(high) + 0.001)
	place(i) = uses_of[i] > foot ? uses_of[i] : foot
	beyond = 0
	do for [i = 1:series] {
		ends = 60 * log10(place(i) / foot) / log10(top / foot) + strlen(text_of[i]) + 2
		beyond = ends > 60 + beyond ? ends - 60 : beyond
	}
	width = 460 + 7 * (longest + beyond)
	height = 160 + (series < 4 ? 50 : 26) * series
	load 'terminal.gp'

	set lmargin longest + 2
	set rmargin beyond + 2
	unset key
	set grid noytics
	set logscale x 10
	# Bars on a log axis have no natural foot: these begin below one, so that one shows
	set xrange [foot:top]
	set format x '%.0s%c'
	set xlabel 'messages, wake-ups or mappings'
	set yrange [series + 0.5:0.5]
	unset ytics
	do for [i = 1:series] {
		set label i label_of[i] at graph 0, first i offset character -1, 0 right \
			noenhanced textcolor rgb ink
		set label 100 + i text_of[i] at first place(i), first i offset character 1, 0 left \
			noenhanced textcolor rgb faint
	}
	array kinds = ['data', 'sync', 'shared']
	array shade = ['#0072B2', '#D55E00', '#009E73']
	plot for [k = 1:3] 'mechanisms.tsv' \
		using (strcol(3) eq kinds[k] && $4 > foot ? foot : NaN):1:(foot):4: \
			($1 - 0.32):($1 + 0.32) \
		with boxxyerror linecolor rgb shade[k] notitle
}
load 'finish.gp'
