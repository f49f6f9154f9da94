# finish.gp: the last step of each plot: where it writes files, the same picture again as PNG.

if (to_files) {
	format = 'png'
	load 'terminal.gp'
	replot
	undefine format
}
set output
undefine name
