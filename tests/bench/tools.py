# SPDX-License-Identifier: BSD-2-Clause
"""The tracers that are compared: how each runs a command, and which of them are here."""
import shutil
from dataclasses import dataclass
from typing import Callable

TRACE = "trace.db"

# What `ipctrace record` can do beyond its defaults, where it adds work.
EVERYTHING = ["--capture", "trace.cap"]


@dataclass(frozen=True)
class Tool:
    """command(runner, argv, calls, alone) is the command that runs argv under the tool. `calls` are the names
    of the system calls whose latency is of interest; `alone` is true if argv is a single process. `slower`:
    so many times fewer calls are made under it. `peer`: by somebody else, and in every second round only."""
    name: str
    program: str
    command: Callable
    slower: int = 1
    peer: bool = True
    files: tuple = ()


def _record(runner, argv, *options):
    return [runner.ipctrace, "record", "-q", "-o", TRACE, *options, "--", *argv]


def _bpftrace(_runner, argv, calls, alone):
    """A histogram of latency, as its manual and its own tools make it."""
    probes = [",".join(f"tracepoint:syscalls:sys_{edge}_{call}" for call in calls)
              for edge in ("enter", "exit")]
    which = "/pid == cpid/" if alone else ""
    program = (f"{probes[0]} {which} {{ @start[tid] = nsecs; }} "
               f"{probes[1]} /@start[tid]/ {{ @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }}")
    return ["bpftrace", "-o", "bpftrace.txt", "-e", program, "-c",
            " ".join([shutil.which(argv[0]), *argv[1:]])] # it wants a path, and takes words apart by spaces


TOOLS = (
    Tool("untraced", "sh", lambda runner, argv, *_: argv, peer=False),
    Tool("floor", "bench-floor", lambda runner, argv, *_: [runner.program("bench-floor"), *argv], peer=False),
    Tool("ipctrace", "ipctrace", lambda runner, argv, *_: _record(runner, argv), peer=False, files=(TRACE,)),
    Tool("ipctrace, all on", "ipctrace", lambda runner, argv, *_: _record(runner, argv, *EVERYTHING),
         peer=False, files=(TRACE, "trace.cap")),
    Tool("bpftrace", "bpftrace", _bpftrace, files=("bpftrace.txt",)),
    Tool("perf record", "perf", lambda runner, argv, *_:
         ["perf", "record", "-q", "-e", "raw_syscalls:*", "-o", "perf.data", "--", *argv],
         slower=4, files=("perf.data",)),
    Tool("perf trace", "perf", lambda runner, argv, *_: ["perf", "trace", "-o", "perf.txt", "--", *argv],
         slower=50, files=("perf.txt",)),
    Tool("strace -f", "strace", lambda runner, argv, *_: ["strace", "-f", "-o", "strace.txt", *argv],
         slower=200, files=("strace.txt",)),
)
UNTRACED, FLOOR = TOOLS[:2]


def present(runner, tool):
    return shutil.which(tool.program) or shutil.which(runner.program(tool.program))


def in_turn(runner, tools, round_):
    """The tools of a round in their order. Untraced and floor, by which all others are judged, come more
    than once, so that each of the others has one near to it."""
    here = [tool for tool in tools if present(runner, tool) and not (tool.peer and round_ % 2)]
    half = (len(here) + 1) // 2
    return [*here[:half], UNTRACED, FLOOR, *here[half:]]


def note_missing(runner, part, tools):
    """A tool that is not here is a row of the table all the same."""
    for tool in tools:
        if not present(runner, tool):
            runner.add(part, "", tool.name, {"missing": "not installed"})
