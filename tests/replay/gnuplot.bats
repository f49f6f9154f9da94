#!/usr/bin/env bats
# `ipctrace report --gnuplot DIR`: data, scripts and pictures, from traces whose rows are known.

load trace_file

PLOTS="flow cdf percentiles histogram sizes heat calls mechanisms"

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8
}

report() {
	"$IPCT_BIN/ipctrace" report --gnuplot "$@"
}

need_gnuplot() {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
}

# hist VALUE:COUNT ... : the values (ns, ascending) as the hex digits of a histogram, see
# schemas/hist.h.
hist() {
	printf '%s\n' "$@" | awk -F: '
		function varint(n,   hex) {
			for (; n >= 128; n = int(n / 128))
				hex = hex sprintf("%02x", n % 128 + 128)
			return hex sprintf("%02x", n)
		}
		function bucket(v,   shift) {
			for (shift = 0; v >= 256; shift++)
				v = int(v / 2)
			return 128 * shift + v
		}
		{
			count += $2; sum += $1 * $2; max = $1
			buckets = buckets varint(bucket($1) - before) varint($2)
			before = bucket($1)
		}
		END { print "01" varint(count) varint(sum) varint(max) buckets }'
}

# The pipeline's transit times: 12,000 of 100 ns, 340 of 20 us, 7 of 12 ms.
transit_rows() {
	pipeline_rows
	echo "UPDATE edge SET transit_hist = x'$(hist 100:12000 20000:340 12000000:7)';"
}

# rows PLOT: the lines of a data file without comments.
rows() {
	grep -v '^#' "out/$1.tsv"
}

