"""`python -m tests.bench [PART …] [--quick] [--readme]`: what the hub costs beside its peers, each part in one run, as a Markdown table."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import carddav, cards, ledger, mirror, night, report, resolution, workbook
from tests.bench.measure import Row
from tests.bench.readme import README, renewed

Part = Callable[[Path, bool], Iterator[Row]]

PARTS: dict[str, Part] = {
    "workbook": lambda folder, quick: workbook.rows(folder, 10_000 if quick else 100_000, 3 if quick else 5),
    "cards": lambda folder, quick: cards.rows(folder, 2_000 if quick else 20_000, 3 if quick else 7),
    "mirror": lambda folder, quick: mirror.rows(folder, 20_000 if quick else 1_000_000),
    "resolution": lambda folder, quick: resolution.rows(folder, 20_000 if quick else 1_000_000),
    "night": lambda folder, quick: night.rows(folder, 50_000 if quick else 1_000_000),
    "report": lambda folder, _quick: report.rows(folder),
    "ledger": lambda folder, quick: ledger.rows(folder, 1_000 if quick else 10_000),
    "carddav": lambda _folder, _quick: carddav.rows(),
}
"""What can be measured; each part makes its own data."""


def main() -> None:
    """Measure, and print a Markdown table."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("part", nargs="*", choices=[*PARTS, []], help=f"only these of: {', '.join(PARTS)}")
    options.add_argument("--quick", action="store_true", help="a tenth of the data or less, and fewer repeats")
    options.add_argument("--readme", action="store_true", help="put the rows that the README shows into it, as they are printed")
    given = options.parse_args()
    if given.quick and given.readme:
        options.error("the README shows what was measured in full")
    today = dt.datetime.now(dt.UTC).date()
    print(f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores; whole processes, peak resident memory\n")
    print("| what | seconds | of these the processor's | MB | compared |\n|---|---:|---:|---:|---|", flush=True)
    for name in given.part or PARTS:
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
            for what, cost, compared in PARTS[name](Path(folder), given.quick):
                row = f"| {what} | {cost.seconds:.2f} | {cost.processor:.2f} | {cost.megabytes:.0f} | {compared} |"
                print(row, flush=True)
                if given.readme:
                    README.write_text(renewed(README.read_text(encoding="utf-8"), [row], today.isoformat()), encoding="utf-8")


if __name__ == "__main__":
    main()
