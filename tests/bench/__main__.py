"""`python -m tests.bench [section …]`: measures, prints a table, writes bench.json; a goal that is missed fails nothing."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec

from tests.bench.figure import Figure, heading, row
from tests.bench.place import ROOT

SECTIONS = ("latency", "channel", "lives", "status", "recovery", "memory", "mailbox", "missions", "townhall", "zero", "images")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures a town; see the modules of tests/bench.")
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--json", type=Path, default=ROOT / "bench.json", help="where the figures are written (default: %(default)s)")
    given = parser.parse_args()
    chosen: list[str] = given.sections or list(SECTIONS)
    unknown = sorted(set(chosen) - set(SECTIONS))
    if unknown:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    began, load = time.monotonic(), os.getloadavg()[0]
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}\n\n{heading()}", flush=True)
    figures: list[Figure] = []
    for section in chosen:
        measure: Callable[[], list[Figure]] = import_module(f"tests.bench.{section}").measure
        for figure in measure():
            figures.append(figure)
            print(row(figure), flush=True)
    report = {"platform": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count(), "load": load}
    figured = [{**msgspec.to_builtins(figure), "verdict": figure.verdict} for figure in figures]
    given.json.write_bytes(msgspec.json.format(msgspec.json.encode({**report, "figures": figured})) + b"\n")
    misses = sum(figure.verdict == "MISS" for figure in figures)
    print(f"\n{len(figures)} figures in {time.monotonic() - began:.0f} s, {misses} below their goal; written to {given.json.name}")


if __name__ == "__main__":
    main()
