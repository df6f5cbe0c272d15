"""A week, a term, an archive: 1 process against 2 on 40 drafts, and the memory they take.

    uv run python bench/batch.py [--drafts 40] [--jobs 2] [--runs 3] [--width 1600] [--parallel-only]

Drafts are the demo groups, over and over, each a folder of its own, at most --width pixels wide. Whole commands, wall
clock, turn by turn. Memory is the peak of all processes of a command together, in each quarter of its time, sampled
five times a second (Linux only: read from /proc): a batch that kept anything would grow from quarter to quarter.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("G1_class.jpg", "G2_field.jpg", "G3_hall.jpg", "G4_assembly.jpg", "G5_relay.jpg")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--width", type=int, default=10_000)
    parser.add_argument("--parallel-only", action="store_true", help="leave out the run with one job")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        week = _school(Path(name), options.drafts, options.width)
        run(week.parent / "first", 1)  # makes the gallery
        serial, parallel = [], []
        for _ in range(options.runs):
            if not options.parallel_only:
                serial.append(run(week, 1))
            parallel.append(run(week, options.jobs))
    print(f"{options.drafts} drafts{'':<8}{'seconds':>10}   peak MB in each quarter of the time")
    for label, results in (("1 job", serial), (f"{options.jobs} jobs", parallel)):
        if not results:
            continue
        seconds = statistics.median(seconds for seconds, _ in results)
        peaks = [max(quarter) for quarter in zip(*(_quarters(memory) for _, memory in results), strict=True)]
        print(f"{label:<17}{seconds:>10.1f}   {' '.join(f'{peak:>6.0f}' for peak in peaks)}")
    if serial:
        ratio = statistics.median(a[0] / b[0] for a, b in zip(serial, parallel, strict=True))
        print(f"{options.jobs} jobs are {ratio:.2f} times as fast")


def _quarters(memory: list[float]) -> list[float]:
    parts = [memory[len(memory) * part // 4 : len(memory) * (part + 1) // 4] for part in range(4)]
    return [max(part, default=0.0) for part in parts]


def _school(folder: Path, drafts: int, width: int) -> Path:
    shutil.copy(ROOT / "consent_roster.yaml", folder)
    shutil.copytree(ROOT / "faces", folder / "faces")
    for number in range(drafts + 1):
        draft = folder / ("first" if number == drafts else f"week/draft-{number:03d}")
        draft.mkdir(parents=True)
        (draft / "post.md").write_text("A good day for all of us.\n")
        with Image.open(ROOT / "tests" / "pictures" / GROUPS[number % len(GROUPS)]) as picture:
            picture.thumbnail((width, width))
            picture.save(draft / "IMG_1.jpg", quality=90)
    return folder / "week"


def run(path: Path, jobs: int) -> tuple[float, list[float]]:
    """Seconds, and the memory of all processes together in MB, from first to last."""
    command = ["postguard", "check", str(path), "--date", "2026-11-20", "--jobs", str(jobs), "-q"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    memory = []
    while process.poll() is None:
        memory.append(sum(_memory(pid) for pid in _family(process.pid)) / 1024)
        time.sleep(0.2)
    if process.returncode not in (0, 1):
        sys.exit(f"ended with {process.returncode}: {process.stderr.read().decode() if process.stderr else ''}")
    return time.perf_counter() - began, memory


def _family(pid: int) -> list[int]:
    """The process and all that came from it."""
    family = [pid]
    for one in family:
        for children in Path(f"/proc/{one}/task").glob("*/children"):  # workers are started by threads
            with suppress(OSError):
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
