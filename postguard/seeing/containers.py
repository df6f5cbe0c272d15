"""Taking a picture file apart into the blocks that are not the picture: notes, captions, previews.

Written here and not left to Pillow, because Pillow keeps what it needs for showing a picture: it does not join
extended XMP, drops what follows the picture's end, and raises on a block that a gate must report.
Nothing here understands a block; `metadata` does. No length in a file is believed.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

MOST_TEXT = 16 * 1024 * 1024
"""Bytes that one compressed text may unfold to. The largest honest XMP we know of is a few MB."""


class Kind(Enum):
    """What a block of a file is."""

    EXIF = "EXIF"
    XMP = "XMP"
    IPTC = "IPTC"
    PHOTOSHOP = "Photoshop"
    TEXT = "text"
    PROFILE = "colour profile"
    PREVIEW = "preview"
    OTHER = "other"
    AFTER = "after the end"
    PIXELS = "pixels"
    """A whole file whose blocks somebody else takes apart: only searched for further pictures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Bytes out of a file. `label` names the block for people ("JPEG comment", a PNG key)."""

    kind: Kind
    data: bytes
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A file's blocks in its order, and what was wrong with it in plain words."""

    blocks: tuple[Block, ...] = ()
    problems: tuple[str, ...] = ()


_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""Any marker but stuffing (FF00), restarts (D0–D7) and fill bytes, so that it also finds the end of a scan."""
_END, _DAMAGED = 0xD9, -1
XMP_BOX = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
"""The id of the box that holds XMP in an MP4 or a HEIC (XMP part 3, 1.1.5)."""
CUT_SHORT = "the file is cut short or damaged where it keeps its notes"


JPEG_START = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]")


def is_jpeg(data: bytes, start: int = 0) -> bool:
    """Whether a JPEG starts there: its first segment is followed by a marker, or cut short.

    Three bytes alone stand in a large colour profile by chance.
    """
    if not JPEG_START.match(data, start):
        return False
    after = start + 4 + int.from_bytes(data[start + 4 : start + 6], "big")
    return after >= len(data) or data[after] == 0xFF


def jpeg(data: bytes) -> Contents:
    """The segments of a JPEG, with extended XMP joined and everything after the picture's end."""
    blocks: list[Block] = []
    problems: list[str] = []
    extended = _ExtendedXmp()
    pieces: dict[Kind, bytes] = {}
    for marker, body in _jpeg_segments(data):
        if marker == _DAMAGED:
            problems.append(CUT_SHORT)
        elif marker == _END and body:
            blocks.append(Block(kind=Kind.AFTER, data=body, label="data after the picture"))
        elif marker == 0xFE:
            blocks.append(Block(kind=Kind.TEXT, data=body, label="JPEG comment"))
        elif marker == 0xE1 and body.startswith(_ExtendedXmp.MARK):
            extended.add(body)
        elif marker == 0xED and body.startswith(b"Photoshop 3.0\0"):
            pieces[Kind.PHOTOSHOP] = pieces.get(Kind.PHOTOSHOP, b"") + body[14:]
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
            pieces[Kind.PROFILE] = pieces.get(Kind.PROFILE, b"") + body[14:]
        elif 0xE0 <= marker <= 0xEF:
            blocks.extend(_jpeg_app(marker - 0xE0, body))
    blocks.extend(Block(kind=kind, data=joined, label=kind.value) for kind, joined in pieces.items())
    whole, trouble = extended.joined()
    blocks.extend(Block(kind=Kind.XMP, data=packet, label="extended XMP") for packet in whole)
    return Contents(blocks=tuple(blocks), problems=(*problems, *trouble))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker and its bytes; at last `_END` with what follows the picture, or `_DAMAGED`."""
    at = 2
    while mark := _JPEG_MARKER.search(data, at):
        at, marker = mark.start(), data[mark.start() + 1]
        if marker == _END:
            yield _END, data[at + 2 :]
            return
        if marker in (0x01, 0xD8):
            at += 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + size]
        if size < 2 or len(body) != size - 2:
            break
        yield marker, body
        at += 2 + size
    yield _DAMAGED, b""


def _jpeg_app(number: int, body: bytes) -> Iterator[Block]:
    if number == 0 and body.startswith(b"JFIF\0"):
        if body[14:]:  # three bytes for each pixel of an old kind of preview
            yield Block(kind=Kind.PREVIEW, data=body[14:], label="JFIF preview")
        return
    if number == 0 and body.startswith(b"JFXX\0\x10"):
        yield Block(kind=Kind.PREVIEW, data=body[6:], label="JFIF preview")
    elif number == 1 and body.startswith(b"Exif\0"):
        yield Block(kind=Kind.EXIF, data=body[6:], label="EXIF")
    elif number == 1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        yield Block(kind=Kind.XMP, data=body[29:], label="XMP")
    elif not (number == 14 and body.startswith(b"Adobe")):
        yield Block(kind=Kind.OTHER, data=body, label=f"JPEG APP{number}")


class _ExtendedXmp:
    """XMP over 64 KB in a JPEG: pieces with an id, the whole's length and their own offset (XMP part 3, 1.1.3.1)."""

    MARK = b"http://ns.adobe.com/xmp/extension/\0"

    def __init__(self) -> None:
        self._pieces: dict[bytes, tuple[int, dict[int, bytes]]] = {}
        self._broken = False

    def add(self, body: bytes) -> None:
        head = body[len(self.MARK) : len(self.MARK) + 40]
        if len(head) < 40:
            self._broken = True
            return
        length, offset = int.from_bytes(head[32:36], "big"), int.from_bytes(head[36:40], "big")
        _, pieces = self._pieces.setdefault(head[:32], (length, {}))
        pieces[offset] = body[len(self.MARK) + 40 :]

    def joined(self) -> tuple[list[bytes], list[str]]:
        packets = []
        for length, pieces in self._pieces.values():
            packet = b""
            for offset, piece in sorted(pieces.items()):
                self._broken |= offset != len(packet)
                packet += piece
            self._broken |= len(packet) != length
            packets.append(packet)
        return packets, ["part of the long notes in the file (extended XMP) is missing"] if self._broken else []


