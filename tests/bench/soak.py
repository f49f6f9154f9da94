# SPDX-License-Identifier: BSD-2-Clause
"""`./dev soak [MINUTES]`: hackbench in a loop inside one recording, and what must hold afterwards: the ledger
balances, the file passes SQLite's integrity check, and the recorder's memory does not grow. Exit status 0 if
all does, 1 if not."""
import argparse
import os
import shutil
import sys
import tempfile
import time
from statistics import median

from runner import Failed, Runner, quoted, say
from tables import Table, mebibytes

SAMPLE_S = 0.5
STARTING_SHARE = 0.25  # of the time, in which buffers and caches may still grow
GROWTH_SHARE, GROWTH_BYTES = 0.10, 16 * 2**20  # what is no growth: noise of the caches, new processes
FREE_BYTES_A_MINUTE = 4 * 2**30  # the file, and what waits to be stored
BENCH_FOLDER = os.path.dirname(os.path.abspath(__file__))


def work():
    """A few seconds of many processes that send to many over sockets."""
    if shutil.which("hackbench"):
        return quoted("hackbench", "-g", 5, "-l", 2000)
    if shutil.which("perf"):
        return quoted("perf", "bench", "sched", "messaging", "-g", 5, "-l", 2000)
    sys.exit("soak: neither hackbench (of rt-tests) nor perf is installed; ./dev bench --install installs both")


def resident_bytes(pid):
    """What a process has in memory; None when it has ended."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") or None
    except (FileNotFoundError, ProcessLookupError):
        return None


def record(runner, minutes):
    """Run the loop for so long inside a recording; returns [(seconds, bytes)] of the recorder's memory from
    its start to its end."""
    argv = runner.script("loop.sh", "end=$(($(date +%s) + " + f"{int(minutes * 60)}))",
                         "while [ $(date +%s) -lt $end ]; do", f"\t{work()} >/dev/null || exit",
                         "\techo >>runs", "done")
    began, sizes = time.monotonic(), []
    process = runner.start([runner.ipctrace, "record", "-q", "-o", "soak.db", "--", *argv])
    try:
        while process.poll() is None:
            size = resident_bytes(process.pid)
            if size:
                sizes.append((time.monotonic() - began, size))
            time.sleep(SAMPLE_S)  # a sampling interval
    except BaseException:
        runner.stop(process)
        raise
    runner.finish(process)
    return sizes


def memory_of(sizes):
    """Of the recorder's samples: first, last and peak, and the medians of the second and the last quarter."""
    values = [size for _, size in sizes]
    quarter = max(1, int(len(values) * STARTING_SHARE))
    return {"first": values[0], "last": values[-1], "peak": max(values),
            "early": median(values[quarter:2 * quarter] or values), "late": median(values[-quarter:])}


def is_stable(memory):
    return memory["late"] <= memory["early"] * (1 + GROWTH_SHARE) + GROWTH_BYTES


def check(runner, sizes):
    """Rows of (what, found, good)."""
    unbalanced, = runner.sql("soak.db", "SELECT count(*) FROM ledger WHERE seen <> stored + lost "
                             "OR reason = 'unaccounted'")
    stored, = runner.sql("soak.db", "SELECT count(*) FROM ops")
    complete, = runner.sql("soak.db", "SELECT value FROM meta WHERE key = 'complete'")
    ledger, memory = runner.ledger("soak.db"), memory_of(sizes)
    integrity, = runner.sql("soak.db", "PRAGMA integrity_check")
    with open(runner.path("runs"), encoding="ascii") as file:
        runs = len(file.readlines())
    yield "runs of the work", f"{runs:,}", runs > 0
    yield "calls stored, by the ledger", f"{ledger['events']:,}", ledger["events"] > 0
    yield "calls in the file", f"{int(stored):,}", int(stored) == ledger["events"]
    yield "calls lost, with a reason", f"{ledger['lost']:,}", True
    yield "rows of the ledger that do not balance", unbalanced, unbalanced == "0"
    yield "recording complete", complete, complete == "1"
    yield "integrity check", integrity, integrity == "ok"
    yield "size of the file", mebibytes(os.path.getsize(runner.path("soak.db"))), True
    yield "recorder's memory: first", mebibytes(memory["first"]), True
    yield "recorder's memory: last", mebibytes(memory["last"]), True
    yield "recorder's memory: peak", mebibytes(memory["peak"]), True
    yield "median of the second quarter", mebibytes(memory["early"]), True
    yield "median of the last quarter", mebibytes(memory["late"]), is_stable(memory)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.split("\n\n")[0])
    parser.add_argument("minutes", nargs="?", type=float, default=10, metavar="MINUTES")
    parser.add_argument("--samples", metavar="FILE", help="the recorder's memory over time: seconds and bytes")
    parser.add_argument("--build", default=os.path.join(BENCH_FOLDER, "../../build"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.minutes <= 0:
        parser.error("MINUTES must be more than 0")
    return options


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="ipctrace-soak-") as folder:
        free = shutil.disk_usage(folder).free
        if free < options.minutes * FREE_BYTES_A_MINUTE:
            say(f"WARNING: {folder} has only {mebibytes(free)} free; TMPDIR names another folder")
        runner = Runner(folder, os.path.abspath(options.build), [])
        try:
            sizes = record(runner, options.minutes)
        except Failed as error:
            sys.exit(f"soak: the recording failed: {error}")
        if options.samples:
            with open(options.samples, "w", encoding="ascii") as file:
                file.writelines(f"{seconds:.1f} {size}\n" for seconds, size in sizes)
        rows = list(check(runner, sizes))
    table = Table("Soak", ["", "", ""], [[what, found, "" if good else "BAD"] for what, found, good in rows])
    print(table.text(), end="")
    return 0 if all(good for _, _, good in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
