"""How many faces are found, and how many that are none: by height, beside what a user would pick instead.

    python bench/detect.py                                   # the demo groups: shrunk, turned, blurred, covered
    python bench/detect.py --wider WIDER_val/images --boxes wider_face_val_bbx_gt.txt --only 29-- --only 20--

A folder in WIDER's format: pictures in sub-folders, and a text of `sub-folder/name.jpg`, a count, and a line
`x y width height blur expression illumination invalid occlusion pose` for each face. A face counts as found where
a box overlaps it by 0.35 or more (intersection over union; detectors draw foreheads and chins differently);
every face is found by at most one box. Invalid faces neither count nor make a box false.
"""

import argparse
import io
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from postguard.seeing.detectors import Hog, YuNet
from postguard.seeing.finder import Finder
from postguard.seeing.models import Models

ROOT = Path(__file__).resolve().parents[1]
BINS = ((10, 16), (16, 24), (24, 32), (32, 48), (48, 80), (80, 100_000))
FOUND_AT = 0.35
Box = tuple[float, float, float, float]
Detect = Callable[[np.ndarray], list[Box]]


@dataclass(frozen=True)
class Scene:
    """A picture and its true faces: (x, y, width, height), and whether each counts."""

    group: str
    pixels: np.ndarray
    boxes: tuple[Box, ...]
    counts: tuple[bool, ...]


def main() -> int:
    options = _options()
    detectors = dict(_detectors(options))
    tallies: dict[tuple[str, str], Tally] = {}
    for pictures, scene in enumerate(_wider(options) if options.wider else _demo(), start=1):
        for name, detect in detectors.items():
            found = detect(scene.pixels)
            for group in (scene.group, "all"):
                tallies.setdefault((group, name), Tally()).add(scene, found)
        print(f"\r{pictures} pictures", end="", file=sys.stderr)
    print(file=sys.stderr)
    print("command: python bench/detect.py " + " ".join(sys.argv[1:]))
    _print(tallies)
    return 0


class Tally:
    def __init__(self) -> None:
        self.pictures = 0
        self.false = 0
        self.false_large = 0
        self.total: Counter[int] = Counter()
        self.found: Counter[int] = Counter()

    def add(self, scene: Scene, found: list[Box]) -> None:
        self.pictures += 1
        pairs = sorted(
            ((_overlap(box, seen), i, j) for i, box in enumerate(scene.boxes) for j, seen in enumerate(found)),
            reverse=True,
        )
        matched: dict[int, int] = {}
        for overlap, i, j in pairs:
            if overlap >= FOUND_AT and i not in matched and j not in matched.values():
                matched[i] = j
        for i, (box, counts) in enumerate(zip(scene.boxes, scene.counts, strict=True)):
            for k, (low, high) in enumerate(BINS):
                if counts and low <= box[3] < high:
                    self.total[k] += 1
                    self.found[k] += i in matched
        for j, seen in enumerate(found):
            if j not in matched.values() and seen[3] >= BINS[0][0]:
                if any(
                    _overlap(box, seen) >= 0.2
                    for box, counts in zip(scene.boxes, scene.counts, strict=True)
                    if not counts
                ):
                    continue
                self.false += 1
                self.false_large += seen[3] >= 32

    def cells(self) -> list[str]:
        cells = [_percent(self.found[k], self.total[k]) for k in range(len(BINS))]
        large = [k for k, (low, _) in enumerate(BINS) if low >= 32]
        found, total = sum(self.found[k] for k in large), sum(self.total[k] for k in large)
        low, high = _wilson(found, total)
        cells.append(f"{_percent(found, total)} [{100 * low:.1f}–{100 * high:.1f}]" if total else "–")
        return [*cells, f"{self.false / self.pictures:.2f}", f"{self.false_large / self.pictures:.2f}"]


def _print(tallies: dict[tuple[str, str], "Tally"]) -> None:
    heads = [f"{low}–{high}" if high < 1000 else f"{low}+" for low, high in BINS]
    print("| pictures | detector | " + " | ".join(heads) + " | all ≥32 px [95 %] | false a picture | of them ≥32 px |")
    print("|" + "-|" * (len(heads) + 5))
    for (group, name), tally in sorted(tallies.items(), key=lambda item: (item[0][0] == "all", item[0][0])):
        print(f"| {group} ({tally.pictures}) | {name} | " + " | ".join(tally.cells()) + " |")


def _detectors(options: argparse.Namespace) -> Iterator[tuple[str, Detect]]:
    models = Models.find()
    finder, bare, hog = Finder.of(models), YuNet(models, floor=0.9), Hog()

    def postguard(pixels: np.ndarray) -> list[Box]:
        return [(s.best.x, s.best.y, s.best.width, s.best.height) for s in finder.find(pixels)]

    yield "postguard", postguard
    yield "YuNet alone, 0.9", lambda pixels: [(g.x, g.y, g.width, g.height) for g in bare.find(pixels)]
    yield "face_recognition HOG, upsample 1", lambda pixels: _dlib_boxes(hog.detector(pixels, 1))
    if options.cnn:
        import dlib
        import face_recognition_models

        cnn = dlib.cnn_face_detection_model_v1(face_recognition_models.cnn_face_detector_model_location())
        yield "face_recognition CNN, upsample 0", lambda pixels: _dlib_boxes(found.rect for found in cnn(pixels, 0))


