# SPDX-License-Identifier: BSD-2-Clause
"""Parts `calls` and `bystander`: what a call costs under each tool, and a call of a process that is not
traced while the tool is at work on another."""
import os
import select

from runner import Failed, say
from tools import TOOLS, in_turn, note_missing
from workloads import BY_NAME, WORKLOADS

READY_S = 60
BYSTANDERS = ("pipe", "unix", "tcp", "mq")


def _traced(runner, workload, tool, scale):
    """Nanoseconds a unit of work, and what the recording lost."""
    count = max(workload.least, int(workload.count * scale) // tool.slower)
    argv = workload.script(runner, count)
    runner.run(tool.command(runner, argv, workload.calls, workload.alone))
    values = workload.result(runner, count)
    if "trace.db" in tool.files:
        values["lost"] = runner.ledger("trace.db")["lost"]
    return values


def calls(runner, options):
    note_missing(runner, "calls", TOOLS)
    for workload in WORKLOADS:
        if workload.missing():
            runner.add("calls", workload.name, "", {"missing": workload.missing()})
    for round_ in range(options.rounds):
        for workload in WORKLOADS:
            if workload.missing():
                continue
            say(f"calls, round {round_ + 1} of {options.rounds}: {workload.title}")
            for tool in in_turn(runner, TOOLS, round_):
                try:
                    values = _traced(runner, workload, tool, options.scale)
                except (Failed, OSError, ValueError) as error:
                    say(f"{tool.name}: {error}")
                    values = {"failed": str(error)}
                runner.add("calls", workload.name, tool.name, values, round_)
                runner.remove(*tool.files)


class Gate:
    """A process that says when it runs, and ends when told to: what the bystander is beside."""

    def __init__(self, runner):
        self.runner = runner
        self.names = [runner.path(name) for name in ("gate-ready", "gate-end")]
        for name in self.names:
            os.mkfifo(name)
        # both ways, so that neither opening waits for the other side
        self.ready, self.end = (os.open(name, os.O_RDWR) for name in self.names)
        self.argv = runner.script("gate.sh", "echo >gate-ready", "read line <gate-end")

    def wait(self, process):
        """Until the process behind the gate runs; Failed if it ends before."""
        with_pid = os.pidfd_open(process.pid)
        try:
            found, _, _ = select.select([self.ready, with_pid], [], [], READY_S)
        finally:
            os.close(with_pid)
        if self.ready not in found:
            self.runner.stop(process)
            raise Failed(self.runner.last_words() or "did not start")
        os.read(self.ready, 100)

    def open(self):
        os.write(self.end, b"\n")

    def close(self):
        for name, fd in zip(self.names, (self.ready, self.end)):
            os.close(fd)
            os.unlink(name)


def _beside(runner, gate, tool, scale, round_):
    """The bystanders' times while the tool traces the gate."""
    process = runner.start(tool.command(runner, gate.argv, ("read", "write"), True))
    gate.wait(process)
    try:
        for name in BYSTANDERS:
            workload = BY_NAME[name]
            count = int(workload.count * scale)
            runner.run(workload.script(runner, count))
            runner.add("bystander", name, tool.name, workload.result(runner, count), round_)
    finally:
        gate.open()
        runner.finish(process)


def bystander(runner, options):
    note_missing(runner, "bystander", TOOLS)
    gate = Gate(runner)
    try:
        for round_ in range(options.rounds):
            say(f"bystander, round {round_ + 1} of {options.rounds}")
            for tool in in_turn(runner, TOOLS, round_):
                try:
                    _beside(runner, gate, tool, options.scale, round_)
                except (Failed, OSError, ValueError) as error:
                    say(f"{tool.name}: {error}")
                    runner.add("bystander", "", tool.name, {"failed": str(error)}, round_)
                runner.remove(*tool.files)
    finally:
        gate.close()
