# style.gp: what the plots of one trace share: terminal, fonts, colours and captions.
# Loaded by the other scripts, which set `name` and `heading` of the plot, `width` and
# `height` in pixels.
#
# `gnuplot flow.gp` writes flow.svg and flow.png. With -e 'format = "svg"' (or "png") before the
# script's name the picture goes to standard output instead.
#
# Names in a trace can hold anything. They stand only in the .tsv files, are read from there as
# strings, and `noenhanced` keeps markup in them from being acted on.
# Needs gnuplot 5.2 or newer. In the C locale gnuplot warns of a degree sign, which nothing here
# uses.

reset
set encoding utf8
set micro
set datafile separator "\t"
set datafile commentschars "#"

# The caption that belongs to this plot. series: how many curves, bars or cells there are. left_out:
# what it has no room for, or -.
series = 0
caption = ''
losses = ''
left_out = '-'
stats 'captions.tsv' using (strcol(1) eq name ? \
	(series = int(column(2)), caption = strcol(3), losses = strcol(4), left_out = strcol(5), 0) : \
	0) nooutput

to_files = !exists("format")
if (to_files) { format = 'svg' }

# Okabe and Ito's palette, told apart by colour-blind readers too, with grey for its pale yellow;
# dashes when it is used up.
palette_size = 8
colour(i) = word('#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #000000 #8A8A8A', \
	(i - 1) % palette_size + 1)
dashes(i) = (i - 1) / palette_size % 4 + 1
ink = '#222222'
faint = '#666666'

# 1234567 as 1,234,567
count(n) = n < 1000 ? sprintf('%d', n) : \
	count(int(n) / 1000) . sprintf(',%03d', int(n) % 1000)
# Bytes in three digits with a unit: 512 B, 1.50 KiB
digits(x) = sprintf(x >= 99.95 ? '%.0f' : x >= 9.995 ? '%.1f' : '%.2f', x)
unit_step(b) = b < 1 ? 0 : int(floor(log(b) / log(1024) + 1e-9))
unit(b) = word('B KiB MiB GiB TiB PiB EiB', unit_step(b) + 1)
bytes(b) = (b < 1024 ? sprintf('%d', b) : digits(b / 1024.0 ** unit_step(b))) . ' ' . unit(b)
# A count in three digits: 512, 1.50 k, 12.3 M
thousands(n) = n < 1 ? 0 : int(floor(log(n) / log(1000) + 1e-9))
short(n) = n < 1000 ? sprintf('%d', n) : \
	digits(n / 1000.0 ** thousands(n)) . ' ' . word('k M G T P E', thousands(n))
# The powers of ten around a time in ns, in seconds, for the ends of a log axis
decade_below(ns) = 10 ** floor(log10(ns > 1.01 ? ns * 0.999 : 1)) * 1e-9
decade_above(ns) = 10 ** ceil(log10((ns > 1 ? ns : 1) * 1.001)) * 1e-9

set border 3 linecolor rgb faint linewidth 0.8
set tics nomirror out scale 0.6 textcolor rgb ink
set grid xtics ytics linecolor rgb '#dddddd' linewidth 0.6 linetype 1
set style fill solid noborder

lines = left_out eq '-' ? 0 : 1
set label 900 (lines ? left_out : '') at screen 0.0, screen 0.0 offset character 1.5, 0.75 left noenhanced \
	textcolor rgb faint
set label 901 caption at screen 0.0, screen 0.0 offset character 1.5, 1.95 + 1.2 * lines \
	left noenhanced \
	textcolor rgb faint
set label 902 losses at screen 0.0, screen 0.0 offset character 1.5, 0.75 + 1.2 * lines \
	left noenhanced \
	textcolor rgb faint
set label 903 heading at screen 0.0, graph 1 offset character 1.1, 1.6 left font ',14' \
	textcolor rgb ink
set tmargin 4
set bmargin 7 + 1.2 * lines

load 'terminal.gp'
