"""Small copies of pictures for the HTML page: upright, without metadata, faces painted over where asked."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from postguard.domain.evidence import Region
from postguard.seeing.decoding import Undecodable, open_picture

COVER = (24, 24, 27)
COVER_MARGIN = 0.25
"""How much of a face's width and height is painted over on every side: hair and ears tell who it is as well."""
QUALITY = 80


def reduced(path: Path, *, sha256: str, cover: Sequence[Region] = (), longest: int = 1024) -> bytes | None:
    """A JPEG of the picture's first frame, at most `longest` pixels on its longer side, with `cover` painted over.

    The regions were found in the file whose bytes have this `sha256`; for any other file there is no copy
    (None), nor for one that cannot be opened. The paint goes on before the picture is made smaller, so nothing
    of a covered face is in the copy.
    """
    try:
        opened = open_picture(path)
        if opened.sha256 != sha256:
            return None
        pixels = next(opened.frames()).views[0]
    except (Undecodable, StopIteration):
        return None
    image = Image.fromarray(pixels)
    paint = ImageDraw.Draw(image)
    for region in cover:
        wide, high = round(region.width * COVER_MARGIN), round(region.height * COVER_MARGIN)
        corner = (region.x + region.width + wide, region.y + region.height + high)
        paint.rectangle(((region.x - wide, region.y - high), corner), fill=COVER)
    image.thumbnail((longest, longest))
    copy = io.BytesIO()
    image.save(copy, "JPEG", quality=QUALITY, optimize=True)
    return copy.getvalue()
