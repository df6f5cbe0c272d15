"""The words in a clip's file that the clip does not show: titles, comments, places, names of tracks and chapters."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from postguard.domain.drafts import Unchecked
from postguard.seeing.containers import CUT_SHORT, XMP_BOX, Block, Contents, Kind, boxes
from postguard.seeing.metadata import Metadata, camera_of, read_blocks

_CURE = "export the clip anew, without notes, cover or subtitles"
_BOXES_WITHIN = frozenset({b"moov", b"trak", b"mdia", b"edts", b"minf"})
_NOTES = frozenset({b"udta", b"meta", b"ilst", b"keys"})
_SUBTITLES = frozenset({b"sbtl", b"text", b"subt", b"subp", b"clcp"})
_UNUSED = frozenset({b"free", b"skip", b"wide", b"JUNK"})
_PICTURE = frozenset(b"ftyp mdat mvhd tkhd mdhd stbl pdin moof mfra sidx styp tref elst".split())
_KNOWN_KEYS = (b"com.apple.quicktime.", b"com.android.")
_ISO6709 = "clip's com.apple.quicktime.location.ISO6709"
_COORDINATES = re.compile(rb"[-+0-9./]+")
_CAMERAS = (
    ("com.apple.quicktime.make", "com.apple.quicktime.model"),
    ("com.android.manufacturer", "com.android.model"),
    ("\xa9mak", "\xa9mod"),
)
"""Under which names clips tell the maker and the model of what took them."""
_EBML_WITHIN = frozenset(
    (0x18538067, 0x1549A966, 0x1254C367, 0x7373, 0x67C8, 0x1043A770, 0x45B9, 0xB6, 0x80, 0x1654AE6B, 0xAE)
)
"""Matroska: segment, info, tags, tag, simple tag, chapters, edition, atom, display, tracks, track."""
_EBML_TEXTS = {0x7BA9: "title", 0x45A3: "tag", 0x4487: "tag", 0x85: "chapter", 0x536E: "track", 0x7384: "file name"}
_EBML_TRACK_TYPE, _EBML_FILM, _EBML_SUBTITLES = 0x83, b"\x01", b"\x11"
_EBML_CLUSTER, _EBML_ATTACHMENTS = 0x1F43B675, 0x1941A469


def read_clip_notes(data: bytes, part: str) -> Metadata:
    """Every text in the file of a clip (MP4, MOV, WebM, AVI), as passages of `<part>:metadata`. Never raises."""
    contents = _contents(data)
    notes = read_blocks(contents, f"{part}:metadata", cure=_CURE)
    notes = replace(notes, camera=notes.camera or _camera(contents.blocks))
    if not notes.embedded:
        return notes
    cover = Unchecked(part=f"{part}:metadata", reason=f"the clip carries a cover picture of its own; {_CURE}")
    return replace(notes, unchecked=(*notes.unchecked, cover))


def films(data: bytes) -> int:
    """How many tracks of moving pictures the file of a clip holds; those before the damage, where it is damaged."""
    number = 0
    try:
        for block in _blocks(data):
            number += block is _FILM
    except (ValueError, RecursionError):
        pass
    return number


def without_film(data: bytes) -> bytes:
    """The file of an MP4 or MOV without the boxes of its moving pictures and sound, in which any mark may stand by
    chance; other files, and what cannot be taken apart, whole."""
    if data[:4] in {b"\x1a\x45\xdf\xa3", b"RIFF"}:
        return data
    kept, end = [], 0
    for name, body, end in boxes(data):  # noqa: B007
        if name != b"mdat":
            kept += [name, body]
    return b"".join(kept) if end == len(data) else data


def _contents(data: bytes) -> Contents:
    try:
        return Contents(blocks=tuple(block for block in _blocks(data) if block is not _FILM))
    except _Subtitles:
        return Contents(problems=("the clip carries subtitles, which are not read",))
    except (ValueError, RecursionError):
        return Contents(problems=(CUT_SHORT,))


def _blocks(data: bytes) -> Iterator[Block]:
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return _ebml(data, 0, len(data))
    if data[:4] == b"RIFF":
        return _avi(data, 12, len(data))
    return _boxes(data, 0, len(data))


_FILM = Block(kind=Kind.PIXELS, data=b"", label="film")
"""Stands for a track of moving pictures."""


class _Subtitles(ValueError):
    """Words that a player shows over the clip."""


def _boxes(data: bytes, at: int, end: int) -> Iterator[Block]:
    """ISO/IEC 14496-12: a size, a name, a body; size 1 is followed by a longer size, size 0 reaches to the end."""
    while at + 8 <= end:
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = end - at if size == 0 else size
        if size < head or at + size > end:
            raise ValueError("a box lies about its size")
        body = data[at + head : at + size]
        if name == b"hdlr" and body[8:12] in _SUBTITLES:
            raise _Subtitles
        if name == b"hdlr" and body[8:12] == b"vide":
            yield _FILM
        if name in _BOXES_WITHIN:
            yield from _boxes(data, at + head, at + size)
        elif name == b"uuid" and body.startswith(XMP_BOX):
            yield Block(kind=Kind.XMP, data=body[16:], label="XMP")
        elif name in _UNUSED:
            yield Block(kind=Kind.OTHER, data=body + b"\0", label="left over")
        elif name in _NOTES or name not in _PICTURE:
            yield from _notes(name, body)
        at += size


def _notes(name: bytes, body: bytes) -> Iterator[Block]:
    """A box of notes: what stands under QuickTime's keys by itself, the rest as it comes."""
    inner = {b"meta": body} if name == b"meta" else _parts(body) or {}
    if keyed := _keyed(inner.get(b"meta", b"")):
        yield from keyed
        body = b"".join(part + b"\0" for other, part in inner.items() if other != b"meta")
    yield from _maker(inner)
    start = body.find(b"<?xpacket begin")
    stop = body.find(b"<?xpacket end", start)
    if 0 <= start < stop:
        yield Block(kind=Kind.XMP, data=body[start : body.find(b"?>", stop) + 2], label="XMP")
        body = body[:start] + body[stop:]
    # The zero makes the last text end as the others do, before the next box's size.
    yield Block(kind=Kind.OTHER, data=body + b"\0", label=f"clip's notes ({name.decode('latin-1').strip()})")


