# wakes.gp: who wakes whom, a cell for each pair of processes coloured by wake-ups.
# Reads wakes.tsv. Run: gnuplot wakes.gp

name = 'wakes'
heading = 'Wake-ups of one process by another'
nothing = 'no wake-ups'
row_name = 'waker'
column_name = 'woken'
is_bytes = 0
load 'matrix.gp'
