"""A week, a term, an archive: 1 process against 2 on 40 drafts, and the memory they take.

    uv run python bench/batch.py [--drafts 40] [--jobs 2] [--runs 3]

Drafts are the demo groups, over and over, each a folder of its own. Whole commands, wall clock, turn by turn; memory is
the peak of all processes of a command together, sampled five times a second (Linux only: read from /proc).
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("G1_class.jpg", "G2_field.jpg", "G3_hall.jpg", "G4_assembly.jpg", "G5_relay.jpg")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        week = _school(Path(name), options.drafts)
        run(week.parent / "first", 1)  # makes the gallery
        serial, parallel = [], []
        for _ in range(options.runs):
            serial.append(run(week, 1))
            parallel.append(run(week, options.jobs))
    print(f"{options.drafts} drafts{'':<8}{'seconds':>10}{'peak MB':>10}")
    for label, results in (("1 job", serial), (f"{options.jobs} jobs", parallel)):
        seconds, peaks = zip(*results, strict=True)
        print(f"{label:<17}{statistics.median(seconds):>10.1f}{max(peaks):>10.0f}")
    ratio = statistics.median(a[0] / b[0] for a, b in zip(serial, parallel, strict=True))
    print(f"{options.jobs} jobs are {ratio:.2f} times as fast")


def _school(folder: Path, drafts: int) -> Path:
    shutil.copy(ROOT / "consent_roster.yaml", folder)
    shutil.copytree(ROOT / "faces", folder / "faces")
    for number in range(drafts + 1):
        draft = folder / ("first" if number == drafts else f"week/draft-{number:03d}")
        draft.mkdir(parents=True)
        (draft / "post.md").write_text("A good day for all of us.\n")
        shutil.copy(ROOT / "tests" / "pictures" / GROUPS[number % len(GROUPS)], draft / "IMG_1.jpg")
    return folder / "week"


def run(path: Path, jobs: int) -> tuple[float, float]:
    """Seconds, and the peak of all processes' memory together in MB."""
    command = ["postguard", "check", str(path), "--date", "2026-11-20", "--jobs", str(jobs), "-q"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(_memory(pid) for pid in _family(process.pid)))
        time.sleep(0.2)
    if process.returncode not in (0, 1):
        sys.exit(f"ended with {process.returncode}: {process.stderr.read().decode() if process.stderr else ''}")
    return time.perf_counter() - began, peak / 1024


def _family(pid: int) -> list[int]:
    """The process and all that came from it."""
    family = [pid]
    for one in family:
        children = Path(f"/proc/{one}/task/{one}/children")
        if children.exists():
            family += [int(child) for child in children.read_text().split()]
    return family


def _memory(pid: int) -> float:
    """Resident memory in KB; 0 for a process that has just gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0.0)


if __name__ == "__main__":
    main()
