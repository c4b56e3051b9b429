"""Runs the benchmarks and prints their rows: `python -m benchmarks [--long] [NAME…]`."""

from __future__ import annotations

import argparse
import importlib
import platform

NAMES = (
    *("loading", "checking", "against_conftest", "submitting", "over_opa", "rescanning", "fitness"),
    *("pages", "deploying", "observing"),
)

LONG = ("million",)
"""What takes too long for `make bench`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, *LONG, []], help="only these")
    parser.add_argument("--long", action="store_true", help="larger sizes")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()} on {platform.machine()}; ratios of medians over interleaved rounds")
    for name in asked.names or ((*NAMES, *LONG) if asked.long else NAMES):
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print(row, flush=True)


if __name__ == "__main__":
    main()
