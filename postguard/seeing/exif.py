"""EXIF and TIFF: one structure, a chain of directories of tagged values. TIFF 6.0 and EXIF 3.0 (CIPA DC-008-2023).

Read here, not by Pillow, because a gate must know about every directory and every entry it could not follow;
Pillow skips those with a warning or in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes of one value, by field type; 129 is EXIF 3.0's UTF-8."""
_POINTERS = {0x8769: "EXIF", 0x8825: "GPS", 0xA005: "Interop", 0x014A: "Sub"}
_PIXELS = ((0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202), (0x0120, 0x0121))
"""Tags of where strips, tiles, a JPEG and unused bytes begin, and of how long they are."""
_MOST_DIRECTORIES = 2000
"""A TIFF has one for each page. More than this is a loop or an attack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One tagged value. `directory` is "0" for the picture, "1", "2"… for the next in the chain, or EXIF, GPS…

    `kind` is the TIFF field type (2 is ASCII, 7 undefined, 129 UTF-8); `data` are the value's bytes.
    """

    directory: str
    tag: int
    kind: int
    data: bytes
    little: bool

    def number(self) -> int:
        """The first value as a whole number; 0 if there is none."""
        return next(self.numbers(), 0)

    def numbers(self) -> Iterator[int]:
        """Every value as a whole number, of at most four bytes."""
        step = _SIZES[self.kind]
        for at in range(0, len(self.data), step):
            yield int.from_bytes(self.data[at : at + min(step, 4)], "little" if self.little else "big")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """Every entry that could be followed, and whether any could not. `spans`: the [start, end) that directories and
    values take up in the block."""

    entries: tuple[Entry, ...] = ()
    damaged: bool = False
    spans: tuple[tuple[int, int], ...] = ()


def read_tree(data: bytes) -> Tree:
    """Walk every directory of an EXIF block or a TIFF file. Never raises; never follows a loop."""
    little = data[:2] == b"II"
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return Tree(damaged=True)
    order = "little" if little else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]

    entries: list[Entry] = []
    spans = [(0, 8)]
    damaged = False
    seen: set[int] = set()
    waiting = [("0", number(4, 4))]
    chain = 0
    while waiting:
        name, at = waiting.pop(0)
        if at in seen or at + 2 > len(data) or len(seen) >= _MOST_DIRECTORIES:
            damaged = True
            continue
        seen.add(at)
        count = number(at, 2)
        if at + 2 + 12 * count > len(data):
            damaged = True
            count = (len(data) - at - 2) // 12
        spans.append((at, at + 2 + 12 * count + 4))
        for index in range(count):
            place = at + 2 + 12 * index
            tag, kind, values = number(place, 2), number(place + 2, 2), number(place + 4, 4)
            size = _SIZES.get(kind, 0) * values
            start = place + 8 if size <= 4 else number(place + 8, 4)
            value = data[start : start + size]
            if not size:
                damaged |= kind not in _SIZES and values > 0
                continue
            if len(value) != size:
                damaged = True
            if not value:
                continue
            spans.append((start, start + size))
            entries.append(Entry(directory=name, tag=tag, kind=kind, data=value, little=little))
            if tag in _POINTERS and _SIZES[kind] == 4:
                offsets = range(0, len(value) - 3, 4)
                waiting.extend((_POINTERS[tag], int.from_bytes(value[o : o + 4], order)) for o in offsets)  # type: ignore[arg-type]
        if name.isdigit():
            after = number(at + 2 + 12 * count, 4)
            if after:
                chain += 1
                waiting.append((str(chain), after))
    return Tree(entries=tuple(entries), damaged=damaged, spans=tuple(spans))


def left_over(data: bytes, tree: Tree) -> Iterator[tuple[int, int]]:
    """The [start, end) of a block that no entry points to: behind the last strip, or left from an older version."""
    spans = list(tree.spans)
    for starts, lengths in _PIXELS:
        at: dict[str, list[int]] = {}
        size: dict[str, list[int]] = {}
        for entry in tree.entries:
            for tag, numbers in ((starts, at), (lengths, size)):
                if entry.tag == tag:
                    numbers[entry.directory] = list(entry.numbers())
        for directory, offsets in at.items():
            sizes = size.get(directory) or [len(data)] * len(offsets)  # very old files do not say how long they are
            spans += [(start, start + length) for start, length in zip(offsets, sizes, strict=False)]
    end = 0
    for start, stop in sorted(spans):
        if start > end:
            yield end, min(start, len(data))
        end = max(end, stop)
        if end >= len(data):
            return
    yield end, len(data)