def _keyed(body: bytes) -> list[Block]:
    """What QuickTime keeps under names of its own choice: a list of keys, and values that tell their key's number
    (QuickTime File Format, "Metadata"). Nothing where the box is of another kind, or damaged."""
    parts = _parts(body) or _parts(body[4:]) or {}
    keys, values = parts.get(b"keys"), _parts(parts.get(b"ilst", b""))
    if keys is None or values is None:
        return []
    names, at = [], 8
    while at + 8 <= len(keys):
        size = max(8, int.from_bytes(keys[at : at + 4], "big"))
        names.append(keys[at + 8 : at + size])
        at += size
    found = [
        Block(kind=Kind.OTHER, data=part + b"\0", label=f"clip's notes ({name.decode('latin-1').strip()})")
        for name, part in ({**parts, b"hdlr": parts.get(b"hdlr", b"")[24:]}).items()
        if name not in (b"keys", b"ilst")
    ]
    own = [name for name in names if not name.startswith(_KNOWN_KEYS)]
    found += [Block(kind=Kind.TEXT, data=name, label="clip's key") for name in own]
    for number, value in values.items():
        index = int.from_bytes(number, "big") - 1
        label = f"clip's {names[index].decode('utf-8', 'replace')}" if index < len(names) else "clip's notes"
        for name, data in (_parts(value) or {b"": value}).items():
            if label == _ISO6709 and _COORDINATES.fullmatch(data[8:]):  # told of as a place
                continue
            texts = name == b"data" and data[3:4] in b"\1\2\4\5"
            wide = texts and data[3:4] in b"\2\5"
            text = data[8:].decode("utf-16-be", "replace").encode() if wide else data[8:]
            kind = Kind.TEXT if texts else Kind.OTHER
            found.append(Block(kind=kind, data=text if texts else data + b"\0", label=label))
    return found


