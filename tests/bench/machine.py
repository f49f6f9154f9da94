# SPDX-License-Identifier: BSD-2-Clause
"""What the machine is, and how busy it was with other things than the benchmark."""
import os
import resource
import time

BUSY_SHARE = 0.05  # of the CPUs; what a quiet system needs is less


def _lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def cpu_model():
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cpu_seconds():
    """What all CPUs have done since boot, and what the hypervisor gave to others, in seconds."""
    fields = [int(n) / os.sysconf("SC_CLK_TCK") for n in _lines("/proc/stat")[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, stolen = fields
    return user + nice + system + irq + softirq, stolen


def _own_seconds():
    """What this process and the children that it has waited for used of that."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in own)


class Watch:
    """How much others used the CPUs, as shares of all of them."""

    def __init__(self):
        self.start = self._now()

    @staticmethod
    def _now():
        return (time.monotonic(), *_cpu_seconds(), _own_seconds())

    def shares(self):
        """Of the time since the start: (used by others, stolen by the hypervisor)."""
        seconds, used, stolen, own = (b - a for a, b in zip(self.start, self._now()))
        whole = seconds * os.cpu_count()
        return max(0, used - own) / whole, stolen / whole


def busy_before(seconds=2):
    """Share of the CPUs that others use, looked at for some seconds."""
    watch = Watch()
    time.sleep(seconds)  # the one thing to measure here is time passing
    return sum(watch.shares())


def describe():
    system = os.uname()
    return {"kernel": f"{system.sysname} {system.release} {system.machine}", "cpu": cpu_model(),
            "cpus": os.cpu_count(), "memory_bytes": memory_bytes()}


def load():
    return [round(average, 2) for average in os.getloadavg()]
