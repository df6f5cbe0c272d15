"""What making a publishable copy costs at 12 megapixels, beside deface; and whether anybody is left under a cover.

    uv run python bench/prepare.py [--deface PATH-TO-DEFACE] [--runs N] [--pictures N]

1. Seconds a picture, on the five demo groups enlarged to 12 megapixels, the best of N passes after one to load: wall
   clock, and processor seconds.
   *cover and clean*: finding the faces, covering every one, encoding the copy; what deface does too.
   *whole prepare*: as `postguard prepare` does it, with two checks (each: faces told apart, words read) around it.
   deface is run as its own command over the same pictures at once, at its defaults (full size) and with
   `--scale 1600x1200`; its start-up is counted once for five pictures. Install it in a virtual environment of its
   own: `pip install deface onnxruntime`; it cannot share one with postguard, which overrides its imageio away.
2. Covered faces still identifiable: every face of the demo groups is covered in a copy made as `prepare` makes it. Then
   *found*: the detectors see a face where one was. And though nobody would tell it where to look, each encoder alone
   is given the old place: *somebody*: the nearest in the gallery is within the encoder's makers' own threshold (SFace:
   cosine 0.363, dlib: distance 0.6); *right*: and is the pupil under the cover. A cover that tells nothing is right by
   chance: once in as many as are enrolled.
"""

