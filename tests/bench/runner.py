# SPDX-License-Identifier: BSD-2-Clause
"""Runs commands in a folder of the benchmark's own, and keeps what they measured as flat samples.

A sample is {part, case, tool, measure, value, round}. Tables are made of samples alone, so that they can be
made again from a file of them."""
import os
import shlex
import signal
import subprocess
import sys

TIMEOUT_S = 300


class Failed(Exception):
    """A command could not be run, or ended with another status than 0; the text says why."""


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Runner:
    """folder: current folder of all commands. programs: the build folder."""

    def __init__(self, folder, programs, samples):
        self.folder = folder
        self.programs = programs
        self.samples = samples
        self.ipctrace = os.path.join(programs, "ipctrace")

    def program(self, name):
        return os.path.join(self.programs, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, part, case, tool, values, round_=0):
        for measure, value in values.items():
            self.samples.append({"part": part, "case": case, "tool": tool, "measure": measure,
                                 "value": value, "round": round_})

    def script(self, name, *lines):
        """Write lines as a shell script; returns the command that runs it."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return ["sh", name]

    def start(self, command, stdout=subprocess.DEVNULL):
        """Start a command as leader of a session; what it says on stderr is kept for `finish`."""
        with open(self.path("stderr"), "wb") as stderr:
            return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout,
                                    stderr=stderr, start_new_session=True)

    def finish(self, process, timeout_s=TIMEOUT_S):
        """Wait for its end. Raises Failed after the time or with another status than 0."""
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop(process)
            raise Failed(f"more than {timeout_s} s") from None
        except BaseException:
            self.stop(process)
            raise
        if status:
            raise Failed(self.last_words() or f"status {status}")

    @staticmethod
    def stop(process):
        """End a command and all that it started, first in a way that lets it clean up."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass

    def last_words(self):
        with open(self.path("stderr"), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
        return lines[-1] if lines else ""

    def run(self, command, timeout_s=TIMEOUT_S):
        self.finish(self.start(command), timeout_s)

    def measure(self, command, timeout_s=TIMEOUT_S):
        """Run a command; returns {seconds, cpu_seconds, peak_bytes}, with all that it waited for."""
        self.run([self.program("bench-measure"), "measured", *command], timeout_s)
        with open(self.path("measured"), encoding="ascii") as file:
            seconds, cpu_seconds, peak_bytes = file.read().split()
        return {"seconds": float(seconds), "cpu_seconds": float(cpu_seconds), "peak_bytes": int(peak_bytes)}

    def sql(self, trace, query):
        """The first row of a query's result, as strings."""
        out = subprocess.run(["sqlite3", "-readonly", "-separator", "\t", self.path(trace), query],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        return out.splitlines()[0].split("\t")

    def ledger(self, trace):
        """{events, lost}: calls in the file, and those that it counts as lost."""
        stored, lost = self.sql(trace, "SELECT sum(stored), sum(lost) FROM ledger")
        return {"events": int(stored), "lost": int(lost)}

    def remove(self, *names):
        for name in names:
            for end in ("", "-wal", "-shm", ".old"):
                try:
                    os.unlink(self.path(name + end))
                except FileNotFoundError:
                    pass


def quoted(*words):
    return " ".join(shlex.quote(str(word)) for word in words)
