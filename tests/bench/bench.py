# SPDX-License-Identifier: BSD-2-Clause
"""`./dev bench`: what ipctrace costs, beside other tracers and on its own. docs/measuring.md says how to
read it. Tables go to standard output, progress to standard error."""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import machine
from part_calls import bystander, calls
from part_report import report
from part_sink import sink
from part_start import start
from runner import Runner, say
from tables import digits, mebibytes, tables

PARTS = {"calls": calls, "bystander": bystander, "start": start, "sink": sink, "report": report}
DISK_BYTES_AN_EVENT = 300  # a capture and a trace file at once
BENCH_FOLDER = os.path.dirname(os.path.abspath(__file__))

# What --quick and --full change.
SCALES = {
    "quick": {"rounds": 2, "scale": 0.5, "live_scale": 0.2, "events": 1000000, "sizes": [100000, 1000000],
              "query_limit_s": 20},
    "default": {"rounds": 5, "scale": 1, "live_scale": 1, "events": 10000000,
                "sizes": [100000, 1000000, 10000000], "query_limit_s": 30},
    "full": {"rounds": 9, "scale": 1, "live_scale": 1, "events": 10000000,
             "sizes": [100000, 1000000, 10000000, 50000000], "query_limit_s": 600},
}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure what recording costs, beside "
                                     "other tracers, and how storing and reporting grow.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)} (default: all)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick", default="default",
                      help="smaller and fewer runs; a few minutes")
    size.add_argument("--full", dest="size", action="store_const", const="full",
                      help="more rounds, and files of 50 M events; about an hour")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds over all tools and workloads")
    parser.add_argument("--events", type=int, metavar="N", help="events in the capture that is replayed")
    parser.add_argument("--markdown", metavar="FILE", help="the same tables for documents")
    parser.add_argument("--json", metavar="FILE", help="every single figure, for --from")
    parser.add_argument("--csv", metavar="FILE", help="the same as CSV")
    parser.add_argument("--from", dest="source", metavar="FILE", help="measure nothing; tables of a --json FILE")
    parser.add_argument("--cpu-time", action="store_true", help="show CPU time in place of the clock's, for a "
                        "machine that is busy; of a call it is without what tracers do beside it")
    parser.add_argument("--build", default=os.path.join(BENCH_FOLDER, "../../build"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name, value in SCALES[options.size].items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown or options.rounds < 1 or options.events < 1000:
        parser.error(f"no part '{unknown[0]}'" if unknown else "at least 1 round and 1000 events")
    options.parts = options.parts or list(PARTS)
    return options


def version(runner):
    said = subprocess.run([runner.ipctrace, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return said.stdout.strip()


def check_disk(options, folder):
    events = max(options.events if "sink" in options.parts else 0,
                 max(options.sizes) if "report" in options.parts else 0)
    free = shutil.disk_usage(folder).free
    if free < events * DISK_BYTES_AN_EVENT:
        sys.exit(f"bench: {folder} has only {mebibytes(free)} free of {mebibytes(events * DISK_BYTES_AN_EVENT)}"
                 " that may be needed; TMPDIR names another folder, --quick needs less")


def measure(options):
    """Run the parts; returns {machine, samples}."""
    samples = []
    with tempfile.TemporaryDirectory(prefix="ipctrace-bench-") as folder:
        check_disk(options, folder)
        runner = Runner(folder, os.path.abspath(options.build), samples)
        about = {**machine.describe(), "version": version(runner), "size": options.size,
                 "rounds": options.rounds, "busy_before": machine.busy_before(), "load_start": machine.load()}
        if about["busy_before"] > machine.BUSY_SHARE:
            say(f"WARNING: others use {about['busy_before']:.0%} of the CPUs; wait until they do not")
        watch, began = machine.Watch(), time.monotonic()
        for part in options.parts:
            PARTS[part](runner, options)
        about["busy_during"], about["stolen"] = watch.shares()
        about["seconds"] = time.monotonic() - began
        about["load_end"] = machine.load()
    return {"machine": about, "samples": samples}


def machine_lines(about, cpu_time):
    yield (f"{about['version']} on {about['kernel']}, {about['cpus']} CPUs ({about['cpu']}), "
           f"{about['memory_bytes'] / 2**30:.0f} GiB")
    yield (f"{about['rounds']} rounds ({about['size']}) in {digits(about['seconds'] / 60)} minutes; load average "
           f"{about['load_start'][0]} at the start, {about['load_end'][0]} at the end; others used "
           f"{about['busy_before']:.0%} of the CPUs before it and {about['busy_during']:.0%} meanwhile"
           + (f", the hypervisor took {about['stolen']:.0%}" if about["stolen"] >= 0.01 else ""))
    if max(about["busy_before"], about["busy_during"]) > machine.BUSY_SHARE:
        yield "THE MACHINE WAS BUSY with other work: these figures are rough, and rather too large than too small"
    if cpu_time:
        yield "Times are CPU times, not those of the clock"


def write_csv(path, samples):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["part", "case", "tool", "measure", "value", "round"],
                                lineterminator="\n")
        writer.writeheader()
        writer.writerows(samples)


def write_outputs(options, result):
    made = list(tables(result["samples"], options.cpu_time))
    head = list(machine_lines(result["machine"], options.cpu_time))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    if options.csv:
        write_csv(options.csv, result["samples"])
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write("\n".join(f"{line}." for line in head) + "\n\n")
            file.write("\n".join(table.markdown() for table in made))
    print("\n".join(head) + "\n")
    print("\n".join(table.text() for table in made), end="")


def main():
    options = arguments()
    if options.source:
        with open(options.source, encoding="utf-8") as file:
            result = json.load(file)
    else:
        result = measure(options)
    write_outputs(options, result)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