import argparse
import io
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from postguard.assembly import open_guard
from postguard.domain.cropping import share
from postguard.domain.evidence import Region
from postguard.loading import load_draft, load_roster
from postguard.prepare import Wish, prepare
from postguard.seeing.copying import copy
from postguard.seeing.cover import Cover, Style, covered
from postguard.seeing.decoding import open_picture

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("G1_class.jpg", "G2_field.jpg", "G3_hall.jpg", "G4_assembly.jpg", "G5_relay.jpg")
TWELVE = 12_000_000
ITS_OWN = {"sface": 0.363, "dlib": 1 - 0.6**2 / (2 * 1.33**2)}
"""Cosines at which OpenCV and face_recognition say that two faces are one person's; dlib's templates have a length of
about 1.33 before they are brought to 1."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--deface", help="the deface command to compare with")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--pictures", type=int, default=len(GROUPS), help="how many of the five to time; 0: only part 2"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        school = work / "school"
        school.mkdir()
        shutil.copy(ROOT / "consent_roster.yaml", school)
        shutil.copytree(ROOT / "faces", school / "faces")
        guard = open_guard(load_roster(school / "consent_roster.yaml"))
        drafts = [
            _draft(ROOT / "tests" / "pictures" / group, school / f"draft-{n}")
            for n, group in enumerate(GROUPS[: options.pictures])
        ]
        eyes, gallery = guard.faces().eyes, guard.faces().gallery

        def cover_and_clean() -> None:
            for draft in drafts:
                opened = open_picture(draft / "picture-1.jpg")
                faces = eyes._finder.find(next(iter(opened.frames())).views[0])
                heads = [Cover(region=_region(seen), head=True) for seen in faces]
                copy(opened, lambda pixels, heads=heads: covered(pixels, heads), None)

        def whole() -> None:
            for number, draft in enumerate(drafts):
                out = work / f"out-{number}"
                prepare(load_draft(draft), out, guard, Wish(everybody=True))
                shutil.rmtree(out, ignore_errors=True)

        print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if options.pictures == 0:
            return _identifiable(eyes, gallery)
        cover_and_clean()
        print(f"{'a picture of 12 megapixels':<28}{'wall s':>8}{'CPU s':>8}")
        ours = _row("cover and clean", _cost(cover_and_clean, options))
        if options.deface:
            pictures = [str(draft / "picture-1.jpg") for draft in drafts]
            for label, more in (("deface, full size", []), ("deface, 1600x1200", ["--scale", "1600x1200"])):
                cost = _cost(lambda more=more: _deface(options.deface, pictures, more, work), options)
                _row(label, cost, ours)
        _row("whole prepare", _cost(whole, options))
        _identifiable(eyes, gallery)


def _draft(picture: Path, folder: Path) -> Path:
    folder.mkdir()
    with Image.open(picture) as image:
        factor = (TWELVE / (image.width * image.height)) ** 0.5
        size = (round(image.width * factor), round(image.height * factor))
        image.resize(size, Image.Resampling.BICUBIC).save(folder / "picture-1.jpg", quality=90)
    (folder / "post.md").write_text("A good day.\n", encoding="utf-8")
    return folder


def _region(seen):  # type: ignore[no-untyped-def]
    best = seen.best
    return Region(x=round(best.x), y=round(best.y), width=round(best.width), height=round(best.height))


def _row(label: str, cost: tuple[float, float], ours: tuple[float, float] | None = None) -> tuple[float, float]:
    times = f"   {cost[0] / ours[0]:.1f} and {cost[1] / ours[1]:.1f} times" if ours else ""
    print(f"{label:<28}{cost[0]:>8.2f}{cost[1]:>8.2f}{times}", flush=True)
    return cost


def _cost(work: Callable[[], None], options: argparse.Namespace) -> tuple[float, float]:
    """Wall and processor seconds a picture, of this process and those it starts; the best of the runs."""
    costs = []
    for _ in range(options.runs):
        wall, cpu = time.perf_counter(), _cpu()
        work()
        costs.append((time.perf_counter() - wall, _cpu() - cpu))
    return min(c[0] for c in costs) / options.pictures, min(c[1] for c in costs) / options.pictures


def _cpu() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _deface(command: str, pictures: Sequence[str], more: Sequence[str], work: Path) -> None:
    subprocess.run([command, *more, *pictures], check=True, capture_output=True, cwd=work)
    for left in work.rglob("*_anonymized*"):
        left.unlink()


def _identifiable(eyes, gallery) -> None:  # type: ignore[no-untyped-def]
    """Look for every covered face of the demo groups where it was."""
    nearest_by = {name: np.stack([r.templates[name] for r in gallery.references]) for name in gallery.encoders}
    people = [reference.person for reference in gallery.references]
    print(f"{'covered':<10}{'faces':>6}{'found':>7}  of each encoder alone, before → after: somebody, right")
    for style in Style:
        faces = found = 0
        tally = {(name, after): [0, 0] for name in nearest_by for after in (False, True)}
        for group in GROUPS:
            opened = open_picture(ROOT / "tests" / "pictures" / group)
            pixels = next(iter(opened.frames())).views[0]
            seen = [face for face in eyes.faces(pixels) if face.templates]
            covers = [Cover(region=f.region, head=True, roll=f.roll) for f in seen]
            made = copy(opened, lambda p, covers=covers, style=style: covered(p, covers, style), None)
            after = np.asarray(Image.open(io.BytesIO(made.data)).convert("RGB"))
            left = [face.region for face in eyes.faces(after)]
            for face in seen:
                faces += 1
                found += any(share(face.region, region) > 0.3 for region in left)
                who = gallery.search(face.templates, 0.0)[0].person
                points = np.array(face.landmarks, np.float32)
                for encoder in eyes._encoders:
                    for shown, template in (
                        (False, face.templates[encoder.name]),
                        (True, encoder.template(after, points)),
                    ):
                        row = nearest_by[encoder.name] @ template
                        somebody = bool(row.max() >= ITS_OWN[encoder.name])
                        tally[encoder.name, shown][0] += somebody
                        tally[encoder.name, shown][1] += somebody and people[int(row.argmax())] == who
        words = [
            f"{name}: {tally[name, False][0]}, {tally[name, False][1]} → {tally[name, True][0]}, {tally[name, True][1]}"
            for name in nearest_by
        ]
        print(f"{style.value:<10}{faces:>6}{found:>7}  " + "; ".join(words), flush=True)


if __name__ == "__main__":
    main()