# same EXPECTED ACTUAL
same() {
	diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# no COMMAND: it must fail, which `!` alone does not check before the end of a test.
no() {
	if "$@"; then
		return 1
	fi
}

well_formed() {
	if command -v xmllint >/dev/null; then
		xmllint --noout "$1"
	else
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1"
	fi
}

# number FILE OFFSET: the 4 bytes there, most significant first.
number() {
	echo $((0x$(od -An -tx1 -j "$2" -N 4 "$1" | tr -d ' \n')))
}

# png_ok FILE: a PNG of a plot's size with more in it than background.
png_ok() {
	local width height bytes

	[ "$(number "$1" 0)" -eq $((0x89504e47)) ]
	width=$(number "$1" 16)
	height=$(number "$1" 20)
	bytes=$(stat -c %s "$1")
	# An empty page takes a byte for 220 pixels, one with a word on it a byte for 60.
	if ((width < 600 || width > 6000 || height < 300 || height > 6000 ||
		bytes * 150 < width * height)); then
		echo "$1: $width x $height, $bytes bytes"
		return 1
	fi
}

pictures_ok() {
	local plot

	for plot in $PLOTS; do
		well_formed "out/$plot.svg"
		png_ok "out/$plot.png"
	done
}

# Every script runs again without a word, and gives the pictures that were there.
scripts_run() {
	local plot said

	for plot in $PLOTS; do
		mv "out/$plot.svg" "$plot.svg.before"
		mv "out/$plot.png" "$plot.png.before"
		said=$(cd out && gnuplot --default-settings "$plot.gp" 2>&1)
		same "" "$said"
		cmp "out/$plot.svg" "$plot.svg.before"
		cmp "out/$plot.png" "$plot.png.before"
	done
}

@test "a pipeline: data, scripts and pictures" {
	need_gnuplot
	transit_rows | trace_file t.db
	run report out t.db
	[ "$status" -eq 0 ]
	[ "$output" = "wrote plots with their scripts and data to 'out'" ]
	same $'1\t1\t126425088\t12347\ttar (1235)\tgzip (1236)' "$(rows flow)"
	same $'1\tpipe\tdata\t12347\t126425088\t1\t2' "$(rows mechanisms)"
	[ ! -e out/wakes.tsv ] && [ ! -e out/wakes.svg ] && [ ! -e out/shared.png ]
	same $'1\tpipe write\t12347\t90000\t400000\t1100000
2\tpipe read\t12350\t40000\t100000\t900000
3\tpipe close\t4\t900\t1200\t1200' "$(rows calls)"
	grep -xF '# n = 12,347 messages, 121 MiB' out/flow.tsv
	grep -xF '# lost: 0 of 24,701 calls seen' out/flow.tsv
	pictures_ok
	scripts_run
	grep -F '>tar (1235)<' out/flow.svg
	grep -F '>pipe (n = 12,347)<' out/cdf.svg
	grep -F '>lost: 0 of 24,701 calls seen<' out/calls.svg
}

@test "transit times: shares, percentiles and bins add up" {
	transit_rows | trace_file t.db
	report out t.db
	same $'12347\tpipe\t100\t0
12347\tpipe\t100\t0.971896007
12347\tpipe\t20095\t0.999433061
12347\tpipe\t12000000\t1' "$(rows cdf)"
	same $'12347\tpipe\t1\t0\t100
12347\tpipe\t35.5821326\t0.971896007\t20031
12347\tpipe\t1763.85714\t0.999433061\t12000000
12347\tpipe\t12347\t0.999919009\t12000000' "$(rows percentiles)"
	# Ten bins a decade from 79 ns to 16 ms, those without a message too.
	[ "$(rows histogram | wc -l)" -eq 53 ]
	[ "$(rows histogram | awk -F'\t' '{ n += $5 } END { print n }')" -eq 12347 ]
	rows histogram | grep -xF $'12347\tpipe\t19952.6\t25118.9\t340\t0.0275370535'
}

@test "two mechanisms are two blocks, edges of one are merged" {
	need_gnuplot
	{
		transit_rows
		cat <<-SQL
			INSERT INTO object VALUES (2, 2, '/f', 1, 1, 0, 9, 65536, 1, 1, 1, 1, 1, 1, 2, 0, 0, NULL, NULL);
			INSERT INTO edge VALUES
				(2, 2, 3, 'data', 3, 30, 2, 0, 1, 9, 1, 1, 1, 1, 1, 1, x'$(hist 700:3)', 0, 0),
				(2, 3, 2, 'data', 4, 40, 4, 0, 0, 9, 1, 1, 1, 1, 1, 1,
					x'$(hist 60:1 900:3)', 0, 0);
		SQL
	} | trace_file t.db
	report out t.db
	same $'7\tfifo\n12347\tpipe' "$(rows cdf | sed '/^$/d' | cut -f 1,2 | uniq)"
	grep -F 'pairing: 12,353 exact, 0 inferred, 1 ambiguous' out/cdf.tsv
	pictures_ok
	scripts_run
	grep -F '>fifo (n = 7)<' out/histogram.svg
}

# Messages over the pipe, with their calls: 1,000 of 2 to 9 bytes of 1 us each, one each millisecond, and in
# the second half of that time 100 of 4096 bytes that take 1 to 100 ms.
message_rows() {
	cat <<-'SQL'
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		INSERT INTO op SELECT 2 * i, 1000000 * i, 500, 0, 2, 1235, 2, 1, 1, 1, 2 + i % 8, 2 + i % 8, NULL, 1, NULL FROM n;
		INSERT INTO op SELECT op_id + 1, ts_ns + 500, 500, 0, 3, 1236, 1, 2, 1, 0, 99, bytes, NULL, 1, NULL FROM op;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
		INSERT INTO op SELECT 5000 + 2 * i, 500000000 + 4000000 * i, 700, 0, 2, 1235, 2, 1, 1, 1, 4096, 4096, NULL, 1,
			NULL FROM n;
		INSERT INTO op SELECT op_id + 1, ts_ns + 1000, 1000000 * (op_id / 2 - 2500) - 1000, 0, 3, 1236, 1, 2, 1, 0,
			4096, 4096, NULL, 1, NULL FROM op WHERE op_id > 5000;
		INSERT INTO message SELECT op_id / 2, 1, op_id, op_id + 1, bytes, 0, NULL, NULL, 0, 0, 0, NULL FROM op
			WHERE op_id % 2 = 0;
		UPDATE edge SET first_ns = 1000000, last_ns = 1000001000;
	SQL
}

@test "transit by size: percentiles of each power of two, at its mean size" {
	need_gnuplot
	{ transit_rows; message_rows; } | trace_file t.db
	report out t.db
	# 2, 3; 4 to 7; 8, 9; 4096: the p99 of 1 to 100 ms is 99 ms.
	same $'1100\tpipe\t2\t2.5\t250\t1000
1100\tpipe\t4\t5.5\t500\t1000
1100\tpipe\t8\t8.5\t250\t1000' "$(rows sizes | head -3 | cut -f 1-5,9)"
	rows sizes | awk -F'\t' '$3 == 4096 { exit !($4 == 4096 && $5 == 100 && $6 > 49.7e6 && $6 < 50.3e6 &&
		$8 > 98.5e6 && $8 < 99.5e6 && $9 == 100e6) }'
	[ "$(rows sizes | wc -l)" -eq 4 ]
	pictures_ok
	scripts_run
	grep -F '>pipe (n = 1,100)<' out/sizes.svg
}

