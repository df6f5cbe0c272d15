"""A colour profile with nothing in it but colours.

A profile holds texts too (a description, a copyright, the maker's notes), and a name may stand in any of them.
"""

from collections.abc import Iterator

_HEADER, _ROW = 128, 12
_COLOURS = frozenset(b"wtpt chad rXYZ gXYZ bXYZ rTRC gTRC bTRC A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 cicp".split())
"""The tags that say how numbers become colours (ICC.1:2022, 8.3)."""
_NUMBERS = frozenset(b"XYZ |sf32|curv|para|mft1|mft2|mAB |mBA |cicp".split(b"|"))
"""The types of tag that hold numbers only (ICC.1:2022, 10)."""
_NAMING_PARTS = (slice(24, 36), slice(48, 56), slice(80, 100))
"""Of the header: when and by whom it was made, for which device, and the checksum of it all."""


def only_colours(profile: bytes) -> bytes | None:
    """The profile without dates, makers and texts; None for one that is damaged or not of an RGB picture."""
    if profile[16:20] != b"RGB " or len(profile) < _HEADER + 4:
        return None
    kept = {name: body for name, body in _tags(profile) if name in _COLOURS and body[:4] in _NUMBERS}
    if not {b"rTRC", b"rXYZ"} <= kept.keys() and b"A2B0" not in kept:
        return None
    # Some readers refuse a profile without a description and a copyright.
    tags = {**_names(version=profile[8]), **kept}
    table, bodies, places = b"", b"", dict[bytes, int]()
    start = _HEADER + 4 + _ROW * len(tags)
    for name, body in tags.items():
        if body not in places:
            places[body] = start + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += name + places[body].to_bytes(4, "big") + len(body).to_bytes(4, "big")
    header = bytearray(profile[:_HEADER])
    for part in _NAMING_PARTS:
        header[part] = bytes(len(header[part]))
    header[100:] = bytes(_HEADER - 100)
    header[:4] = (start + len(bodies)).to_bytes(4, "big")
    return bytes(header) + len(tags).to_bytes(4, "big") + table + bodies


def _tags(profile: bytes) -> Iterator[tuple[bytes, bytes]]:
    count = int.from_bytes(profile[_HEADER : _HEADER + 4], "big")
    for row in range(min(count, 100)):
        at = _HEADER + 4 + _ROW * row
        start, size = (int.from_bytes(profile[at + skip : at + skip + 4], "big") for skip in (4, 8))
        body = profile[start : start + size]
        if size >= 8 and len(body) == size:
            yield profile[at : at + 4], body


def _names(*, version: int) -> dict[bytes, bytes]:
    if version < 4:
        name = b"desc" + bytes(4) + (4).to_bytes(4, "big") + b"RGB\0" + bytes(78)
        return {b"desc": name, b"cprt": b"text" + bytes(4) + b"-\0"}
    head = b"".join(number.to_bytes(4, "big") for number in (1, 12))
    name = b"mluc" + bytes(4) + head + b"enUS" + (6).to_bytes(4, "big") + (28).to_bytes(4, "big") + b"\0R\0G\0B"
    return {b"desc": name, b"cprt": name}
