#!/usr/bin/env bats
# `ipctrace report --html FILE`: the file is written whole or not at all, and a real browser shows
# what the trace holds. The traces are made by trace.mjs, the checks in the browser are in page.mjs.

load driver

setup_file() {
	browser_find
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8
}

# page SCENARIO: the trace NAME.db and its page NAME.html.
page() {
	node "$BATS_TEST_DIRNAME/trace.mjs" "$1" "$1.db"
	"$IPCT_BIN/ipctrace" report --html "$1.html" "$1.db"
}

# browse CHECK SCENARIO
browse() {
	page "$2"
	node "$BATS_TEST_DIRNAME/page.mjs" "$1" "$2" "$2.db" "$2.html"
}

@test "a pipeline's page opens: one file, no message, no request" {
	browse opens pipeline
}

@test "a page of 900 processes opens as quickly and stays small" {
	browse opens multitude
}

@test "the charts are drawn, light and dark" {
	browse draws pipeline
}

@test "the flow graph names both ends of each arrow, with bytes and messages" {
	browse flow pipeline
}

@test "the switches change the charts, by pointer and by keyboard" {
	browse switches pipeline
}

@test "every number in the tables is the database's" {
	browse numbers pipeline
}

@test "all edges of 60 processes stand in the table" {
	browse numbers crowd
}

@test "where the time went: bars, their tooltips and their table hold the database's sums" {
	browse parts pipeline
}

@test "channels whose senders waited: how full they were, over time too" {
	browse pressure held
}

@test "what stands out is said at the head, as text" {
	page held
	sqlite3 held.db "UPDATE object SET name = '<img src=x onerror=window.pwned=1>' WHERE object_id = 1"
	"$IPCT_BIN/ipctrace" report --html held.html held.db
	node "$BATS_TEST_DIRNAME/page.mjs" findings held held.db held.html
}

@test "where nothing stands out nothing is said of it" {
	browse noFindings lossy
}

@test "where nobody waited nothing is said of it" {
	browse noPressure pipeline
}

@test "the timeline zooms and moves, and its table holds the database's numbers" {
	browse timeline lanes
}

@test "a call in the timeline is chosen, and its message followed" {
	browse timelineCalls lanes
}

@test "of a large trace the timeline shows what is around the slowest message, and says so" {
	browse timelineCut busy
}

@test "the timeline of an older file says only what that knows" {
	page lanes
	sqlite3 lanes.db "SELECT 'DROP VIEW ' || name || ';' FROM sqlite_schema WHERE type = 'view'" | sqlite3 lanes.db
	sqlite3 -bail lanes.db <"$BATS_TEST_DIRNAME/../replay/to_format_2.sql" || skip "this sqlite3 drops no column"
	"$IPCT_BIN/ipctrace" report --html lanes.html lanes.db
	node "$BATS_TEST_DIRNAME/page.mjs" timelineOld lanes lanes.db lanes.html
}

@test "without calls there is no timeline" {
	browse noTimeline pipeline
}

@test "the timeline shows the span that the filter asks for" {
	node "$BATS_TEST_DIRNAME/trace.mjs" busy busy.db
	"$IPCT_BIN/ipctrace" report --html busy.html --filter from=2s --filter to=2.1s busy.db
	node "$BATS_TEST_DIRNAME/page.mjs" timelineSpan busy busy.db busy.html
}

@test "an edge opens to the numbers of its parts" {
	browse partsOfEdge pipeline
}

@test "of many edges like ones share a bar, and the largest come first" {
	browse partsOfMany crowd
}

@test "a file without parts has neither bars nor columns of them" {
	page pipeline
	sqlite3 pipeline.db "DELETE FROM edge_part; DELETE FROM call_part"
	"$IPCT_BIN/ipctrace" report --html pipeline.html pipeline.db
	node "$BATS_TEST_DIRNAME/page.mjs" withoutParts pipeline pipeline.db pipeline.html
}

@test "percentiles merged from all edges are right" {
	browse percentiles pipeline
}

@test "where the bytes went: senders, objects and receivers with the database's sums" {
	browse sankey pipeline
}

@test "where the bytes went among many: by program and mechanism, and the rest together" {
	browse sankeyGrouped crowd
	browse sankeyFolded mesh
}

@test "any mechanisms, objects and edges are compared in one chart" {
	browse compare pipeline
}

@test "of many objects and edges the strongest can be compared, and their number is said" {
	browse compareCapped messaging
}

@test "latency over time: every message in its cell" {
	browse heat busy
}

@test "latency over time by mechanism" {
	node "$BATS_TEST_DIRNAME/trace.mjs" busy busy.db
	sqlite3 busy.db "INSERT INTO message_kind(kind_id, object_id, confidence)
			SELECT max(kind_id) + 1, 4, 0 FROM message_kind;
		UPDATE message_row SET kind_id = (SELECT max(kind_id) FROM message_kind) WHERE message_id % 3 = 0"
	"$IPCT_BIN/ipctrace" report --html busy.html busy.db
	node "$BATS_TEST_DIRNAME/page.mjs" heatChoice busy busy.db busy.html
}

