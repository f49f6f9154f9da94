# SPDX-License-Identifier: BSD-2-Clause
"""Part `report`: reports of, and common queries on, files of several sizes: time and peak memory."""
import os
import re

from runner import Failed, say
from workloads import mixed

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/trace-file.md")

OUTPUTS = (
    ("text report", ["report"]),
    ("HTML report", ["report", "--html", "report.html"]),
    ("JSON report", ["report", "--json"]),
    ("text, one process", ["report", "--filter", "process=#1"]),
)

# What one asks of each public view at first. The longer questions are those of the document.
VIEWS = (
    ("processes", "SELECT * FROM processes"),
    ("objects", "SELECT * FROM objects ORDER BY bytes DESC LIMIT 10"),
    ("ops of 1 ms", "SELECT * FROM ops WHERE ts_ns BETWEEN (SELECT value / 2 FROM meta "
     "WHERE key = 'duration_ns') AND (SELECT value / 2 + 1000000 FROM meta WHERE key = 'duration_ns')"),
    ("ops, counted", "SELECT mechanism, role, count(*), sum(bytes) FROM ops GROUP BY 1, 2"),
    ("messages of an object", "SELECT count(*), sum(bytes), max(transit_ns) FROM messages WHERE object_id = "
     "(SELECT object_id FROM objects ORDER BY messages DESC LIMIT 1)"),
    *((view, f"SELECT * FROM {view}") for view in (
        "edges", "latency", "ledger", "mappings", "touches", "passed_fds", "ready", "confidence", "pressure",
        "depth")),
)


def questions():
    """(title, SQL) of each of the questions in the document of the trace file."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r"^\*\*(\d+\. .*?)\*\*.*?^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise Failed("docs/trace-file.md has no questions")
    return found


def commands(runner):
    for title, words in OUTPUTS:
        yield title, [runner.ipctrace, *words, "trace.db"]
    for title, query in VIEWS:
        yield f"view: {title}", ["sqlite3", "-readonly", "trace.db", query]
    for title, query in questions():
        yield f"question {title}", ["sqlite3", "-readonly", "trace.db", query]


def _measured(runner, command, limit_s):
    try:
        return runner.measure(command, limit_s)
    except Failed as error:
        return {"failed": str(error)}


def report(runner, options):
    for events in options.sizes:
        say(f"report: a file of {events} events")
        try:
            runner.run([runner.ipctrace, "record", "-q", "-o", "trace.db", "--", *mixed(runner, events)], 3600)
        except Failed as error:
            say(str(error))
            continue
        runner.add("report", str(events), "file", runner.ledger("trace.db"))
        for title, command in commands(runner):
            runner.add("report", str(events), title, _measured(runner, command, options.query_limit_s))
        runner.remove("trace.db", "report.html")
