"""How many damaged clips are noticed, and what reading one costs, beside FFmpeg through OpenCV.

    python bench/clips.py                   # the table of damage
    python bench/clips.py --speed 3         # the time to read a clip of 10 s in 1920 × 1080, three times

Clips of a camera that moves over a demo group, in the codes and files that phones, cameras and editors make. In each,
so many bytes of the film are changed by chance. *Refused*: the clip is not looked at, and fails the draft.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from postguard.seeing.clips import open_clip
from postguard.seeing.decoding import Undecodable

ROOT = Path(__file__).resolve().parents[1]
HITS = (0, 1, 4, 20)
KINDS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "H.264 (x264), MP4": ("a.mp4", "libx264", "yuv420p", {}),
    "H.264, open groups": ("a.mp4", "libx264", "yuv420p", {"x264-params": "bframes=5:open-gop=1:keyint=12"}),
    "H.264, MOV": ("a.mov", "libx264", "yuv420p", {}),
    "H.264, 10 bits": ("a.mp4", "libx264", "yuv420p10le", {}),
    "H.264, AVI": ("a.avi", "libx264", "yuv420p", {}),
    "H.265 (x265), MP4": ("a.mp4", "libx265", "yuv420p", {"x265-params": "log-level=none"}),
    "H.265, 10 bits, MOV": ("a.mov", "libx265", "yuv420p10le", {"x265-params": "log-level=none"}),
    "MPEG-4, MP4": ("a.mp4", "mpeg4", "yuv420p", {"bf": "2"}),
    "MPEG-4, AVI": ("a.avi", "mpeg4", "yuv420p", {"bf": "2"}),
    "motion JPEG, AVI": ("a.avi", "mjpeg", "yuvj420p", {}),
    "ProRes, MOV": ("a.mov", "prores_ks", "yuv422p10le", {}),
    "VP8, WebM": ("a.webm", "libvpx", "yuv420p", {"deadline": "realtime"}),
    "VP9, WebM": ("a.webm", "libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "6"}),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=10, help="damaged clips of each kind and number of bytes")
    parser.add_argument("--speed", type=int, default=0, metavar="RUNS")
    options = parser.parse_args()
    print("command: python bench/clips.py " + " ".join(sys.argv[1:]))
    with tempfile.TemporaryDirectory() as folder:
        return _speed(Path(folder), options.speed) if options.speed else _damage(Path(folder), options.clips)


def _damage(folder: Path, clips: int) -> int:
    rng = np.random.default_rng(1)
    print("| clip | " + " | ".join(f"{hits} bytes: postguard, OpenCV" for hits in HITS) + " |")
    print("|-" * (len(HITS) + 1) + "|")
    totals = np.zeros((len(HITS), 2), int)
    for kind, (name, codec, pix_fmt, settings) in KINDS.items():
        path = folder / name
        _write(path, codec, pix_fmt, settings, _pan(50, 640, 360))
        whole = path.read_bytes()
        with av.open(str(path)) as file:
            packets = [(p.pos, p.size) for p in file.demux(video=0) if p.size and p.pos is not None]
        row = np.zeros((len(HITS), 2), int)
        for number, hits in enumerate(HITS):
            for _ in range(clips if hits else 1):
                damaged = bytearray(whole)
                for at, size in rng.choice(packets, hits):
                    damaged[at + rng.integers(size)] ^= int(rng.integers(1, 256))
                path.write_bytes(bytes(damaged))
                row[number] += (not _reads(_with_postguard, path), not _reads(_with_opencv, path))
        totals += row
        print(f"| {kind} | " + " | ".join(f"{ours}, {theirs}" for ours, theirs in row) + " |", flush=True)
    print("| all | " + " | ".join(f"{ours}, {theirs}" for ours, theirs in totals) + " |")
    print(f"\nOf {len(KINDS)} undamaged clips, and of {clips * len(KINDS)} with each number of damaged bytes.")
    return 0


def _reads(read: Callable[[Path], int], path: Path) -> bool:
    try:
        return read(path) > 0
    except Undecodable:
        return False


def _with_postguard(path: Path) -> int:
    return sum(1 for _ in open_clip(path).samples())


def _with_opencv(path: Path) -> int:
    """As strict as OpenCV can be told to be, held against the number of frames that the file states."""
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "err_detect;explode")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    import cv2

    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    at, rate, stated = 0.0, capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    frames = 0
    while capture.grab():
        frames += 1
        at = max(at, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        read, frame = capture.retrieve()
        if not read:
            raise Undecodable("a frame could not be read")
        cv2.resize(frame, (160, 90), interpolation=cv2.INTER_AREA)
    if not frames or at < stated / rate - 0.5:
        raise Undecodable("it ends early")
    return frames


def _speed(folder: Path, runs: int) -> int:
    path = folder / "a.mp4"
    _write(path, "libx264", "yuv420p", {"preset": "veryfast"}, _pan(250, 1920, 1080))
    print("| reader | wall s | processor s |\n|-|-|-|")
    for _ in range(runs):
        for name, read in (("postguard", _with_postguard), ("OpenCV", _with_opencv)):
            wall, processor = time.perf_counter(), time.process_time()
            read(path)
            print(f"| {name} | {time.perf_counter() - wall:.2f} | {time.process_time() - processor:.2f} |", flush=True)
    return 0


def _pan(frames: int, width: int, height: int) -> Iterator[np.ndarray]:
    group = Image.open(ROOT / "tests/pictures/G1_class.jpg").convert("RGB")
    wide = 0.7 * min(group.width, group.height * width / height)
    for number in range(frames):
        left = number / frames * (group.width - wide)
        top = (1 - number / frames) * (group.height - wide * height / width) / 2
        box = (left, top, left + wide, top + wide * height / width)
        yield np.asarray(group.resize((width, height), Image.Resampling.BILINEAR, box=box))


def _write(path: Path, codec: str, pix_fmt: str, settings: dict[str, str], frames: Iterator[np.ndarray]) -> None:
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate=Fraction(25))
        stream.pix_fmt, stream.options = pix_fmt, settings
        for number, pixels in enumerate(frames):
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        file.mux(stream.encode())


if __name__ == "__main__":
    raise SystemExit(main())