@test "heat map: every message in its cell of time and transit" {
	need_gnuplot
	{ transit_rows; message_rows; } | trace_file t.db
	report out t.db
	[ "$(rows heat | awk -F'\t' '{ n += $5 } END { print n }')" -eq 1100 ]
	# The short ones lie all along, ten or so a column; the long ones in the second half only.
	[ "$(rows heat | awk -F'\t' '$3 < 2000 && $5 >= 9 && $5 <= 11' | wc -l)" -eq 100 ]
	[ "$(rows heat | awk -F'\t' '$3 > 2000 && $2 < 500e6' | wc -l)" -eq 0 ]
	[ "$(rows heat | awk -F'\t' '$3 >= 1e7 * 0.99 { n += $5 } END { print n }')" -eq 91 ]
	png_ok out/heat.png
	grep -F 'n = 1,100 messages and wake-ups' out/heat.tsv
}

@test "no messages: the plots say so" {
	need_gnuplot
	echo "INSERT INTO ledger_entry VALUES ('pipe', 'stored', 0, 0, 0);" | trace_file t.db
	report out t.db
	pictures_ok
	scripts_run
	grep -F '>no messages' out/flow.svg
	grep -F '>no messages' out/cdf.svg
	grep -F '>no messages' out/percentiles.svg
	grep -F '>no messages' out/histogram.svg
	grep -F '>no messages' out/sizes.svg
	grep -F '>no messages' out/heat.svg
	grep -F '>no finished calls' out/calls.svg
	grep -F '>no object was used' out/mechanisms.svg
}

@test "a single message, a call of 0 ns" {
	need_gnuplot
	{
		transit_rows
		cat <<-SQL
			UPDATE edge SET messages = 1, bytes = 1, exact = 1, transit_hist = x'$(hist 0:1)';
			UPDATE call_stat SET count = 1, dur_p50_ns = 0, dur_p90_ns = 0, dur_p99_ns = 0;
		SQL
	} | trace_file t.db
	report out t.db
	pictures_ok
	scripts_run
	grep -xF '# n = 1 message, 1 B' out/flow.tsv
}

@test "what was lost stands on every plot" {
	need_gnuplot
	{
		transit_rows
		echo "INSERT INTO ledger_entry VALUES ('pipe', 'ring_full', 17, 0, 17),
			('unknown', 'compat', 1, 0, 1);"
	} | trace_file t.db
	report out t.db
	for plot in $PLOTS; do
		grep -F '>lost: 18 of 24,719 calls seen (ring_full 17, compat 1)<' "out/$plot.svg"
	done
}

@test "a recording without its ledger is not called lossless" {
	transit_rows | sed '/ledger_entry/d' | trace_file t.db
	report out t.db
	grep -F 'lost: unknown' out/flow.tsv
}

# 46 pairs from process 1, of 2,000 to 47,000 bytes.
fan_rows() {
	for i in $(seq 1 47); do
		echo "INSERT INTO process (process_id, pid, comm, traced)
			VALUES ($i, 1000 + $i, 'a-long-name-$i', 1);"
		[ "$i" -eq 1 ] || echo "
			INSERT INTO object (object_id, mechanism_id, sends, sent_bytes, recvs,
				received_bytes, messages, paired_bytes, processes, outside)
				VALUES ($i, 1, 1, 1, 1, 1, 1, 1, 2, 0);
			INSERT INTO edge (object_id, sender_id, receiver_id, kind, messages, bytes,
				exact, inferred, ambiguous)
				VALUES ($i, 1, $i, 'data', 1, 1000 * $i, 1, 0, 0);"
	done
}

