# SPDX-License-Identifier: BSD-2-Clause
"""What is run under each tool, and how long one call took in it."""
import os
import shutil
from dataclasses import dataclass
from typing import Callable

from runner import quoted

MESSAGING_GROUPS = 10
MESSAGING_CALLS = MESSAGING_GROUPS * 20 * 20 * 2  # a loop: 20 senders a group send to 20 receivers each


@dataclass(frozen=True)
class Workload:
    """count: how often it does its work in a full run, and `least` under the slowest tool. line(runner, count)
    is the shell's command; times(output, count) reads from its output the nanoseconds that one call or request
    took by the clock (`ns`), and of CPU time (`cpu_ns`) where that is known."""
    name: str
    title: str
    count: int
    least: int
    calls: tuple
    line: Callable
    times: Callable
    alone: bool = False  # a single process
    program: str = "sh"

    def script(self, runner, count):
        """The command that leaves what it measured in the file `result`."""
        return runner.script("workload.sh", f"exec {self.line(runner, count)} >result")

    def result(self, runner, count):
        with open(runner.path("result"), encoding="ascii") as file:
            return self.times(file.read(), count)

    def missing(self):
        return None if shutil.which(self.program) else f"{self.program} is not installed"


def _loop(name, title, count, calls, alone=True):
    return Workload(name, title, count, 2000, calls,
                    lambda runner, n: quoted(runner.program("bench-call"), name, n),
                    lambda output, n: dict(zip(("ns", "cpu_ns"), map(float, output.split()))), alone)


def _messaging(_runner, loops):
    return quoted("perf", "bench", "-f", "simple", "sched", "messaging", "-g", MESSAGING_GROUPS, "-l", loops)


def _redis(_runner, requests):
    return quoted("sh", os.path.join(os.path.dirname(os.path.abspath(__file__)), "redis.sh"), requests)


def _redis_times(output, _requests):
    per_second = output.splitlines()[-1].split(",")[1].strip('"')
    return {"ns": 1e9 / float(per_second)}


WORKLOADS = (
    _loop("pipe", "pipe", 1000000, ("read", "write")),
    _loop("unix", "UNIX stream", 500000, ("sendto", "recvfrom")),
    _loop("tcp", "TCP loopback", 150000, ("sendto", "recvfrom")),
    _loop("mq", "POSIX queue", 600000, ("mq_timedsend", "mq_timedreceive")),
    _loop("pingpong-same", "ping-pong, 1 CPU", 200000, ("read", "write"), alone=False),
    _loop("pingpong-cross", "ping-pong, 2 CPUs", 40000, ("read", "write"), alone=False),
    Workload("messaging", "perf messaging", 50, 1, ("read", "write"), _messaging,
             lambda output, loops: {"ns": float(output) * 1e9 / (MESSAGING_CALLS * loops)}, program="perf"),
    Workload("redis", "redis, UNIX socket", 20000, 500, ("read", "write", "epoll_wait"),
             _redis, _redis_times, program="redis-server"),
)
BY_NAME = {workload.name: workload for workload in WORKLOADS}


def mixed(runner, events):
    """A command that makes about so many calls: half by one thread on a pipe, half by 200 processes."""
    half = events // 2
    loops = max(1, half // (MESSAGING_CALLS // 2))
    second = (quoted("perf", "bench", "sched", "messaging", "-g", MESSAGING_GROUPS // 2, "-l", loops)
              if shutil.which("perf") else quoted(runner.program("bench-call"), "unix", half))
    return runner.script("mixed.sh", quoted(runner.program("bench-call"), "pipe", half), second)
