# SPDX-License-Identifier: BSD-2-Clause
"""Tables made of samples: medians, spread, ratios to untraced, and multiples of what the floor adds."""
from dataclasses import dataclass, field
from statistics import median

from tools import TOOLS
from workloads import BY_NAME, WORKLOADS

TOOL_NAMES = [tool.name for tool in TOOLS]
NONE = "-"


@dataclass
class Table:
    """Rows of text; the first `left` columns are aligned to the left, numbers to the right."""
    title: str
    columns: list
    rows: list = field(default_factory=list)
    left: int = 1
    note: str = ""

    def text(self):
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows)]
        lines = [self.title.upper() + (f"  {self.note}" if self.note else "")]
        for row in [self.columns, *self.rows]:
            cells = (cell.ljust(width) if i < self.left else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(row, widths)))
            lines.append(("  " + "  ".join(cells)).rstrip())
        return "\n".join(lines) + "\n"

    def markdown(self):
        rule = ["---" if i < self.left else "---:" for i in range(len(self.columns))]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
                 for row in [self.columns, rule, *self.rows]]
        note = f"{self.note[0].upper()}{self.note[1:]}.\n\n" if self.note else ""
        return f"### {self.title}\n\n{note}" + "\n".join(lines) + "\n"


def digits(value):
    """Three digits that count, and commas."""
    if abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def times(value):
    return f"{digits(value)} ×"


def mebibytes(value):
    return f"{value / 2**20:,.0f} MiB"


def seconds(value):
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{digits(value)} s"


class Samples:
    """What was measured, by (part, case, tool, measure): a list of (round, value). With cpu_time the CPU time
    stands for that of the clock, which is left out."""

    def __init__(self, samples, cpu_time=False):
        names = {"cpu_ns": "ns", "cpu_seconds": "seconds"} if cpu_time else {}
        self.by_key = {}
        for s in samples:
            if s["measure"] in names.values():
                continue  # what stands for it has its name
            key = (s["part"], s["case"], s["tool"], names.get(s["measure"], s["measure"]))
            self.by_key.setdefault(key, []).append((s["round"], s["value"]))

    def values(self, *key):
        return [value for _, value in self.by_key.get(key, [])]

    def median(self, *key):
        values = self.values(*key)
        return median(values) if values else None

    def cases(self, part):
        return list(dict.fromkeys(case for p, case, _, _ in self.by_key if p == part and case))

    def rounds(self, *key):
        """{round: median of its values}"""
        rounds = {}
        for round_, value in self.by_key.get(key, []):
            rounds.setdefault(round_, []).append(value)
        return {round_: median(values) for round_, values in rounds.items()}

    def against(self, part, case, tool, base, how):
        """how(tool, base) of each round that has both."""
        bases = self.rounds(part, case, base, "ns")
        return [how(value, bases[round_])
                for round_, value in self.rounds(part, case, tool, "ns").items() if round_ in bases]

    def ratios(self, part, case, tool):
        return self.against(part, case, tool, "untraced", lambda a, b: a / b)

    def added_ns(self, part, case, tool):
        return self.against(part, case, tool, "untraced", lambda a, b: a - b)

    def floors(self, part, case, tool):
        """What a tool adds as a multiple of what the floor adds; None where the floor's cost cannot be told
        from noise, because in a round it was none."""
        floor, tool = (self.added_ns(part, case, name) for name in ("floor", tool))
        if not floor or not tool or min(floor) <= 0:
            return None
        return median(tool) / median(floor)

    def why_missing(self, part, case, tool):
        for key in ((part, "", tool, "missing"), (part, case, "", "missing"), (part, case, tool, "failed"),
                    (part, "", tool, "failed")):
            if self.values(*key):
                return self.values(*key)[0] if key[3] == "missing" else "failed"
        return NONE


def _matrix(samples, part, title, note, cell, names):
    """A row for each tool, a column for each workload."""
    cases = [w for w in WORKLOADS if w.name in samples.cases(part)]
    table = Table(title, [""] + [w.title for w in cases], note=note)
    for tool in names:
        table.rows.append([tool] + [cell(w.name, tool) or samples.why_missing(part, w.name, tool)
                                    for w in cases])
    return table


def _part_matrices(samples, part, what):
    def untraced(case, _tool):
        ns = samples.median(part, case, "untraced", "ns")
        return ns and digits(ns)

    def ratio(case, tool):
        ratios = samples.ratios(part, case, tool)
        return ratios and times(median(ratios))

    def floor(case, tool):
        floors = samples.floors(part, case, tool)
        return floors and digits(floors)

    first = _matrix(samples, part, f"{what}: times as long as untraced",
                    "untraced in nanoseconds a call or request", ratio, TOOL_NAMES[1:])
    first.rows.insert(0, _matrix(samples, part, "", "", untraced, TOOL_NAMES[:1]).rows[0])
    yield first
    yield _matrix(samples, part, f"{what}: added, by what the floor adds",
                  f"{NONE}: the floor's cost was not to be told from noise", floor, TOOL_NAMES[1:])


