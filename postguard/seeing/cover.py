"""Covering what must not be seen. Nothing of what is covered decides what the cover looks like
(docs/decisions/0009-covering.md), so nothing of it can be won back.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from postguard.domain.evidence import Glance, Region
from postguard.seeing.types import Pixels

HEAD_WIDE, HEAD_HIGH, HEAD_UP = 0.90, 1.05, 0.18
"""Half axes of the ellipse over a head, in widths and heights of its face's box, and how far its centre lies above the
box's: hair above, chin below, both ears (measured in bench/prepare.py: no encoder finds anybody after it)."""
COMPRESSION = 24
"""px around a face at least: JPEG mixes blocks of 16 px and their neighbours, so a hint of the face lies around it in
the file the picture came from (measured: another face changes nothing further away than this)."""
WORDS_MARGIN = 0.25
"""Words are covered with this much of the line's height around them, and a block of JPEG at least."""
STEPS = 4
"""Covers on the way between two looks: a head then moves less than its own width from one to the next."""
SLACK = 0.05
"""Seconds; looks are told to a hundredth, and frames may lie beside them."""
REACH = 0.2
"""Seconds before the first look and after the last for which a head is taken to move as it did."""
_GREY = (96, 104, 112)
_TONES = ((96, 104, 112), (140, 148, 156), (116, 124, 132), (168, 174, 180))


class Style(Enum):
    """How a head is covered. Words and corners are always covered plainly."""

    ELLIPSE = "ellipse"
    MOSAIC = "mosaic"
    DISC = "disc"


_PLAIN = {Style.ELLIPSE: _GREY, Style.DISC: (220, 70, 70)}
"""No mark on the disc: detectors take a drawn mark for a face. Red, because they take a blue or green one for a face as
well, and dlib's encoder a yellow one for some child or other (0009)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """Something to cover: a head (`region` is its face's box, `roll` its tilt in degrees), or anything else.

    `since` and `until` are the seconds of a clip between which it is there.
    """

    region: Region
    head: bool
    roll: float = 0.0
    since: float = -math.inf
    until: float = math.inf


def covered(pixels: Pixels, covers: Iterable[Cover], style: Style = Style.ELLIPSE) -> Pixels:
    """A copy with everything in `covers` painted over. The paint depends on where the covers are, on nothing else."""
    image = Image.fromarray(pixels)
    for cover in covers:
        box = _inside(reach(cover), image)
        if box is None:
            continue
        if not cover.head:
            image.paste(_GREY, box)
            continue
        left, top, right, bottom = box
        mask = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in head_outline(cover)], fill=1)
        image.paste(_mosaic(box, cover) if style is Style.MOSAIC else _PLAIN[style], box, mask)
    return np.asarray(image)


def reach(cover: Cover) -> Region:
    """The upright box around all that a cover hides, which may be larger than the picture."""
    if not cover.head:
        return cover.region
    xs, ys = zip(*head_outline(cover), strict=True)
    left, top = math.floor(min(xs)), math.floor(min(ys))
    return Region(x=left, y=top, width=math.ceil(max(xs)) - left + 1, height=math.ceil(max(ys)) - top + 1)


def words_cover(region: Region) -> Cover:
    """A cover for words that were read in `region`."""
    margin = max(math.ceil(WORDS_MARGIN * min(region.width, region.height)) + 1, 16)
    grown = Region(
        x=region.x - margin,
        y=region.y - margin,
        width=region.width + 2 * margin,
        height=region.height + 2 * margin,
    )
    return Cover(region=grown, head=False)


def followed(path: Sequence[Glance]) -> tuple[Cover, ...]:
    """Covers over a head through a clip, which was seen at least once.

    Each look's cover lies from the look before to the look after; where the head moved, more lie on the way, and on
    the way on which it came and went. Of a head seen once nobody knows where it went: its cover is twice as large.
    """
    if len(path) == 1:
        (only,) = path
        return (_timed(_twice(only.region), only.roll, only.since, only.until),)
    coming = _guessed(path[0], path[1], max(path[0].since, path[0].at - REACH))
    going = _guessed(path[-1], path[-2], min(path[-1].until, path[-1].at + REACH))
    covers = [_timed(glance.region, glance.roll, glance.since, glance.until) for glance in path]
    for before, after in pairwise((coming, *path, going)):
        covers += [_timed(*_between(before, after, step / STEPS), before.at, after.at) for step in range(STEPS + 1)]
    return tuple(covers)


def _timed(region: Region, roll: float, since: float, until: float) -> Cover:
    return Cover(region=region, head=True, roll=roll, since=since - SLACK, until=until + SLACK)


def _twice(region: Region) -> Region:
    x, y = region.x - region.width // 2, region.y - region.height // 2
    return Region(x=x, y=y, width=2 * region.width, height=2 * region.height)


def _guessed(last: Glance, other: Glance, at: float) -> Glance:
    """Where the head was at another moment, had it moved as it did between these two."""
    region, roll = _between(last, other, (at - last.at) / (other.at - last.at))
    return Glance(at=at, since=at, until=at, region=region, roll=roll)


def _between(one: Glance, other: Glance, share: float) -> tuple[Region, float]:
    a, b = one.region, other.region
    x, y, width, height = (
        round(p + (q - p) * share) for p, q in ((a.x, b.x), (a.y, b.y), (a.width, b.width), (a.height, b.height))
    )
    return Region(x=x, y=y, width=max(width, 1), height=max(height, 1)), one.roll + (other.roll - one.roll) * share


def head_outline(cover: Cover) -> list[tuple[float, float]]:
    """The ellipse over a head as a polygon of 90 corners, in pixels."""
    (x, y), half_width, half_height, turn = _ellipse(cover)
    across, down = math.cos(turn), math.sin(turn)
    corners = []
    for step in range(90):
        angle = 2 * math.pi * step / 90
        a, b = half_width * math.cos(angle), half_height * math.sin(angle)
        corners.append((x + a * across - b * down, y + a * down + b * across))
    return corners


def _ellipse(cover: Cover) -> tuple[tuple[float, float], float, float, float]:
    box, turn = cover.region, math.radians(cover.roll)
    up = HEAD_UP * box.height
    centre = (box.x + box.width / 2 + up * math.sin(turn), box.y + box.height / 2 - up * math.cos(turn))
    half_width = max(HEAD_WIDE * box.width, box.width / 2 + COMPRESSION)
    half_height = max(HEAD_HIGH * box.height, (0.5 + HEAD_UP) * box.height + COMPRESSION)
    return centre, half_width, half_height, turn


def _inside(region: Region, image: Image.Image) -> tuple[int, int, int, int] | None:
    """The region's left, top, right and bottom within the image; None where nothing of it is."""
    left, top = max(region.x, 0), max(region.y, 0)
    right, bottom = min(region.x + region.width, image.width), min(region.y + region.height, image.height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mosaic(box: tuple[int, int, int, int], cover: Cover) -> Image.Image:
    """A picture of the box's size of fixed tones in tiles, a sixteenth of a head wide: detectors take larger ones for
    features of a face."""
    left, top, right, bottom = box
    _, half_width, _, _ = _ellipse(cover)
    tile = max(4, round(half_width / 8))
    columns, rows = np.arange(left, right)[None, :] // tile, np.arange(top, bottom)[:, None] // tile
    # Which tone a tile has follows from where it is. A true mosaic averages the face: averages can be undone.
    return Image.fromarray(np.array(_TONES, dtype=np.uint8)[(columns * 7 + rows * 5 + columns * rows) % 4])