def png(data: bytes) -> Contents:
    """The chunks of a PNG that are not the picture; compressed text is unfolded, up to `MOST_TEXT`."""
    blocks: list[Block] = []
    problems: list[str] = []
    shown = frames = 0
    at = 8
    while True:
        head = data[at : at + 8]
        size = int.from_bytes(head[:4], "big")
        body = data[at + 8 : at + 8 + size]
        if len(head) < 8 or len(body) != size:
            problems.append(CUT_SHORT)
            break
        at += 12 + size
        name = head[4:]
        if name == b"acTL":
            shown = int.from_bytes(body[:4], "big")
        frames += name == b"fcTL"
        if name == b"IEND":
            if frames != shown:
                problems.append("the file holds frames that do not show")
            if at < len(data):
                blocks.append(Block(kind=Kind.AFTER, data=data[at:], label="data after the picture"))
            break
        block = _png_chunk(name, body)
        if isinstance(block, str):
            problems.append(block)
        elif block is not None:
            blocks.append(block)
    return Contents(blocks=tuple(blocks), problems=tuple(dict.fromkeys(problems)))


_PNG_PICTURE = frozenset(
    b"IHDR PLTE IDAT tRNS cHRM gAMA sBIT sRGB bKGD hIST pHYs tIME acTL fcTL fdAT cICP mDCV cLLI".split()
)


_PNG_KEYS = frozenset(
    ["Title", "Author", "Description", "Copyright", "Creation Time", "Software", "Disclaimer", "Warning", "Source"]
)
"""Keys of the standard (PNG, 11.3.4.2) but for Comment; any other is somebody's own word."""
_END_OF_TEXT = b"\0"
"""Makes the last text of a block end as the others do."""


def _png_chunk(name: bytes, body: bytes) -> Block | str | None:
    if name in _PNG_PICTURE:
        return None
    if name == b"eXIf":
        return Block(kind=Kind.EXIF, data=body, label="EXIF")
    if name == b"iCCP":
        unfolded = _unfold(body.partition(b"\0")[2][1:])
        return (
            "the colour profile in the file is damaged"
            if unfolded is None
            else Block(kind=Kind.PROFILE, data=unfolded, label="colour profile")
        )
    if name not in (b"tEXt", b"zTXt", b"iTXt"):
        return Block(kind=Kind.OTHER, data=body + _END_OF_TEXT, label=f"PNG {name.decode('latin-1')}")
    key, _, rest = body.partition(b"\0")
    text: bytes | None = rest
    translated = b""
    if name == b"zTXt":
        text = _unfold(rest[1:])
    elif name == b"iTXt":
        compressed, after = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
        text, translated = (after[-1], after[1]) if len(after) == 3 else (None, b"")
        text = _unfold(text) if compressed and text is not None else text
    if text is None:
        return "a text in the file is damaged, or far too long"
    label = key.decode("latin-1")
    if label.startswith("XML:com.adobe.xmp"):
        return Block(kind=Kind.XMP, data=text, label="XMP")
    if label.startswith("Raw profile type "):
        return _raw_profile(label.removeprefix("Raw profile type ").lower(), text)
    own = b"" if label in _PNG_KEYS else key
    return Block(kind=Kind.TEXT, data=b"\n".join(filter(None, (own, translated, text))), label=f"PNG {label}")


