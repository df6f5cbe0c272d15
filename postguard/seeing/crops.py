"""The faces of a picture, each cut out by itself, for the sheet that a poster answers from."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from postguard.domain.evidence import Region
from postguard.seeing.decoding import Undecodable, open_picture

AROUND = 0.6
"""How much of a face's width and height is shown on every side: hair and collar help to tell who it is."""
SMALLEST, LARGEST = 160, 480
"""Pixels of a crop's longer side; small faces are enlarged so that somebody can see them at all."""


def crops(path: Path, regions: Sequence[Region], *, sha256: str) -> tuple[bytes | None, ...]:
    """A JPEG of each region of the picture's first frame, with some of what is around it.

    None for each where the file is not the one with this `sha256`, or cannot be opened as a still picture.
    """
    try:
        opened = open_picture(path)
        if opened.sha256 != sha256:
            return tuple(None for _ in regions)
        picture = Image.fromarray(next(opened.frames()).views[0])
    except (Undecodable, StopIteration):
        return tuple(None for _ in regions)
    return tuple(_crop(picture, region) for region in regions)


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
