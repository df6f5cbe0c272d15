"""What a look at a picture costs, at 2, 12 and 24 megapixels, beside face_recognition on the same file.

    python bench/speed.py [--repeat 3] [--cores 2]

Every contender runs in a process of its own (so that its peak memory is its own), on as many cores (Linux), after one
warm-up picture:

- postguard: `Eyes.look`, everything from opening the file to both encoders' templates (without reading words).
- face_recognition: `load_image_file`, `face_locations` (HOG, upsample 1), `face_encodings`.
- bare networks: what postguard's passes cost, one after the other, with nothing around them: YuNet on the full and the
  reduced picture, turned twice and narrowed, CenterFace on its tiles, HOG, and for each face dlib's encoder once and
  SFace twice.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SIZES = {2: (1632, 1224), 12: (4000, 3000), 24: (6000, 4000)}
CONTENDERS = ("postguard", "bare networks", "face_recognition")


def main() -> int:
    options = _options()
    if options.contender:
        print(json.dumps(_measure(options)))
        return 0
    print("command: python bench/speed.py " + " ".join(sys.argv[1:]))
    print(
        f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, of which each may use {options.cores}"
    )
    print("| megapixels | contender | wall s | CPU s | faces | peak MB |\n|-|-|-|-|-|-|")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels, size in SIZES.items():
            path = Path(folder) / f"{megapixels}.jpg"
            # The demo school's assembly, enlarged: what a better camera would have made of the same scene.
            with Image.open(ROOT / "tests/pictures/G4_assembly.jpg") as picture:
                picture.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(path, quality=92)
            for contender in CONTENDERS:
                row = _in_a_process(contender, path, options)
                cells = f"{row['wall']:.2f} | {row['cpu']:.2f} | {row['faces']} | {row['peak']:.0f}"
                print(f"| {megapixels} | {contender} | {cells} |", flush=True)
    return 0


def _in_a_process(contender: str, path: Path, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, "--contender", contender, "--picture", str(path)]
    command += ["--repeat", str(options.repeat), "--cores", str(options.cores)]
    threads = {"OMP_NUM_THREADS": str(options.cores), "OPENBLAS_NUM_THREADS": str(options.cores)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | threads)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _measure(options: argparse.Namespace) -> dict[str, float]:
    import cv2

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    cv2.setNumThreads(options.cores)
    look = {"postguard": _postguard, "bare networks": _bare, "face_recognition": _face_recognition}[options.contender]()
    faces = look(options.picture)
    walls, cpus = [], []
    for _ in range(options.repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        look(options.picture)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    # The best of several: what others on the machine add is not the contender's.
    return {"wall": min(walls), "cpu": min(cpus), "faces": faces, "peak": peak}


def _postguard() -> Callable[[Path], int]:
    from postguard.domain.drafts import Picture
    from postguard.seeing.eyes import Eyes
    from postguard.seeing.models import Models

    eyes = Eyes(Models.find())

    def look(path: Path) -> int:
        sight = eyes.look(Picture(part=path.name, path=path))
        if sight.unchecked:
            raise SystemExit(f"{path}: {sight.unchecked}")
        return sum(len(frame.faces) for frame in sight.frames)

    return look


def _bare() -> Callable[[Path], int]:
    import cv2
    import numpy as np

    from postguard.seeing import limits
    from postguard.seeing.decoding import open_picture
    from postguard.seeing.detectors import CenterFace, Hog, YuNet, tiles
    from postguard.seeing.encoders import DlibEncoder, SFaceEncoder
    from postguard.seeing.finder import Finder
    from postguard.seeing.geometry import resized, turned
    from postguard.seeing.models import Models

    models = Models.find()
    yunet, centerface, hog = YuNet(models), CenterFace(models), Hog()
    encoders = (DlibEncoder(models), SFaceEncoder(models))
    finder = Finder.of(models)
    prepared: dict[Path, tuple[list[tuple[object, np.ndarray]], np.ndarray, list[np.ndarray]]] = {}

    def look(path: Path) -> int:
        if path not in prepared:
            (frame,) = open_picture(path).frames()
            pixels = frame.views[0]
            height, width = pixels.shape[:2]
            reduced = resized(pixels, limits.REDUCED_SIDE)[0]
            small, tiny = (resized(reduced, side)[0] for side in (limits.TURNED_SIDE, limits.LARGE_FACES_SIDE))
            passes: list[tuple[object, np.ndarray]] = [(yunet, reduced), (centerface, reduced), (hog, reduced)]
            passes += [(yunet, turned(small, degrees)[0]) for degrees in (*limits.TURNED_BY, *limits.LYING_BY)]
            narrow = (round(small.shape[1] / limits.NARROWED_BY), small.shape[0])
            passes.append((yunet, np.asarray(cv2.resize(small, narrow, interpolation=cv2.INTER_AREA))))
            passes += [(yunet, tiny), (centerface, tiny)]
            if max(width, height) > limits.REDUCED_SIDE:
                side = (limits.FULL_SIZE_TILE, limits.FULL_SIZE_TILE)
                cuts = tiles(width, height, side, limits.TILE_OVERLAP)
                passes += [(yunet, pixels[y : y + h, x : x + w]) for x, y, w, h in cuts]
            marks = [seen.best.landmarks for seen in finder.find(pixels) if seen.best.landmarks is not None]
            prepared[path] = (passes, pixels, marks)
        passes, pixels, marks = prepared[path]
        # Opening the file is part of every contender's work.
        list(open_picture(path).frames())
        for detector, picture in passes:
            detector.find(picture)  # type: ignore[attr-defined]
        for points in marks:
            for encoder in encoders:
                encoder.template(pixels, points)
        return len(marks)

    return look


def _face_recognition() -> Callable[[Path], int]:
    import face_recognition

    def look(path: Path) -> int:
        pixels = face_recognition.load_image_file(str(path))
        boxes = face_recognition.face_locations(pixels)
        return len(face_recognition.face_encodings(pixels, boxes))

    return look


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--picture", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
