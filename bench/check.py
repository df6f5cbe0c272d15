"""What a check costs, beside what a user would run instead, on the same files in the same run.

    uv run python bench/check.py [--runs N]

1. `postguard check` on each demo group and on a 12-megapixel enlargement of one, beside the
   `face_recognition` command on the same pictures: whole processes, seconds of wall clock.
2. `postguard --help` beside a bare click group's `--help`.

face_recognition answers less: it looks with one detector and one encoder, at one size, and reads no words.
Prints the median of N runs, and the ratio postguard / face_recognition pair by pair.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("G1_class.jpg", "G2_field.jpg", "G3_hall.jpg", "G4_assembly.jpg", "G5_relay.jpg")
BARE_CLICK = "import click; g = click.Group(); g.add_command(click.Command('one')); g.main(['--help'])"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        school = work / "school"
        school.mkdir()
        shutil.copy(ROOT / "consent_roster.yaml", school)
        shutil.copytree(ROOT / "faces", school / "faces")
        known = _known_people(work)
        pictures = [ROOT / "tests" / "pictures" / group for group in GROUPS]
        pictures.append(_enlarged(pictures[3], work))
        _timed([*_check(school, pictures[0])])  # makes the gallery, which later runs use again
        print(f"{'picture':<22}{'megapixels':>11}{'postguard s':>13}{'face_recognition s':>20}{'ratio':>8}")
        for picture in pictures:
            ours, theirs = _paired(_check(school, picture), ["face_recognition", str(known), str(picture)], runs)
            width, height = Image.open(picture).size
            print(f"{picture.name:<22}{width * height / 1e6:>11.1f}{_row(ours, theirs)}")
        ours, theirs = _paired(["postguard", "--help"], [sys.executable, "-c", BARE_CLICK], max(runs, 10))
        print(f"{'--help, bare click':<33}{_row(ours, theirs)}")


def _check(school: Path, picture: Path) -> list[str]:
    roster = str(school / "consent_roster.yaml")
    return [
        "postguard",
        "check",
        "--text",
        "A good day.",
        str(picture),
        "--roster",
        roster,
        "--date",
        "2026-11-20",
        "-q",
    ]


def _known_people(work: Path) -> Path:
    """face_recognition's command wants one picture a person, named after the person."""
    folder = work / "known"
    folder.mkdir()
    for person in sorted((ROOT / "faces").iterdir()):
        first = sorted(person.iterdir())[0]
        shutil.copy(first, folder / f"{person.name}{first.suffix}")
    return folder


def _enlarged(picture: Path, work: Path) -> Path:
    with Image.open(picture) as image:
        scale = (12e6 / (image.width * image.height)) ** 0.5
        size = (round(image.width * scale), round(image.height * scale))
        large = work / "G4_12_megapixels.jpg"
        image.resize(size, Image.Resampling.LANCZOS).save(large, quality=90)
    return large


def _paired(ours: list[str], theirs: list[str], runs: int) -> tuple[list[float], list[float]]:
    """Turn by turn, so that a machine that slows down slows both."""
    pairs = [(_timed(ours), _timed(theirs)) for _ in range(runs)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    ran = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "COLUMNS": "100"})
    if ran.returncode not in (0, 1):
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr.decode()}")
    return time.perf_counter() - began


def _row(ours: list[float], theirs: list[float]) -> str:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return f"{statistics.median(ours):>13.2f}{statistics.median(theirs):>20.2f}{ratio:>8.2f}"


if __name__ == "__main__":
    main()
