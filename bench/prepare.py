"""What making a publishable copy costs at 12 megapixels, beside deface; and whether anybody is left under a cover.

    uv run python bench/prepare.py [--deface PATH-TO-DEFACE] [--runs N]

1. Seconds a picture, on the five demo groups enlarged to 12 megapixels, median of N whole passes after one to load:
   *cover and clean*: finding the faces, covering every one, encoding the copy; what deface does too.
   *whole prepare*: as `postguard prepare` does it, with two checks (each: faces told apart, words read) around it.
   deface is run as its own command over the same pictures at once, at its defaults (full size) and with
   `--scale 1600x1200`; its start-up is counted once for five pictures. Install it in a virtual environment of its
   own: `pip install deface onnxruntime`; it cannot share one with postguard, which overrides its imageio away.
2. Covered faces still identifiable: every face of the demo groups is covered; then both encoders measure the copy
   where the face was, at its own landmarks, and the gallery is searched. *same person*: the right pupil is nearest at
   or above the blocking threshold. *changed*: the template depends on who was under the cover at all.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from postguard.assembly import open_guard
from postguard.loading import load_draft, load_roster
from postguard.prepare import Wish, prepare
from postguard.seeing.copying import copy
from postguard.seeing.cover import Cover, Style, covered
from postguard.seeing.decoding import open_picture

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("G1_class.jpg", "G2_field.jpg", "G3_hall.jpg", "G4_assembly.jpg", "G5_relay.jpg")
TWELVE = 12_000_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--deface", help="the deface command to compare with")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        school = work / "school"
        school.mkdir()
        shutil.copy(ROOT / "consent_roster.yaml", school)
        shutil.copytree(ROOT / "faces", school / "faces")
        guard = open_guard(load_roster(school / "consent_roster.yaml"))
        drafts = [_draft(ROOT / "tests" / "pictures" / group, school / f"draft-{n}") for n, group in enumerate(GROUPS)]
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

        cover_and_clean()
        print("seconds a picture of 12 megapixels")
        ours = _row("cover and clean", _seconds(cover_and_clean, options.runs))
        if options.deface:
            pictures = [str(draft / "picture-1.jpg") for draft in drafts]
            for label, more in (("deface, full size", []), ("deface, 1600x1200", ["--scale", "1600x1200"])):
                _row(
                    label, _seconds(lambda more=more: _deface(options.deface, pictures, more, work), options.runs), ours
                )
        _row("whole prepare", _seconds(whole, 1))
        _identifiable(guard, eyes, gallery)


def _draft(picture: Path, folder: Path) -> Path:
    folder.mkdir()
    with Image.open(picture) as image:
        factor = (TWELVE / (image.width * image.height)) ** 0.5
        size = (round(image.width * factor), round(image.height * factor))
        image.resize(size, Image.Resampling.BICUBIC).save(folder / "picture-1.jpg", quality=90)
    (folder / "post.md").write_text("A good day.\n", encoding="utf-8")
    return folder


def _region(seen):  # type: ignore[no-untyped-def]
    from postguard.domain.evidence import Region

    best = seen.best
    return Region(x=round(best.x), y=round(best.y), width=round(best.width), height=round(best.height))


def _row(label: str, seconds: float, ours: float | None = None) -> float:
    print(f"  {label:<24}{seconds:>7.2f}" + (f"{seconds / ours:>8.1f} times" if ours else ""), flush=True)
    return seconds


def _seconds(work: Callable[[], None], runs: int) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) / len(GROUPS)


def _deface(command: str, pictures: Sequence[str], more: Sequence[str], work: Path) -> None:
    subprocess.run([command, *more, *pictures], check=True, capture_output=True, cwd=work)
    for left in work.rglob("*_anonymized*"):
        left.unlink()


def _identifiable(guard, eyes, gallery) -> None:  # type: ignore[no-untyped-def]
    """Measure every covered face of the demo groups where it was, by its own landmarks."""
    block = guard.policy.thresholds.block
    for style in Style:
        faces = known_before = same = near = 0
        for group in GROUPS:
            pixels = np.asarray(Image.open(ROOT / "tests" / "pictures" / group).convert("RGB"))
            seen = [face for face in eyes.faces(pixels) if face.templates]
            after = covered(pixels, [Cover(region=f.region, head=True, roll=f.roll) for f in seen], style)
            for face in seen:
                points = np.array(face.landmarks, np.float32)
                was = gallery.search(face.templates, 0.0)[:1]
                templates = {encoder.name: encoder.template(after, points) for encoder in eyes._encoders}
                now = gallery.search(templates, 0.0)[:1]
                faces += 1
                known_before += bool(was) and was[0].score >= block
                near += bool(now) and now[0].score >= block
                same += bool(now) and bool(was) and now[0].score >= block and now[0].person == was[0].person
        print(
            f"{style.value}: {faces} faces covered, {known_before} of them at or above {block} before; "
            f"after: {near} near anybody, {same} near the same person"
        )


if __name__ == "__main__":
    main()
