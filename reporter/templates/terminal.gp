# terminal.gp: set up gnuplot's terminal for `format` ("svg" or "png"), at twice the size for
# PNG so that it is sharp in print. Loaded by style.gp and finish.gp.

if (format eq 'svg') {
	set terminal svg noenhanced size width, height font 'sans-serif,12' background rgb 'white'
} else {
	if (strstrt(GPVAL_TERMINALS, ' pngcairo ')) {
		set terminal pngcairo noenhanced size 2 * width, 2 * height font 'Sans,9.5' \
			fontscale 2 linewidth 2 pointscale 2 background rgb 'white'
	} else {
		set terminal png noenhanced size width, height
	}
}
if (to_files) { set output name . '.' . format }
