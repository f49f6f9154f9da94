#!/usr/bin/env bats
# The arithmetic of `./dev bench` and `./dev soak`, on figures that were made up: nothing is measured.

bench=$BATS_TEST_DIRNAME/../bench

setup() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	export PYTHONDONTWRITEBYTECODE=1
	cd "$BATS_TEST_TMPDIR" || return 1
}

# samples: a JSON file of the figures on stdin, a line each: part case tool measure value round.
samples() {
	awk -v busy="${1:-0}" '
		BEGIN {
			printf "{\"machine\": {\"version\": \"v\", \"kernel\": \"k\", \"cpu\": \"c\", \"cpus\": 2, "
			printf "\"memory_bytes\": 1073741824, \"size\": \"quick\", \"rounds\": 3, \"seconds\": 60, "
			printf "\"busy_before\": %s, \"busy_during\": 0, \"stolen\": 0, \"load_start\": [1, 1, 1], ", busy
			printf "\"load_end\": [2, 2, 2]}, \"samples\": ["
		}
		{
			gsub("_", " ", $3)
			value = $5 ~ /^[0-9.]+$/ ? $5 : "\"" $5 "\""
			printf "%s{\"part\": \"%s\", \"case\": \"%s\", \"tool\": \"%s\", \"measure\": \"%s\", \"value\": %s, " \
				"\"round\": %d}", (NR > 1 ? ", " : ""), $1, $2, $3, $4, value, $6
		}
		END { print "]}" }' >samples.json
}

# Three rounds: 100, 110, 90 ns untraced; the floor adds 20, 30, 10; ipctrace 40, 60, 50.
calls() {
	local round=0 untraced
	for untraced in 100 110 90; do
		echo calls pipe untraced ns $untraced $round
		echo calls pipe untraced ns $untraced $round
		echo calls pipe floor ns $((untraced + (round == 0 ? 20 : round == 1 ? 30 : 10))) $round
		echo calls pipe ipctrace ns $((untraced + (round == 0 ? 40 : round == 1 ? 60 : 50))) $round
		echo calls pipe ipctrace lost $round $round
		round=$((round + 1))
	done
}

tables() {
	python3 "$bench/bench.py" --from samples.json "$@"
}

# squeezed FILE: one space between the cells.
squeezed() {
	sed 's/  */ /g; s/^ //' "$1"
}

@test "ratios are those of the rounds, and what is added is compared with the floor" {
	calls | samples
	tables --markdown tables.md --csv samples.csv >text
	squeezed text >lines
	grep -qx 'untraced 100' lines
	grep -qx 'floor 1.20 ×' lines
	grep -qx 'ipctrace 1.55 ×' lines # 1.40 1.55 1.56
	grep -qx 'ipctrace 2.50' lines   # 50 by 20
	grep -qx 'pipe ipctrace 140 140 170 1.55 1.40 1.56 50.0 2.50 3 3' lines
	grep -qx 'added to a pipe call, by what the floor adds at most 2.50 2.50 yes' lines
	grep -qxF '| ipctrace | 2.50 |' tables.md
	[ "$(wc -l <samples.csv)" = 16 ]
}

@test "a floor that cannot be told from noise is compared with nothing" {
	calls | sed 's/pipe floor ns 120/pipe floor ns 99/' | samples
	tables >text
	squeezed text >lines
	grep -qx 'ipctrace 1.55 ×' lines
	grep -qx 'ipctrace -' lines
	run grep -q 'added to a pipe call' lines
	[ "$status" = 1 ]
}

@test "a tool that is not there, or failed, is a row that says so" {
	{
		calls
		echo calls pipe strace_-f failed status 0
	} | samples
	sed -i 's/"samples": \[/&{"part": "calls", "case": "", "tool": "bpftrace", "measure": "missing", "value": "not installed", "round": 0}, /' samples.json
	tables >text
	squeezed text >lines
	grep -qx 'bpftrace not installed' lines
	grep -qx 'strace -f failed' lines
}

@test "CPU time stands for the clock's, and what is not known of it is left out" {
	printf '%s\n' 'start true ipctrace seconds 3 0' 'start true ipctrace cpu_seconds 0.25 0' \
		'start true floor seconds 2 0' | samples
	tables >text
	tables --cpu-time >cpu
	squeezed text | grep -qx 'ipctrace 3.00 s 3.00 s 3.00 s'
	squeezed cpu | grep -qx 'ipctrace 250 ms 250 ms 250 ms'
	squeezed text | grep -qx 'floor 2.00 s 2.00 s 2.00 s'
	squeezed cpu | grep -qx 'floor - - -'
}

@test "events a second, bytes an event, and losses" {
	printf 'sink %s ipctrace %s 0\n' replay 'events 2000000' replay 'seconds 4' replay 'peak_bytes 104857600' \
		replay 'file_bytes 88000000' replay 'lost 7' live 'lost 5' | samples
	tables >text
	squeezed text >lines
	grep -qx 'replay 2,000,000 4.00 s 500,000 100 MiB 44.0 7' lines
	grep -qx 'replay, events a second at least 1,000,000 500,000 NO' lines
	grep -qx 'file, bytes an event at most 45.0 44.0 yes' lines
	grep -qx 'lost at full speed at most 0.00 5.00 NO' lines
}

@test "a busy machine is named beside the figures" {
	calls | samples 0.01
	tables >text
	run grep -q BUSY text
	[ "$status" = 1 ]
	calls | samples 0.5
	tables --markdown tables.md >text
	grep -q 'THE MACHINE WAS BUSY' text
	grep -q 'THE MACHINE WAS BUSY' tables.md
}

@test "wrong parts and numbers" {
	run python3 "$bench/bench.py" no-such-part
	[ "$status" = 2 ]
	[[ $output == *"no part 'no-such-part'"* ]]
	run python3 "$bench/bench.py" --rounds 0
	[ "$status" = 2 ]
}

@test "the soak's judgement of memory" {
	cd "$bench"
	python3 - <<-'PYTHON'
		from soak import is_stable, memory_of
		MIB = 2**20
		sizes = lambda values: [(i, value * MIB) for i, value in enumerate(values)]
		level = memory_of(sizes([10, 50] + 50 * [100, 101]))
		assert (level["first"], level["last"], level["peak"]) == (10 * MIB, 101 * MIB, 101 * MIB)
		assert is_stable(level)
		assert is_stable(memory_of(sizes([300] + 99 * [100])))
		assert not is_stable(memory_of(sizes(range(100, 200))))
		assert not is_stable(memory_of(sizes(80 * [100] + 30 * [200])))
		assert is_stable(memory_of(sizes([100])))
	PYTHON
}
