"""Which part of a picture may stay when some of it must go. Regions here may reach beyond the picture."""

from collections.abc import Sequence

from postguard.domain.evidence import Region


def largest_crop(width: int, height: int, lose: Sequence[Region], keep: Sequence[Region]) -> Region | None:
    """The largest upright rectangle that touches nothing of `lose` and holds all of `keep`, or None.

    Its sides stand at edges of `lose` or of the picture, so it is among the pairs of left and right edges with the
    widest gap between what lies there.
    """
    lefts = sorted({0, *(min(max(r.x + r.width, 0), width) for r in lose)})
    rights = sorted({width, *(min(max(r.x, 0), width) for r in lose)})
    best: Region | None = None
    for left in lefts:
        for right in rights:
            if right <= left or any(r.x < left or r.x + r.width > right for r in keep):
                continue
            inside = sorted((r.y, r.y + r.height) for r in lose if r.x < right and r.x + r.width > left)
            top = 0
            for begin, end in (*inside, (height, height)):
                bottom = min(begin, height)
                fits = bottom > top and all(top <= r.y and r.y + r.height <= bottom for r in keep)
                if fits and (best is None or (right - left) * (bottom - top) > best.width * best.height):
                    best = Region(x=left, y=top, width=right - left, height=bottom - top)
                top = max(top, end)
    return best


def within(region: Region, width: int, height: int) -> Region:
    """The part of a region that is in the picture."""
    left, top = max(region.x, 0), max(region.y, 0)
    right, bottom = min(region.x + region.width, width), min(region.y + region.height, height)
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def share(of: Region, under: Region) -> float:
    """How much of a region lies under another, 0 to 1."""
    across = min(of.x + of.width, under.x + under.width) - max(of.x, under.x)
    down = min(of.y + of.height, under.y + under.height) - max(of.y, under.y)
    return max(0, across) * max(0, down) / (of.width * of.height)