@test "more than 40 processes: the busiest, and it says so" {
	need_gnuplot
	fan_rows | trace_file t.db
	report out t.db
	[ "$(rows flow | wc -l)" -eq 39 ]
	rows flow | grep -xF $'1\t1\t9000\t1\ta-long-name-1 (1001)\ta-long-name-9 (1009)'
	grep -F 'the top 40 of 47 processes by bytes, 96% of all bytes' out/flow.tsv
	pictures_ok
	scripts_run
}

@test "an end that is not traced has a star" {
	need_gnuplot
	{
		transit_rows
		echo "UPDATE process SET traced = 0, comm = NULL, pid = NULL WHERE process_id = 3;"
	} | trace_file t.db
	report out t.db
	same $'1\t1\t126425088\t12347\ttar (1235)\tnot traced*' "$(rows flow)"
	grep -F '; * not traced' out/flow.tsv
	pictures_ok
}

# 12 mechanisms with 1,001 to 1,012 messages.
many_rows() {
	pipeline_rows
	for i in $(seq 1 12); do
		cat <<-SQL
			INSERT OR REPLACE INTO mechanism VALUES ($i, 'mech_$i', 'x', 'x', 'x', 'x');
			INSERT INTO object VALUES (10 + $i, $i, 'x', 1, 1, 0, 9, 9, 1, 1, 1, 1, 1, 1, 2, 0, 0, NULL, NULL);
			INSERT INTO edge VALUES (10 + $i, 2, 3, 'data', 1000 + $i, 30, 3, 0, 0, 9, 1, 1, 1, 1, 1, 1,
				x'$(hist "$((i * 1000)):$((1000 + i))")', 0, 0);
		SQL
	done
}

@test "of many mechanisms those with the most messages have curves, the others are named" {
	need_gnuplot
	many_rows | trace_file t.db
	report out t.db
	for plot in cdf percentiles histogram; do
		same 8 "$(rows "$plot" | sed '/^$/d' | cut -f 2 | sort -u | wc -l)"
		grep -xF '# not shown, with fewer messages: mech_4 1,004, mech_3 1,003, mech_2 1,002, mech_1 1,001' \
			"out/$plot.tsv"
		grep -F '>not shown, with fewer messages: mech_4 1,004,' "out/$plot.svg"
		grep -F '>mech_12 (n = 1,012)<' "out/$plot.svg"
		no grep -F '>mech_4 (n = ' "out/$plot.svg"
	done
	for plot in mechanisms flow calls; do
		no grep -F 'not shown' "out/$plot.svg"
	done
	pictures_ok
	scripts_run
}

# Names that gnuplot would run, expand, take for markup or fail on.
hostile_names() {
	cat <<-'END'
		`touch pwned`
		"`touch pwned`"
		'; system 'touch pwned
		"; system "touch pwned"
		$(touch pwned)
		@a{/=40 b}_c^d
		%s%n%d%%
		\n\101\"\\
		]]><!--<&>"'
		#comment
		NaN
		1e5
		日本 😀
	END
}