def _maker(notes: Mapping[bytes, bytes]) -> Iterator[Block]:
    """Who made the device, and its model, as QuickTime kept them before there were keys: a size, a language, a text."""
    for name in (b"\xa9mak", b"\xa9mod"):
        if part := notes.get(name):
            text = part[16:] if part[4:8] == b"data" else part[4:]
            yield Block(kind=Kind.TEXT, data=text, label=f"clip's {name.decode('latin-1')}")


def _camera(blocks: Iterable[Block]) -> str | None:
    said = {block.label.removeprefix("clip's "): block.data.decode("utf-8", "replace") for block in blocks}
    for make, model in _CAMERAS:
        if found := camera_of(said.get(make, ""), said.get(model, "")):
            return found
    return None


def _parts(data: bytes) -> dict[bytes, bytes] | None:
    """The boxes in a box by name; those of one name in a row. None where these are no boxes."""
    parts: dict[bytes, bytes] = {}
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            return None
        name = data[at + 4 : at + 8]
        parts[name] = parts.get(name, b"") + data[at + 8 : at + size]
        at += size
    return None if data[at:].strip(b"\0") else parts


def _ebml(data: bytes, at: int, end: int) -> Iterator[Block]:
    """Matroska and WebM (RFC 8794, RFC 9559): an id, a size, a body, each of the first two telling its own length."""
    while at < end:
        id_width = _width(data, at, 4)
        identity = int.from_bytes(data[at : at + id_width], "big")
        at += id_width
        size_width = _width(data, at, 8)
        size = int.from_bytes(data[at : at + size_width], "big") & ((1 << 7 * size_width) - 1)
        at += size_width
        if (
            size == (1 << 7 * size_width) - 1
        ):  # unknown, as browsers write it: a cluster then ends where the next begins
            stop = end
            if identity == _EBML_CLUSTER:
                nexts = [data.find(mark, at, end) for mark in (b"\x1f\x43\xb6\x75", b"\x12\x54\xc3\x67")]
                stop = min((n for n in nexts if n >= 0), default=end)
        else:
            stop = at + size
        if stop > end:
            raise ValueError("an element lies about its size")
        if identity == _EBML_TRACK_TYPE and data[at:stop] == _EBML_SUBTITLES:
            raise _Subtitles
        if identity == _EBML_TRACK_TYPE and data[at:stop] == _EBML_FILM:
            yield _FILM
        if identity in _EBML_WITHIN:
            yield from _ebml(data, at, stop)
        elif identity in _EBML_TEXTS:
            yield Block(kind=Kind.TEXT, data=data[at:stop], label=f"clip's {_EBML_TEXTS[identity]}")
        elif identity == _EBML_ATTACHMENTS:
            yield Block(kind=Kind.AFTER, data=data[at:stop], label="clip's attachments")
        at = stop


def _width(data: bytes, at: int, most: int) -> int:
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if width > most:
        raise ValueError("no element begins here")
    return width


def _avi(data: bytes, at: int, end: int) -> Iterator[Block]:
    """RIFF: a name, a size, a body, padded to even."""
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            raise ValueError("a chunk lies about its size")
        if name == b"strh" and body.startswith(b"txts"):
            raise _Subtitles
        if name == b"strh" and body.startswith(b"vids"):
            yield _FILM
        if name == b"LIST" and body[:4] in (b"hdrl", b"strl"):
            yield from _avi(data, at + 12, at + 8 + size)
        elif name == b"LIST" and body[:4] == b"INFO":
            yield Block(kind=Kind.OTHER, data=body[4:] + b"\0", label="clip's notes (INFO)")
        elif name == b"_PMX":
            yield Block(kind=Kind.XMP, data=body, label="XMP")
        elif name in _UNUSED:
            yield Block(kind=Kind.OTHER, data=body + b"\0", label="left over")
        elif name == b"strn" or name not in (b"LIST", b"idx1", b"avih", b"strh", b"strf", b"vprp", b"indx"):
            yield Block(kind=Kind.OTHER, data=body + b"\0", label="clip's notes")
        at += 8 + size + (size & 1)