def _raw_profile(what: str, text: bytes) -> Block | str:
    """ImageMagick's way to put EXIF, IPTC or XMP into a PNG: a name, a length and hexadecimal digits in lines."""
    try:
        data = bytes.fromhex(b"".join(text.split()[2:]).decode("ascii"))
    except ValueError:
        return "a text in the file is damaged, or far too long"
    if data.startswith(b"Exif\0\0"):
        return Block(kind=Kind.EXIF, data=data[6:], label="EXIF")
    if data.startswith(b"8BIM"):
        return Block(kind=Kind.PHOTOSHOP, data=data, label="Photoshop")
    kind = {"exif": Kind.EXIF, "iptc": Kind.IPTC, "xmp": Kind.XMP, "icc": Kind.PROFILE}.get(what, Kind.OTHER)
    return Block(kind=kind, data=data, label=what.upper())


def _unfold(data: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, MOST_TEXT)
    except zlib.error:
        return None
    return text if unpacker.eof else None


def gif(data: bytes) -> Contents:
    """Comments, captions and application blocks of a GIF, of every frame."""
    blocks: list[Block] = []
    at = 13 + (3 << ((data[10] & 7) + 1) if len(data) > 10 and data[10] & 0x80 else 0)
    while at < len(data):
        mark = data[at]
        if mark == 0x3B:
            rest = data[at + 1 :]
            after = (Block(kind=Kind.AFTER, data=rest, label="data after the picture"),) if rest else ()
            return Contents(blocks=(*blocks, *after))
        if mark == 0x2C and at + 10 < len(data):
            table = 3 << ((data[at + 9] & 7) + 1) if data[at + 9] & 0x80 else 0
            _, at = _gif_blocks(data, at + 11 + table)
        elif mark == 0x21 and at + 1 < len(data):
            label = data[at + 1]
            body, at = _gif_blocks(data, at + 2)
            if label == 0xFE:
                blocks.append(Block(kind=Kind.TEXT, data=body, label="GIF comment"))
            elif label == 0x01:
                blocks.append(Block(kind=Kind.TEXT, data=body[12:], label="GIF caption"))
            elif label == 0xFF and body.startswith(b"XMP DataXMP"):
                # the packet is not cut into blocks: a trailer of 257 falling bytes ends it (XMP part 3, 1.1.2)
                stop = body.rfind(b"<?xpacket end=")
                close = body.find(b"?>", stop)
                blocks.append(Block(kind=Kind.XMP, data=body[11 : close + 2 if stop > 0 else None], label="XMP"))
            elif label == 0xFF and not body.startswith((b"NETSCAPE2.0", b"ANIMEXTS1.0")):
                blocks.append(Block(kind=Kind.OTHER, data=body, label="GIF application data"))
        else:
            break
    return Contents(blocks=tuple(blocks), problems=(CUT_SHORT,))


def _gif_blocks(data: bytes, at: int) -> tuple[bytes, int]:
    """Sub-blocks joined, and where they end. XMP keeps its length bytes: they are part of the packet."""
    pieces: list[bytes] = []
    keep = 0
    while at < len(data) and data[at]:
        size = data[at]
        pieces.append(data[at + 1 - keep : at + 1 + size])
        if len(pieces) == 1 and pieces[0] == b"XMP DataXMP":
            keep = 1
        at += 1 + size
    return b"".join(pieces), at + 1


def webp(data: bytes) -> Contents:
    """The RIFF chunks of a WebP that are not the picture."""
    kinds = {b"EXIF": Kind.EXIF, b"XMP ": Kind.XMP, b"ICCP": Kind.PROFILE}
    blocks: list[Block] = []
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    problems = (CUT_SHORT,) if end < 8 + int.from_bytes(data[4:8], "little") else ()
    at = 12
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            problems = (CUT_SHORT,)
            break
        if name in kinds:
            body = body.removeprefix(b"Exif\0\0") if name == b"EXIF" else body
            blocks.append(Block(kind=kinds[name], data=body, label=kinds[name].value))
        elif name not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"):
            blocks.append(
                Block(kind=Kind.OTHER, data=body + _END_OF_TEXT, label=f"WebP {name.decode('latin-1').strip()}")
            )
        at += 8 + size + (size & 1)
    if data[end + (end & 1) :]:
        blocks.append(Block(kind=Kind.AFTER, data=data[end:], label="data after the picture"))
    return Contents(blocks=tuple(blocks), problems=problems)


