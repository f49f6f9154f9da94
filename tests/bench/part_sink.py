# SPDX-License-Identifier: BSD-2-Clause
"""Part `sink`: live recordings at full speed, and the replay of a capture: how fast, how much memory, how
many bytes an event."""
import os

from runner import Failed, quoted, say
from workloads import BY_NAME, MESSAGING_CALLS, MESSAGING_GROUPS, mixed

LIVE_CALLS = 5000000


def _stored(runner, measured, trace="trace.db"):
    return {**measured, **runner.ledger(trace), "file_bytes": os.path.getsize(runner.path(trace))}


def _record(runner, argv, *options):
    return runner.measure([runner.ipctrace, "record", "-q", "-o", "trace.db", *options, "--", *argv], 1800)


def _lives(runner, calls):
    """The command of each live workload that can run here, with about so many calls."""
    yield "live, one pipe", [runner.program("bench-call"), "pipe", str(calls)]
    if not BY_NAME["messaging"].missing():
        yield "live, messaging", runner.script("live.sh", "exec " + quoted(
            "perf", "bench", "sched", "messaging", "-g", MESSAGING_GROUPS, "-l", calls // MESSAGING_CALLS))


def _live(runner, options):
    for case, argv in _lives(runner, int(LIVE_CALLS * options.live_scale)):
        say(f"sink: {case}")
        yield case, lambda argv=argv: _stored(runner, _record(runner, argv))


def _replay(runner, options):
    say(f"sink: capture of {options.events} events")
    _record(runner, mixed(runner, options.events), "--capture", "trace.cap")
    runner.remove("trace.db")
    say("sink: replay")
    measured = runner.measure([runner.ipctrace, "replay", "trace.cap", "-o", "trace.db"], 1800)
    return {**_stored(runner, measured), "capture_bytes": os.path.getsize(runner.path("trace.cap"))}


def sink(runner, options):
    for case, run in [*_live(runner, options), ("replay", lambda: _replay(runner, options))]:
        try:
            runner.add("sink", case, "ipctrace", run())
        except Failed as error:
            say(f"{case}: {error}")
            runner.add("sink", case, "ipctrace", {"failed": str(error)})
        runner.remove("trace.db", "trace.cap")
