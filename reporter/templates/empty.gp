# empty.gp: the picture of a plot that has nothing to show.

set label 904 nothing at graph 0.5, graph 0.5 center font ',16' textcolor rgb faint
unset border
unset tics
unset key
plot [0:1] [0:1] 2 notitle
