"""Places as plain values, for every file that keeps an answer. Read strictly: what is odd is no answer."""

from collections.abc import Mapping
from typing import Any

from postguard.domain.answers import Place
from postguard.domain.evidence import Region


class Odd(Exception):
    """What is written there is not what postguard writes."""


def place_to_plain(place: Place) -> dict[str, Any]:
    plain: dict[str, Any] = {"sha256": place.sha256}
    if place.frame:
        plain["frame"] = place.frame
    if place.region is not None:
        plain["region"] = [place.region.x, place.region.y, place.region.width, place.region.height]
    if place.span is not None:
        plain["span"] = list(place.span)
    if place.about:
        plain["about"] = place.about
    return plain


def place_from_plain(plain: object) -> Place:
    """Raises Odd."""
    found = table(plain, required=("sha256",), optional=("frame", "region", "span", "about"))
    region = span = None
    if "region" in found:
        x, y, width, height = numbers(found["region"], 4)
        if width < 1 or height < 1:
            raise Odd("a region is empty")
        region = Region(x=x, y=y, width=width, height=height)
    if "span" in found:
        start, end = numbers(found["span"], 2)
        span = (start, end)
    sha256 = text(found["sha256"])
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise Odd("a hash is not one")
    return Place(
        sha256=sha256, frame=text(found.get("frame", "")), region=region, span=span, about=text(found.get("about", ""))
    )


def table(plain: object, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Exactly these keys. Raises Odd."""
    if not isinstance(plain, dict) or not all(isinstance(key, str) for key in plain):
        raise Odd("a list of keys and values is missing")
    if missing := set(required) - set(plain):
        raise Odd(f"{sorted(missing)[0]} is missing")
    if set(plain) - set(required) - set(optional):
        raise Odd("there is something in it that postguard never writes")
    return plain


def rows(plain: object) -> list[Any]:
    """A list. Raises Odd."""
    if not isinstance(plain, list):
        raise Odd("a list is missing")
    return plain


def text(plain: object) -> str:
    """Words. Raises Odd."""
    if not isinstance(plain, str):
        raise Odd("words are missing")
    return plain


def numbers(plain: object, how_many: int) -> list[int]:
    """Whole numbers, written as numbers or as words. Raises Odd."""
    if not isinstance(plain, list) or len(plain) != how_many:
        raise Odd("numbers are missing")
    if not all(isinstance(n, str | int) and not isinstance(n, bool) for n in plain):
        raise Odd("a number is not one")
    try:
        return [int(n) for n in plain]
    except ValueError:
        raise Odd("a number is not one") from None
