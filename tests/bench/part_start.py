# SPDX-License-Identifier: BSD-2-Clause
"""Part `start`: tracing `true`, from the command line to the end of the tool."""
from runner import Failed, say
from tools import TOOLS, note_missing, present


def start(runner, options):
    note_missing(runner, "start", TOOLS)
    say("start")
    for round_ in range(2 * options.rounds):
        for tool in TOOLS:
            if not present(runner, tool):
                continue
            try:
                values = runner.measure(tool.command(runner, ["true"], ("read", "write"), True))
            except Failed as error:
                say(f"{tool.name}: {error}")
                values = {"failed": str(error)}
            runner.add("start", "true", tool.name, values, round_)
            runner.remove(*tool.files)
