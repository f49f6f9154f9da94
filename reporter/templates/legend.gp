# legend.gp: for plots of curves: makes room on the right for the longest of the titles in
# title_of[], and below it for all of them. The legend covers no curve.

longest = 0
do for [i = 1:series] { longest = strlen(title_of[i]) > longest ? strlen(title_of[i]) : longest }
width = 700 + 6.8 * longest
height = 22 * series + 180 > height ? 22 * series + 180 : height
load 'terminal.gp'
set key outside right top noenhanced reverse Left samplen 2.5 spacing 1.15 maxcols 1 \
	textcolor rgb ink
