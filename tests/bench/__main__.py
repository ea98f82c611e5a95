"""`make bench`: ours, the limit and the peers, side by side in one run on the `full` district."""

from __future__ import annotations

import argparse
import importlib

from tests.bench import district, server
from tests.bench.contestants import clean
from tests.bench.report import Report, load, machine

QUICK, LONG = 5, 15
PARTS = (
    "tiles", "page", "dashboard", "exports", "browser", "imports", "fabric", "outlines", "partition", "planner",
    "publish",
)  # fmt: skip


def main() -> None:
    """Load the district, start the server, measure, print the table and keep it."""
    asking = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asking.add_argument("--long", action="store_true", help=f"{LONG} rounds and not {QUICK}")
    asking.add_argument("--fresh", action="store_true", help="load the district anew")
    asking.add_argument("--profile", default="full", choices=["tiny", "demo", "full"])
    asking.add_argument("--only", nargs="*", default=PARTS, choices=PARTS, help="only these parts")
    given = asking.parse_args()
    times = LONG if given.long else QUICK
    found = district.ready(given.profile, fresh=given.fresh)
    report = Report()
    report.notes.append(f"profile {given.profile}, {times} rounds, {machine()}")
    crowd = server.Crowd(2)
    try:
        for part in given.only:
            district.say(f"{part} … (load {load():.1f})")
            with server.serve(found) as serving:
                importlib.import_module(f"tests.bench.{part}").measure(found, serving, crowd, report, times)
            report.write(found.settings.var / "bench.md")
    finally:
        clean(found)
    report.notes.append(f"load {load():.1f} at the end")
    report.write(found.settings.var / "bench.md")
    print(f"\n{report.markdown()}")
    if wrong := [line.work for line in report.lines if line.agree.isupper()]:
        raise SystemExit(f"These did not come to the same: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
