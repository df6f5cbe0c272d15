"""How long a roster takes to load and check, and to change one consent, and how much memory: YAML and CSV.

    python bench/roster.py [--people 300,2000,100000]

Each measurement runs in a process of its own, so that peaks do not mix. Prints one line each.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

HEAD = "school: Example Primary School\nreview_by: 2099-06-30\nchannels: [twitter, website]\npupils:\n"
CSV_HEAD = """\
# school: Example Primary School
# review_by: 2099-06-30
id,name,known_as,group,biometric,consent:twitter,consent:website
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="300,2000,100000")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.one)
        return
    print(f"{'people':>8} {'file':>5} {'MB':>6} {'load + check, s':>16} {'change, s':>10} {'peak memory, MB':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for people in (int(number) for number in arguments.people.split(",")):
            for path in (as_yaml(Path(folder), people), as_csv(Path(folder), people)):
                run = [sys.executable, __file__, "--one", str(path)]
                measured = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
                seconds, change, peak = (float(number) for number in measured)
                size = path.stat().st_size / 1e6
                print(f"{people:>8} {path.suffix[1:]:>5} {size:>6.2f} {seconds:>16.2f} {change:>10.2f} {peak:>16.0f}")


def measure(path: Path) -> None:
    from postguard.domain.keeping import refuse
    from postguard.loading import load_roster
    from postguard.loading.roster_edit import edit

    began = time.perf_counter()
    roster = load_roster(path)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first, *others = roster.people
    changed = refuse(first, ["twitter"], since=date(2026, 11, 23), by="mother")
    began = time.perf_counter()
    edit(path.read_bytes(), roster, [changed, *others])
    print(seconds, time.perf_counter() - began, peak)


def as_yaml(folder: Path, people: int) -> Path:
    lines = (
        f"  - {{id: P{n:06}, name: Forename{n} Surname{n}, known_as: [Nick{n}], group: P{n % 7 + 1}, "
        "biometric: granted, "
        "consent: {twitter: {granted: 2026-08-20, until: 2027-06-30, by: parent}, website: refused}}\n"
        for n in range(people)
    )
    return _write(folder / f"roster-{people}.yaml", HEAD + "".join(lines))


def as_csv(folder: Path, people: int) -> Path:
    lines = (
        f"P{n:06},Forename{n} Surname{n},Nick{n},P{n % 7 + 1},granted,"
        "granted 2026-08-20 until 2027-06-30 by parent,refused\n"
        for n in range(people)
    )
    return _write(folder / f"roster-{people}.csv", CSV_HEAD + "".join(lines))


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
