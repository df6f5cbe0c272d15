"""The faces of a picture or clip, each cut out by itself, for the sheet that a poster answers from."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from postguard.domain.evidence import Region
from postguard.seeing.clips import CLIP_SUFFIXES, open_clip
from postguard.seeing.decoding import Undecodable, open_picture
from postguard.seeing.types import Pixels

AROUND = 0.6
"""How much of a face's width and height is shown on every side: hair and collar help to tell who it is."""
SMALLEST, LARGEST = 160, 480
"""Pixels of a crop's longer side; small faces are enlarged so that somebody can see them at all."""


def crops(path: Path, places: Sequence[tuple[str, Region]], *, sha256: str) -> tuple[bytes | None, ...]:
    """A JPEG of each region, with some of what is around it. Each is of a moment: seconds as a report writes them
    ("0.8"), or nothing for the first frame.

    None for each where the file is not the one with this `sha256`, or cannot be decoded to that moment.
    """
    cut: list[bytes | None] = [None] * len(places)
    wanted = set(range(len(places)))
    try:
        for number, (moment, pixels) in enumerate(_frames(path, sha256)):
            for place in [p for p in wanted if places[p][0] == moment or (number == 0 and not places[p][0])]:
                cut[place] = _crop(Image.fromarray(pixels), places[place][1])
                wanted.remove(place)
            if not wanted:
                break
    except Undecodable:
        pass
    return tuple(cut)


def _frames(path: Path, sha256: str) -> Iterator[tuple[str, Pixels]]:
    """The frames of a picture or clip that are looked at, each with its moment."""
    if path.suffix.lower() in CLIP_SUFFIXES:
        clip = open_clip(path)
        if clip.sha256 == sha256:
            for sample in clip.samples():
                yield f"{sample.at:g}", sample.pixels
        return
    opened = open_picture(path)
    if opened.sha256 == sha256:
        for frame in opened.frames():
            yield "" if frame.at is None else f"{frame.at:g}", frame.views[0]


def _crop(picture: Image.Image, region: Region) -> bytes:
    wide, high = round(region.width * AROUND), round(region.height * AROUND)
    box = (
        max(0, region.x - wide),
        max(0, region.y - high),
        min(picture.width, region.x + region.width + wide),
        min(picture.height, region.y + region.height + high),
    )
    cut = picture.crop(box)
    longest = max(cut.size)
    scale = min(max(longest, SMALLEST), LARGEST) / longest
    cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    cut.save(out, "JPEG", quality=90)
    return out.getvalue()