hostile_rows() {
	local i=10 name

	transit_rows
	while IFS= read -r name; do
		name=${name//\'/\'\'}
		cat <<-SQL
			INSERT INTO process (process_id, pid, comm, traced) VALUES ($i, $i, '$name', 1);
			INSERT INTO mechanism VALUES ($i, '$name', '$name', 'x', 'x', 'x');
			INSERT INTO syscall VALUES ($i, '$name');
			INSERT INTO call_stat VALUES ($i, 1, $i, 1, 0, 1, 5, 5, 5, 5, 5, 0, NULL, 0);
			INSERT INTO ledger_entry VALUES ('m', '$name', $i, 0, $i);
			INSERT INTO object VALUES ($i, $i, 'x', 1, 1, 0, 9, 9, 1, 1, 1, 1, 1, 1, 2, 0, 0, NULL, NULL);
			INSERT INTO edge VALUES ($i, $i, 2, 'data', 3, 30, 3, 0, 0, 9, 1, 1, 1, 1, 1, 1,
				x'$(hist 700:3)', 0, 0);
		SQL
		i=$((i + 1))
	done < <(hostile_names)
	echo "UPDATE process SET comm = char(27) || ']0;x' || char(7, 10, 9, 13, 8238)
		|| CAST(x'ff' AS TEXT) WHERE process_id = 2;"
}

@test "hostile names are text and never code" {
	need_gnuplot
	hostile_rows | trace_file t.db
	report out t.db
	pictures_ok
	scripts_run
	[ -z "$(find . -name 'pwned*')" ]
	# The scripts are as they always are, and no byte in the data could act.
	for file in out/*.gp; do
		cmp "$file" "$SOURCE_DIR/reporter/templates/${file#out/}"
	done
	no grep -P '[\x00-\x08\x0b-\x1f\x7f"]' out/*.tsv
	for file in out/*.tsv; do
		iconv -f UTF-8 -t UTF-8 "$file" >/dev/null
	done
	[ "$(rows flow | wc -l)" -eq 14 ]
	[ "$(rows flow | awk -F'\t' 'NF != 6' | wc -l)" -eq 0 ]
	# What a reader sees, as XML has it.
	# shellcheck disable=SC2016
	grep -F '>`touch pwned` (10)<' out/flow.svg
	grep -F '>@a{/=40 b}_c^d (15)<' out/flow.svg
	grep -F '>%s%n%d%% (16)<' out/flow.svg
	grep -F ">\\n\\101\\'\\\\ (17)<" out/flow.svg
	grep -F '>#comment (n = 3)<' out/cdf.svg
	grep -F '>NaN<' out/mechanisms.svg
}

# What `report --gnuplot` does where gnuplot is not in PATH.
without_gnuplot() {
	mkdir -p none
	PATH=$PWD/none "$IPCT_BIN/ipctrace" report --gnuplot "$@"
}

@test "without gnuplot: scripts, data, a hint and exit 0" {
	transit_rows | trace_file t.db
	run without_gnuplot out t.db
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *"gnuplot is not installed" ]]
	[[ ${lines[1]} == "  hint: install gnuplot-nox, then run there: gnuplot flow.gp "* ]]
	[ -s out/flow.gp ]
	[ -s out/style.gp ]
	[ -s out/flow.tsv ]
	[ ! -e out/flow.svg ]
}

@test "the hint's command makes all pictures" {
	need_gnuplot
	transit_rows | trace_file t.db
	hint=$(without_gnuplot out t.db 2>&1 | sed -n 's/.*run there: //p')
	said=$(cd out && $hint 2>&1)
	same "" "$said"
	pictures_ok
}

@test "a gnuplot in the folder itself is never run" {
	transit_rows | trace_file t.db
	mkdir out
	printf '#!/bin/sh\ntouch %s/pwned\n' "$PWD" >out/gnuplot
	chmod +x out/gnuplot
	cp out/gnuplot gnuplot
	run env PATH=".::$PWD/none" "$IPCT_BIN/ipctrace" report --gnuplot out t.db
	[ "$status" -eq 0 ]
	[ ! -e pwned ]
}

# fake_gnuplot COMMANDS DIR FILE: report with a gnuplot that does this.
fake_gnuplot() {
	mkdir -p fake
	printf '#!/bin/sh\n%s\n' "$1" >fake/gnuplot
	chmod +x fake/gnuplot
	PATH="$PWD/fake:$PATH" "$IPCT_BIN/ipctrace" report --gnuplot "$2" "$3"
}

@test "a gnuplot that fails: its words, exit 1, no broken picture" {
	transit_rows | trace_file t.db
	run fake_gnuplot 'echo half; printf "line 3: bad \033[31mthing\n" >&2; exit 2' out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot render plot 'out/flow.svg': gnuplot ended with status 2" "${lines[0]}"
	same '  gnuplot: line 3: bad \e[31mthing' "${lines[1]}"
	[ ! -e out/flow.svg ]
	[ -s out/flow.tsv ]
}

@test "a gnuplot that crashes: exit 1" {
	transit_rows | trace_file t.db
	run fake_gnuplot 'kill -SEGV $$' out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot render plot 'out/flow.svg': gnuplot was ended by signal 11" \
		"${lines[0]}"
}

@test "a gnuplot that hangs is ended with its children" {
	transit_rows | trace_file t.db
	run fake_gnuplot 'sleep 3456 & echo $! >../child; wait' out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot render plot 'out/flow.svg': gnuplot took longer than 30 s" \
		"${lines[0]}"
	[ -s child ]
	# Gone, or a zombie that its new parent has not waited for yet.
	no grep -q '^State:[[:space:]]*[A-Y]' "/proc/$(cat child)/status"
}

@test "a folder that cannot be made or used: exit 1" {
	transit_rows | trace_file t.db
	run report no/such/out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot use folder 'no/such/out' for plots: No such file or directory" "$output"
	: >file
	run report file t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot use folder 'file' for plots: Not a directory" "$output"
}

@test "a folder that cannot be written: exit 1" {
	transit_rows | trace_file t.db
	# Nobody makes files there, not even root.
	run report /proc/self t.db
	[ "$status" -eq 1 ]
	[[ $output == "ipctrace: cannot write plot '/proc/self/style.gp': "* ]]
}

@test "a full disk: which file, exit 1" {
	transit_rows | trace_file t.db
	# A limit stands for the disk: files above 1 KiB cannot be written.
	run bash -c 'trap "" XFSZ; ulimit -f 1; "$IPCT_BIN/ipctrace" report --gnuplot out t.db'
	[ "$status" -eq 1 ]
	same "ipctrace: cannot write plot 'out/style.gp': File too large" "$output"
}

@test "a disk that gets full while a picture is made: exit 1, no broken picture" {
	transit_rows | trace_file t.db
	fills_up() {
		trap "" XFSZ
		ulimit -f 64
		fake_gnuplot 'yes' "$@"
	}
	run fills_up out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot write plot 'out/flow.svg': File too large" "$output"
	[ ! -e out/flow.svg ]
}

@test "links and pipes in the folder are not written through" {
	transit_rows | trace_file t.db
	for name in flow.tsv captions.tsv style.gp; do
		rm -rf out
		mkdir out
		echo precious >target
		ln -s ../target "out/$name"
		run report out t.db
		[ "$status" -eq 1 ]
		same "ipctrace: cannot write plot 'out/$name': Too many levels of symbolic links" \
			"${lines[0]}"
		[ "$(cat target)" = precious ]
	done
	rm -rf out
	mkdir out
	mkfifo out/flow.tsv
	run timeout 20 "$IPCT_BIN/ipctrace" report --gnuplot out t.db
	[ "$status" -eq 1 ]
	[[ $output == "ipctrace: cannot write plot 'out/flow.tsv': "* ]]
}

@test "a link in the place of a picture is not written through" {
	need_gnuplot
	transit_rows | trace_file t.db
	mkdir out
	echo precious >target
	ln -s ../target out/flow.svg
	run report out t.db
	[ "$status" -eq 1 ]
	[ "$(cat target)" = precious ]
}

@test "a damaged histogram: exit 1, no plot of it" {
	{
		transit_rows
		echo "UPDATE edge SET transit_hist = x'0102030405';"
	} | trace_file t.db
	run report out t.db
	[ "$status" -eq 1 ]
	same "ipctrace: cannot read the trace's transit times: a histogram is damaged" "$output"
	[ ! -e out/cdf.tsv ]
}

@test "the locale and the terminal's variables make no difference" {
	need_gnuplot
	hostile_rows | trace_file t.db
	report out t.db
	mv out first
	env -i PATH="$PATH" "$IPCT_BIN/ipctrace" report --gnuplot out t.db
	diff -r out first
}

@test "a second report into the same folder replaces the first" {
	need_gnuplot
	fan_rows | trace_file fan.db
	transit_rows | trace_file t.db
	report out t.db
	cp -r out first
	report out fan.db
	no cmp out/flow.svg first/flow.svg
	report out t.db
	diff -r out first
}
