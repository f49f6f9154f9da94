# matrix.gp: who with whom, a cell for each pair of processes coloured by a number. Loaded by flow.gp,
# wakes.gp and shared.gp, which set `name`, `heading`, `nothing`, what the rows and columns are called
# (`row_name`, `column_name`), and whether the number is of bytes (`is_bytes`).
# Reads the file `name`.tsv.

width = 760
height = 460
data = name . '.tsv'
load 'style.gp'

if (series == 0) {
	load 'empty.gp'
} else {
	rows = 0
	columns = 0
	low = 1e18
	high = 1
	stats data using ( \
		rows = int(column(1)) > rows ? int(column(1)) : rows, \
		columns = int(column(2)) > columns ? int(column(2)) : columns, \
		low = column(3) < low ? column(3) : low, \
		high = column(3) > high ? column(3) : high, 0) nooutput
	array sender[rows]
	array receiver[columns]
	stats data using \
		(sender[int(column(1))] = strcol(5), receiver[int(column(2))] = strcol(6), 0) nooutput
	left = 0
	below = 0
	do for [i = 1:rows] { left = strlen(sender[i]) > left ? strlen(sender[i]) : left }
	do for [i = 1:columns] { below = strlen(receiver[i]) > below ? strlen(receiver[i]) : below }

	# Everything in pixels, from the number of cells and the longest names
	glyph = 7.2
	upright = columns * (below + 2) * glyph <= 640
	cell_width = upright ? (below + 2) * glyph : (columns <= 16 ? 60 : 26)
	cell_height = rows <= 8 ? 44 : 24
	grid_width = columns * cell_width < 320 ? 320 : columns * cell_width
	grid_height = rows * cell_height < 150 ? 150 : rows * cell_height
	left = left * glyph + 45.0
	right = 110.0
	above = 55.0
	below = (upright ? 24 : below * glyph * 0.71 + 20) + 87.0
	width = left + grid_width + right
	widest = 7 * (strlen(caption) > strlen(losses) ? strlen(caption) : strlen(losses)) + 30
	width = width < widest ? widest : ceil(width)
	height = ceil(above + grid_height + below)
	load 'terminal.gp'
	set lmargin at screen left / width
	set rmargin at screen (width - right) / width
	set bmargin at screen below / height
	set tmargin at screen (height - above) / height

	set border 15
	unset grid
	unset xtics
	unset ytics
	unset key
	set xrange [0.5:columns + 0.5]
	set yrange [rows + 0.5:0.5]
	do for [i = 1:rows] {
		set label i sender[i] at graph 0, first i offset character -0.6, 0 right noenhanced \
			textcolor rgb ink
	}
	do for [i = 1:columns] {
		if (upright) {
			set label 100 + i receiver[i] at first i, graph 0 offset character 0, -0.9 \
				center noenhanced textcolor rgb ink
		} else {
			set label 100 + i receiver[i] at first i, graph 0 offset character 0.3, -0.6 \
				right rotate by 45 noenhanced textcolor rgb ink
		}
	}
	set label 905 row_name at screen 16.0 / width, graph 0.5 center rotate textcolor rgb ink
	set label 906 column_name at graph 0.5, screen 68.0 / height center textcolor rgb ink
	do for [i = 1:rows - 1] {
		set arrow from graph 0, first i + 0.5 to graph 1, first i + 0.5 nohead back \
			linecolor rgb '#e4e4e4' linewidth 0.5
	}
	do for [i = 1:columns - 1] {
		set arrow from first i + 0.5, graph 0 to first i + 0.5, graph 1 nohead back \
			linecolor rgb '#e4e4e4' linewidth 0.5
	}

	# Cividis, dark for much
	set palette defined (0 '#fee838', 1 '#d3c164', 2 '#a69d75', 3 '#7d7c78', 4 '#575d6d', \
		5 '#31446b', 6 '#00224e')
	set logscale cb 2
	# Ends and steps of the scale are powers of two that give at most seven figures
	log2(x) = log(x) / log(2)
	span = log2(high / low)
	step = span <= 6 ? 1 : span <= 12 ? 2 : span <= 30 ? 5 : 10
	foot = step * floor(log2(low) / step)
	top = step * ceil(log2(high) / step)
	# Never less than a factor of 32, or like would look unlike
	foot = top - foot < 5 ? (top > 5 ? top - 5 : 0) : foot
	top = top - foot < 5 ? foot + 5 : top
	set cbrange [2.0 ** foot:2.0 ** top]
	set cbtics ()
	do for [k = foot:top:step] {
		b = 2.0 ** k
		set cbtics add (is_bytes ? sprintf('%d %s', b / 1024.0 ** unit_step(b), unit(b)) : \
			short(b) b)
	}
	unset mcbtics
	bar_height = grid_height < 260 ? grid_height : 260
	set colorbox user origin screen (width - right + 24) / width, \
		screen (height - above - bar_height) / height \
		size screen 14.0 / width, screen 1.0 * bar_height / height noborder
	share(b) = (log2(b) - foot) / (top - foot)
	# Figures in the cells only where they fit
	figures = grid_width / columns >= 60
	figure(b) = !figures ? '' : is_bytes ? bytes(b) : short(b)
	plot data using 2:1:($2 - 0.5):($2 + 0.5):($1 - 0.5):($1 + 0.5):3 \
			with boxxyerror linecolor palette fillstyle solid border rgb 'white' notitle, \
		'' using 2:1:(figure($3)):(share($3) > 0.5 ? 0xffffff : 0x222222) \
			with labels textcolor rgb variable noenhanced notitle
}
load 'finish.gp'