def _details(samples, part, what):
    table = Table(f"{what}: all figures", ["", "", "ns", "least", "most", "ratio", "least", "most", "added ns",
                                           "by floor", "rounds", "lost"],
                  left=2, note="medians of the rounds, with the least and the most")
    for case in samples.cases(part):
        for tool in TOOL_NAMES:
            ns, ratios = samples.values(part, case, tool, "ns"), samples.ratios(part, case, tool)
            if not ns or not ratios:
                continue
            floor = samples.floors(part, case, tool)
            lost = samples.values(part, case, tool, "lost")
            table.rows.append([
                BY_NAME[case].title, tool, digits(median(ns)), digits(min(ns)), digits(max(ns)),
                digits(median(ratios)), digits(min(ratios)), digits(max(ratios)),
                digits(median(samples.added_ns(part, case, tool))), NONE if floor is None else digits(floor),
                str(len(ratios)), f"{sum(lost):,}" if lost else NONE])
    return table


def _calls_tables(samples, part, what):
    if not any(samples.ratios(part, case, "floor") for case in samples.cases(part)):
        return
    yield from _part_matrices(samples, part, what)
    yield _details(samples, part, what)


def _start_table(samples):
    table = Table("Start and end: true", ["", "time", "least", "most"],
                  note="from the command line to the end of the tool")
    for tool in TOOL_NAMES:
        values = samples.values("start", "true", tool, "seconds")
        table.rows.append([tool, *map(seconds, (median(values), min(values), max(values)))] if values else
                          [tool, samples.why_missing("start", "true", tool), NONE, NONE])
    return table


def _sink_table(samples):
    table = Table("From ring or capture to finished file", [
        "", "events", "time", "events/s", "peak memory", "file, bytes an event", "lost"],
        note="live times are those of the workload and of all that comes after")
    for case in samples.cases("sink"):
        get = lambda measure, case=case: samples.median("sink", case, "ipctrace", measure)
        events = get("events")
        if not events:
            table.rows.append([case, samples.why_missing("sink", case, "ipctrace")] + [NONE] * 5)
            continue
        table.rows.append([case, f"{events:,.0f}", seconds(get("seconds")),
                           f"{events / get('seconds'):,.0f}", mebibytes(get("peak_bytes")),
                           digits(get("file_bytes") / events), f"{get('lost'):,.0f}"])
    return table


def _report_table(samples):
    sizes = samples.cases("report")
    table = Table("Reports and queries", ["events in the file"] + [
        f"{samples.median('report', size, 'file', 'events'):,.0f}" for size in sizes],
        note="time and peak memory")
    titles = dict.fromkeys(tool for part, _, tool, _ in samples.by_key if part == "report" and tool != "file")
    for title in titles:
        row = [title]
        for size in sizes:
            time_s = samples.median("report", size, title, "seconds")
            peak = samples.median("report", size, title, "peak_bytes")
            failed = samples.values("report", size, title, "failed")
            row.append(f"{seconds(time_s)}, {mebibytes(peak)}" if time_s is not None else
                       failed[0] if failed else NONE)
        table.rows.append(row)
    return table


# What is to be reached on a quiet machine of two CPUs: title, largest or least value that will do, how it is
# shown, and what was measured; None: it was not.
def _targets(samples):
    ten_million = "10000000"
    replay = lambda measure: samples.median("sink", "replay", "ipctrace", measure)
    by_event = lambda measure: replay(measure) and replay("events") and replay(measure) / replay("events")
    report = lambda title, measure: samples.median("report", ten_million, title, measure)
    live = [samples.median("sink", case, "ipctrace", "lost") for case in samples.cases("sink") if "live" in case]
    rate = replay("seconds") and replay("events") / replay("seconds")
    return (
        ("added to a pipe call, by what the floor adds", "at most", 2.5, digits,
         samples.floors("calls", "pipe", "ipctrace")),
        ("the same with everything on", "at most", 4, digits,
         samples.floors("calls", "pipe", "ipctrace, all on")),
        ("added to a bystander's pipe call, by the floor", "at most", 1.3, digits,
         samples.floors("bystander", "pipe", "ipctrace")),
        ("lost at full speed", "at most", 0, digits, sum(live) if live and None not in live else None),
        ("replay, events a second", "at least", 1e6, digits, rate),
        ("replay, peak memory", "at most", 256 * 2**20, mebibytes, replay("peak_bytes")),
        ("file, bytes an event", "at most", 45, digits, by_event("file_bytes")),
        ("text report of 10 M events", "at most", 1, seconds, report("text report", "seconds")),
        ("HTML report of 10 M events", "at most", 5, seconds, report("HTML report", "seconds")),
        ("its peak memory", "at most", 256 * 2**20, mebibytes, report("HTML report", "peak_bytes")),
        ("record -- true", "at most", 0.15, seconds, samples.median("start", "true", "ipctrace", "seconds")),
    )


def _target_table(samples):
    table = Table("What is to be reached", ["", "reach", "measured", ""])
    for title, which, limit, show, value in _targets(samples):
        if value is None:
            continue
        reached = value <= limit if which == "at most" else value >= limit
        table.rows.append([title, f"{which} {show(limit)}", show(value), "yes" if reached else "NO"])
    return table


def tables(flat_samples, cpu_time=False):
    """All tables that these samples give."""
    samples = Samples(flat_samples, cpu_time)
    parts = {s["part"] for s in flat_samples}
    yield from filter(lambda table: table.rows, [_target_table(samples)])
    if "calls" in parts:
        yield from _calls_tables(samples, "calls", "A traced call")
    if "bystander" in parts:
        yield from _calls_tables(samples, "bystander", "A call of a process that is not traced")
    if "sink" in parts:
        yield _sink_table(samples)
    if "report" in parts:
        yield _report_table(samples)
    if "start" in parts:
        yield _start_table(samples)