@test "of millions of messages latency over time shows some, and says so" {
	node "$BATS_TEST_DIRNAME/trace.mjs" busy busy.db
	sqlite3 busy.db "UPDATE edge SET exact = 5000000 WHERE object_id = 1"
	"$IPCT_BIN/ipctrace" report --html busy.html busy.db
	node "$BATS_TEST_DIRNAME/page.mjs" heatSampled busy busy.db busy.html
}

@test "without messages there is no latency over time" {
	browse noHeat pipeline
}

@test "tables and charts have names, heads and texts, and can be reached" {
	browse accessible held
	browse accessible lanes
	browse accessible every
}

@test "on paper nothing is cut" {
	browse prints every
	browse prints held
}

@test "tables sort and filter" {
	browse tables pipeline
}

@test "nothing in a hostile trace runs, and all of it is shown as text" {
	browse hostile hostile
}

@test "every mechanism is on the page, with the right numbers, and no bytes where none pass" {
	browse every every
}

@test "nothing in the hostile names of a mixed recording runs" {
	browse everyHostile every
}

@test "a switch leaves mechanisms and families out of charts and tables" {
	browse filters every
}

@test "losses and a cut recording are said first, and under each chart" {
	browse losses lossy
}

@test "an empty trace, and one without meta, say so" {
	browse empty empty
	browse empty nothing
}

@test "like processes are one box where there are many, with all their numbers" {
	browse grouped messaging
	browse grouped fan
	browse grouped crowd
}

@test "a switch shows the single processes, and a frame holds what is too large" {
	browse ungrouped messaging2
	browse ungrouped fan
}

@test "arrows are as wide as their bytes, messages or time, and a key says which" {
	browse widths pipeline
}

@test "a group opens on a click, a part at a time, and closes again" {
	browse opensGroups messaging
}

@test "groups and arrows open by keyboard" {
	browse opensByKeyboard messaging
}

@test "processes are grouped by their parent" {
	browse byParent messaging
}

@test "processes are grouped by their control group where the file has one" {
	browse byCgroup cgroups
}

@test "a text leaves out what it does not match, together with the mechanisms" {
	browse searches crowd
}

@test "an arrow opens a panel: figures, parts, histogram and messages are the database's" {
	browse panel busy
}

@test "the panel of an arrow to the outside says what is not known" {
	browse panelWithout pipeline
}

@test "the panel of an arrow between groups sums its edges" {
	browse panelOfGroup messaging
}

@test "nothing in hostile names runs in the panels" {
	browse panelsHostile hostile
	browse panelsHostile every
}

@test "of more than 1000 processes the weak ones are bundled, and the sums stay right" {
	browse grouped swarm
}

@test "chains, rings, loops and outside processes take little room" {
	local shape
	for shape in chain ring self twoway outside; do
		browse single "$shape"
	done
}

@test "processes of many parents are grouped by program" {
	browse parents parents
}

@test "a tangle of 100 processes is shown whole in a bounded frame" {
	browse tangled mesh
}

@test "what is left out of a large trace is said" {
	browse caps multitude
	browse largest programs
}

@test "the page follows the reader's colours, paper and narrow windows" {
	browse adapts pipeline
}

@test "the same trace gives the same bytes" {
	page pipeline
	mv pipeline.html first.html
	"$IPCT_BIN/ipctrace" report --html pipeline.html pipeline.db
	cmp first.html pipeline.html
}

@test "a report that cannot be written leaves the old one and nothing else" {
	page pipeline
	mkdir full
	mount -t tmpfs -o size=64k tmpfs full 2>/dev/null || skip "no right to mount a small file system"
	echo old >full/x.html
	run "$IPCT_BIN/ipctrace" report --html full/x.html pipeline.db
	ls -A full >left
	cat full/x.html >>left
	umount full
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write report 'full/x.html': No space left on device" ]
	[ "$(cat left)" = "x.html"$'\n'"old" ]
}

@test "what is wrong with the report's place is said" {
	page pipeline
	run "$IPCT_BIN/ipctrace" report --html nowhere/x.html pipeline.db
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write report 'nowhere/x.html': No such file or directory" ]
	run "$IPCT_BIN/ipctrace" report --html . pipeline.db
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write report '.': Is a directory" ]
	run "$IPCT_BIN/ipctrace" report --html /dev/full pipeline.db
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write report '/dev/full': No space left on device" ]
}

@test "a link to a report is followed, its mode kept, and a device written to" {
	page pipeline
	mkdir real
	echo old >real/x.html
	chmod 640 real/x.html
	ln -s real/x.html link.html
	"$IPCT_BIN/ipctrace" report --html link.html pipeline.db
	[ -L link.html ]
	cmp pipeline.html real/x.html
	[ "$(stat -c %a real/x.html)" = 640 ]
	[ "$(ls -A real)" = x.html ]
	"$IPCT_BIN/ipctrace" report --html /dev/stdout pipeline.db | cmp - pipeline.html
	(umask 027 && "$IPCT_BIN/ipctrace" report --html new.html pipeline.db)
	[ "$(stat -c %a new.html)" = 640 ]
}
