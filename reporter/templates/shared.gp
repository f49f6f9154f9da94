# shared.gp: who maps what, a cell for each object in memory and process coloured by the mapped bytes.
# What goes through such memory is stores, which no call shows. Reads shared.tsv.
# Run: gnuplot shared.gp

name = 'shared'
heading = 'Memory that each process maps'
nothing = 'nothing was mapped'
row_name = 'object'
column_name = 'process'
is_bytes = 1
load 'matrix.gp'
