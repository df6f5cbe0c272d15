"""Making the copy of a picture that may be published: upright, covered, cropped, small enough, and nothing else in it.

The copy is made from pixels, never from the file, so nothing can come along unnoticed; only the colour profile is
handed over by name.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from postguard.domain.evidence import Region
from postguard.domain.policy import ChannelLimits
from postguard.seeing.decoding import Opened, Undecodable
from postguard.seeing.metadata import is_bare
from postguard.seeing.profiles import only_colours
from postguard.seeing.types import Pixels

BEST_QUALITY, LEAST_QUALITY = 92, 70
"""JPEG quality: above 92 files grow and nobody sees a difference, below 70 everybody does. Then the picture shrinks."""
_SMALLER = 0.85
_LEAST_SIDE = 64
MOVING = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
"""Kinds of file in which further pictures are moments of an animation, not pages."""

Paint = Callable[[Pixels], Pixels]
"""Covers and crops one upright frame. Must not change what it was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """An encoded picture. `suffix` has its dot. `as_it_was`: the file's own bytes, which held nothing to take out."""

    data: bytes
    suffix: str
    width: int
    height: int
    as_it_was: bool = False


def copy(opened: Opened, paint: Paint | None, limits: ChannelLimits | None) -> Copy:
    """The picture for publishing. `paint` is None when nothing is covered or cropped. Raises Undecodable."""
    moving = opened.frame_count > 1 and opened.format in MOVING
    if paint is None and _may_stay(opened, limits, moving=moving):
        return Copy(
            data=opened.data,
            suffix=_SUFFIXES[opened.format],
            width=opened.width,
            height=opened.height,
            as_it_was=True,
        )
    if moving:
        return _moving(opened, paint or _as_it_is, limits)
    first = next(iter(opened.frames())).views[0]
    return _still((paint or _as_it_is)(first), opened, limits)


def cropped(pixels: Pixels, region: Region) -> Pixels:
    return np.ascontiguousarray(pixels[region.y : region.y + region.height, region.x : region.x + region.width])


_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp"}


def _as_it_is(pixels: Pixels) -> Pixels:
    return pixels


def _may_stay(opened: Opened, limits: ChannelLimits | None, *, moving: bool) -> bool:
    plain = opened.format in ({"GIF", "WEBP"} if moving else {"JPEG", "PNG"}) and _takes(limits, opened.format)
    if not plain or not is_bare(opened.image, opened.data) or len(opened.data) > _most(limits, opened.format):
        return False
    if opened.image.info.get("icc_profile") != _profile(opened):
        return False
    # Transparency and 16 bits can hide what the picture does not show.
    return moving or (opened.image.mode in {"RGB", "L"} and len(next(iter(opened.frames())).views) == 1)


def _takes(limits: ChannelLimits | None, kind: str) -> bool:
    return limits is None or not limits.formats or kind in limits.formats


def _most(limits: ChannelLimits | None, kind: str) -> float:
    if limits is None:
        return math.inf
    most = limits.gif_bytes if kind == "GIF" and limits.gif_bytes is not None else limits.picture_bytes
    return math.inf if most is None else most


def _still(pixels: Pixels, opened: Opened, limits: ChannelLimits | None) -> Copy:
    profile = _profile(opened)
    image = Image.fromarray(pixels)
    if opened.format == "PNG" and _takes(limits, "PNG"):
        data = _saved(image, "PNG", icc_profile=profile)
        if len(data) <= _most(limits, "PNG"):
            return Copy(data=data, suffix=".png", width=image.width, height=image.height)
    most = _most(limits, "JPEG")
    while True:
        data = _saved(image, "JPEG", quality=BEST_QUALITY, icc_profile=profile)
        if len(data) > most:
            data = _best_that_fits(image, most, profile)
        if len(data) <= most:
            return Copy(data=data, suffix=".jpg", width=image.width, height=image.height)
        image = _reduced(image)


def _best_that_fits(image: Image.Image, most: float, profile: bytes | None) -> bytes:
    """The JPEG of the highest quality that fits, or the smallest tried when none does."""
    low, high = LEAST_QUALITY, BEST_QUALITY - 1
    best = _saved(image, "JPEG", quality=low, icc_profile=profile)
    while low < high and len(best) <= most:
        middle = (low + high + 1) // 2
        data = _saved(image, "JPEG", quality=middle, icc_profile=profile)
        if len(data) <= most:
            best, low = data, middle
        else:
            high = middle - 1
    return best


def _reduced(image: Image.Image) -> Image.Image:
    if min(image.size) * _SMALLER < _LEAST_SIDE:
        raise Undecodable("it cannot be made small enough for the channel; choose another picture")
    return image.resize((round(image.width * _SMALLER), round(image.height * _SMALLER)), Image.Resampling.LANCZOS)


def _moving(opened: Opened, paint: Paint, limits: ChannelLimits | None) -> Copy:
    kind = "WEBP" if opened.format == "WEBP" and _takes(limits, "WEBP") else "GIF"
    for _ in opened.frames():  # refuses what cannot be decoded, with the reason
        pass
    frames, lasts = [], []
    with Image.open(io.BytesIO(opened.data)) as source:
        for frame in ImageSequence.Iterator(source):
            frame.load()  # a WebP says only then how long it lasts
            lasts.append(int(frame.info.get("duration", 100) or 100))
            upright = ImageOps.exif_transpose(frame).convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            frames.append(Image.fromarray(paint(np.asarray(Image.alpha_composite(white, upright).convert("RGB")))))
    while True:
        options = {"quality": 85, "method": 4} if kind == "WEBP" else {"optimize": True}
        data = _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=lasts, loop=0, **options)
        if len(data) <= _most(limits, kind):
            return Copy(data=data, suffix=_SUFFIXES[kind], width=frames[0].width, height=frames[0].height)
        frames = [_reduced(frame) for frame in frames]


def _profile(opened: Opened) -> bytes | None:
    """The colour profile where it still fits: the copy is RGB, and a profile of grey or of ink would spoil it."""
    profile = opened.image.info.get("icc_profile")
    return only_colours(profile) if isinstance(profile, bytes) and opened.image.mode in {"RGB", "RGBA", "P"} else None


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **{name: value for name, value in options.items() if value is not None})
    return out.getvalue()