def bmp(data: bytes) -> Contents:
    """A BMP is only searched for further pictures; what follows its pixels is told."""
    size, start, pixels = (int.from_bytes(data[at : at + 4], "little") for at in (2, 10, 34))
    end = max(size, start + pixels)
    after = (Block(kind=Kind.AFTER, data=data[end:], label="data after the picture"),) if 0 < end < len(data) else ()
    return Contents(blocks=(Block(kind=Kind.PIXELS, data=data[:end], label="BMP"), *after))


_HEIF_PICTURE = frozenset(b"ftyp mdat moov styp sidx".split())
"""What a decoder reads of a HEIC or AVIF."""
_HEIF_NOTES = frozenset(b"hdlr pitm iinf iloc iref iprp idat dinf grpl".split())
"""What its box `meta` holds (ISO/IEC 14496-12, 8.11; 23008-12)."""
_HEIF_PROPERTIES = frozenset(
    b"hvcC av1C ispe colr pixi irot imir clap auxC pasp rloc lsel clli mdcv amve cclv a1op a1lx lhvC oinf tols".split()
)
_ITEM_NAMES = frozenset({b"", b"Color", b"Alpha", b"Exif", b"XMP"})
"""What encoders call the pieces of a picture."""


def beside_the_picture(data: bytes) -> Iterator[Block]:
    """The boxes of a HEIC or AVIF that its decoder leaves alone, and what lies behind the last (ISO/IEC 14496-12)."""
    end = 0
    for name, body, end in boxes(data):  # noqa: B007
        if name == b"uuid" and body.startswith(XMP_BOX):
            yield Block(kind=Kind.XMP, data=body[16:], label="XMP")
        elif name == b"meta":
            yield from _beside_the_items(body[4:])
        elif name not in _HEIF_PICTURE:
            yield from _further_box(body)
    if end < len(data):
        yield Block(kind=Kind.AFTER, data=data[end:], label="data after the picture")


def _beside_the_items(meta: bytes) -> Iterator[Block]:
    """What stands in `meta` that is no part of a picture: other boxes, items' own names, other properties."""
    for name, body, _ in boxes(meta):
        if name == b"iprp":
            properties = (found for kind, inner, _ in boxes(body) if kind == b"ipco" for found in boxes(inner))
            for kind, inner, _ in properties:
                if kind not in _HEIF_PROPERTIES:
                    yield from _further_box(inner)
        elif name == b"iinf":
            for _, item, _ in boxes(body[6 if body[:1] == b"\0" else 8 :]):
                start = 12 if item[:1] == b"\2" else 14
                called = item[start:].partition(b"\0")[0]
                if called not in _ITEM_NAMES:
                    yield from _further_box(called)
        elif name not in _HEIF_NOTES:
            yield from _further_box(body)


def _further_box(body: bytes) -> Iterator[Block]:
    if body.strip(b"\0"):
        yield Block(kind=Kind.OTHER, data=body + _END_OF_TEXT, label="further box")


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Each box's name, what is in it and where it ends, as far as their sizes are possible."""
    at = 0
    while at < len(data):
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = len(data) - at if size == 0 else size
        if size < head or at + size > len(data):
            return
        yield name, data[at + head : at + size], at + size
        at += size


def photoshop(data: bytes) -> Contents:
    """The image resources ("8BIM") of a Photoshop block. Adobe Photoshop file formats, image resources section."""
    blocks: list[Block] = []
    at = 0
    while at + 12 <= len(data):
        if data[at : at + 4] not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"):
            return Contents(blocks=tuple(blocks), problems=("the Photoshop notes in the file are damaged",))
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        title = data[at + 7 : at + 7 + data[at + 6]]
        at += 6 + ((1 + data[at + 6] + 1) & ~1)
        size = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 4 + size]
        if len(body) != size:
            return Contents(blocks=tuple(blocks), problems=("the Photoshop notes in the file are damaged",))
        at += 4 + ((size + 1) & ~1)
        if title:
            blocks.append(Block(kind=Kind.TEXT, data=title, label="Photoshop title"))
        kind = {0x0404: Kind.IPTC, 0x0422: Kind.EXIF, 0x0423: Kind.EXIF, 0x0424: Kind.XMP, 0x040F: Kind.PROFILE}
        if number in (0x0409, 0x040C):  # a preview: 28 bytes of header, then a JPEG
            blocks.append(Block(kind=Kind.PREVIEW, data=body[28:], label="Photoshop preview"))
        elif number == 0x03F0:
            blocks.append(Block(kind=Kind.TEXT, data=body[1:], label="Photoshop caption"))
        elif number != 0x0425:  # the digest of the IPTC block
            blocks.append(Block(kind=kind.get(number, Kind.OTHER), data=body, label=f"Photoshop {number:04X}"))
    return Contents(blocks=tuple(blocks))