def _dlib_boxes(rectangles: Iterable) -> list[Box]:
    # dlib's squares hold brow to chin: heightened to what the other detectors and WIDER call a face.
    return [(r.left(), r.top() - 0.2 * r.height(), r.width(), 1.2 * r.height()) for r in rectangles]


def _demo() -> Iterator[Scene]:
    """The demo groups, as they are and spoilt. Only the faces' middles are known: boxes are YuNet's on the original."""
    finder = YuNet(Models.find(), floor=0.5)
    for line in (ROOT / "tests/pictures/manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        if not row["file"].startswith("G"):
            continue
        picture = Image.open(ROOT / "tests/pictures" / row["file"]).convert("RGB")
        seen = finder.find(np.asarray(picture))
        boxes = []
        for person in row["people"]:
            x, y = person["face"]
            best = min(seen, key=lambda g: np.hypot(g.centre[0] - x, g.centre[1] - y))
            boxes.append((best.x, best.y, best.width, best.height))
        yield from _spoilt(picture, boxes)


def _spoilt(picture: Image.Image, boxes: list[Box]) -> Iterator[Scene]:
    def scene(group: str, image: Image.Image, faces: list[Box]) -> Scene:
        return Scene(group, np.asarray(image), tuple(faces), (True,) * len(faces))

    yield scene("as they are", picture, boxes)
    for part in (2, 4, 6, 8):
        small = picture.resize((picture.width // part, picture.height // part), Image.Resampling.BOX)
        yield scene(f"shrunk to 1/{part}", small, [tuple(v / part for v in box) for box in boxes])
    for degrees in (-45, -30, -15, 15, 30, 45):
        yield scene("turned by 15 to 45°", *_turned(picture, boxes, degrees))
    height = float(np.median([box[3] for box in boxes]))
    for part in (40, 20, 10):
        yield scene(
            f"blurred, sigma 1/{part} of a face", picture.filter(ImageFilter.GaussianBlur(height / part)), boxes
        )
    for name, (top, bottom, left, right) in {
        "lower half covered": (0.5, 1.0, 0.0, 1.0),
        "left half covered": (0.0, 1.0, 0.0, 0.5),
        "eyes covered": (0.25, 0.5, 0.0, 1.0),
    }.items():
        image = picture.copy()
        for x, y, w, h in boxes:
            ImageDraw.Draw(image).rectangle(
                (x + left * w, y + top * h, x + right * w, y + bottom * h), fill=(70, 90, 120)
            )
        yield scene(name, image, boxes)
    squeezed = io.BytesIO()
    picture.save(squeezed, "JPEG", quality=15)
    yield scene("JPEG quality 15", Image.open(squeezed).convert("RGB"), boxes)


def _turned(picture: Image.Image, boxes: list[Box], degrees: float) -> tuple[Image.Image, list[Box]]:
    image = picture.rotate(-degrees, expand=True, fillcolor=(128, 128, 128), resample=Image.Resampling.BICUBIC)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    old, new = np.array(picture.size) / 2, np.array(image.size) / 2
    faces = []
    for x, y, w, h in boxes:
        cx, cy = turn @ (np.array([x + w / 2, y + h / 2]) - old) + new
        half_w = np.hypot(w / 2 * np.cos(angle), h / 2 * np.sin(angle))
        half_h = np.hypot(w / 2 * np.sin(angle), h / 2 * np.cos(angle))
        faces.append((cx - half_w, cy - half_h, 2 * half_w, 2 * half_h))
    return image, faces


def _wider(options: argparse.Namespace) -> Iterator[Scene]:
    lines = iter(options.boxes.read_text().splitlines())
    scenes = []
    for name in lines:
        count = int(next(lines))
        # WIDER writes one line of zeros for a picture without faces.
        rows = [[int(v) for v in next(lines).split()] for _ in range(max(count, 1))]
        if not options.only or any(name.startswith(prefix) for prefix in options.only):
            scenes.append((name, [row for row in rows if row[2] > 0 and row[3] > 0]))
    chosen = scenes[options.start :: options.step]
    for name, rows in itertools.islice(chosen, options.limit):
        path = options.wider / name
        if path.is_file():
            pixels = np.asarray(Image.open(path).convert("RGB"))
            boxes = tuple((float(r[0]), float(r[1]), float(r[2]), float(r[3])) for r in rows)
            yield Scene(name.split("/")[0], pixels, boxes, tuple(len(r) < 8 or not r[7] for r in rows))


def _overlap(a: Box, b: Box) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (a[2] * a[3] + b[2] * b[3] - wide * high)


def _percent(found: int, total: int) -> str:
    return f"{100 * found / total:.1f} ({total})" if total else "–"


def _wilson(found: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    z, p = 1.96, found / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wider", type=Path, help="folder of pictures in WIDER's format")
    parser.add_argument("--boxes", type=Path, help="its text of boxes")
    parser.add_argument("--only", action="append", default=[], help="only sub-folders whose name starts so")
    parser.add_argument(
        "--start", type=int, default=0, help="begin at this picture, to keep what chose the numbers apart"
    )
    parser.add_argument("--step", type=int, default=1, help="take every so many pictures")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--cnn", action="store_true", help="face_recognition's CNN too (15 s a picture)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
