# flow.gp: who sends to whom, a cell for each pair of processes coloured by bytes.
# Reads flow.tsv. Run: gnuplot flow.gp

name = 'flow'
heading = 'Bytes from sender to receiver'
nothing = 'no messages'
row_name = 'sender'
column_name = 'receiver'
is_bytes = 1
load 'matrix.gp'
