"""The words inside a picture file that the picture does not show: captions, keywords, people, places, comments.

Every text is read, not a list of known fields: a name in a field nobody thought of is still published. What cannot
be read is `Unchecked`, and fails the draft.
"""

import binascii
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from PIL import ExifTags, Image

from postguard.domain.drafts import Unchecked
from postguard.domain.evidence import Passage
from postguard.seeing.containers import (
    JPEG_START,
    Block,
    Contents,
    Kind,
    beside_the_picture,
    bmp,
    gif,
    is_jpeg,
    jpeg,
    photoshop,
    png,
    webp,
)
from postguard.seeing.exif import Entry, Tree, left_over, read_tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What a file carries beside its picture.

    `passages` have the part `<file>:metadata` and the field they stood in. `camera` is maker and model. `place`
    names the fields that give a location away, never the location. `embedded` are further pictures in the file (the
    previews of cameras and editors, pictures after the end): encoded bytes, each to be held against the picture,
    because a preview can show what was cropped away. `gain_maps` only brighten the picture, as they say themselves.
    """

    passages: tuple[Passage, ...] = ()
    camera: str | None = None
    place: tuple[str, ...] = ()
    embedded: tuple[bytes, ...] = ()
    gain_maps: tuple[bytes, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def read_metadata(image: Image.Image, data: bytes, part: str) -> Metadata:
    """Read everything in `data`, the file's bytes, which `image` was opened from. Never raises for a bad file."""
    return read_blocks(_contents(image, data), f"{part}:metadata", image.size)


def read_blocks(
    contents: Contents, text_part: str, size: tuple[int, int] | None = None, *, cure: str | None = None
) -> Metadata:
    """Everything in a file's blocks. `text_part` is the part the texts are of, `size` that of the picture in px,
    `cure` what the user should do where something cannot be read."""
    found = _Found()
    found.take(contents, size)
    return Metadata(
        passages=tuple(Passage(part=text_part, text=text, field=name) for name, text in dict.fromkeys(found.texts)),
        camera=found.camera,
        place=tuple(dict.fromkeys(found.place)),
        embedded=tuple(dict.fromkeys(found.embedded)),
        gain_maps=tuple(found.gain_maps),
        unchecked=tuple(
            Unchecked(part=text_part, reason=f"{p}; {cure or CURE}") for p in dict.fromkeys(found.problems)
        ),
    )


def is_bare(image: Image.Image, data: bytes) -> bool:
    """Whether a file holds its picture and colour profile and nothing else at all."""
    contents = _contents(image, data)
    return not contents.problems and all(block.kind in (Kind.PROFILE, Kind.PIXELS) for block in contents.blocks)


def camera_of(make: str, model: str) -> str | None:
    """Maker and model in one, for models that begin with their maker too; None without a model."""
    if not model:
        return None
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}"


CURE = "save the picture as a new JPEG without its notes, or use the copy that `postguard prepare` makes"


def _contents(image: Image.Image, data: bytes) -> Contents:
    match image.format:
        case "JPEG" | "MPO":
            return jpeg(data)
        case "PNG":
            return png(data)
        case "GIF":
            return gif(data)
        case "WEBP":
            return webp(data)
        case "TIFF":
            return Contents(blocks=(Block(kind=Kind.EXIF, data=data, label=TIFF_FILE),))
        case "HEIF" | "AVIF":
            pixels = Block(kind=Kind.PIXELS, data=data[_OWN_START:], label=image.format)
            return Contents(blocks=(*_from_decoder(image), pixels, *beside_the_picture(data)))
        case "BMP":
            return bmp(data)
    return Contents(problems=("the notes inside this kind of file cannot be read",))


def _from_decoder(image: Image.Image) -> Sequence[Block]:
    """HEIC and AVIF: their decoders hand over the blocks."""
    kinds = {"exif": Kind.EXIF, "xmp": Kind.XMP, "icc_profile": Kind.PROFILE}
    blocks = []
    for key, kind in kinds.items():
        data = image.info.get(key)
        if isinstance(data, bytes) and data:
            blocks.append(Block(kind=kind, data=data.removeprefix(b"Exif\0\0"), label=kind.value))
    for item in image.info.get("metadata") or ():
        blocks.append(Block(kind=Kind.OTHER, data=bytes(item["data"]), label=f"{item['type']} notes"))
    return blocks


@dataclass(kw_only=True, slots=True)
class _Found:
    """What has been read so far. The only thing here that changes."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    camera: str | None = None
    place: list[str] = field(default_factory=list)
    embedded: list[bytes] = field(default_factory=list)
    gain_maps: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)
    """Pictures inside that were taken apart: nested ones would otherwise be met again and again."""

    def take(self, contents: Contents, size: tuple[int, int] | None) -> None:
        self.problems += contents.problems
        for block in contents.blocks:
            match block.kind:
                case Kind.EXIF:
                    self._exif(block.data, is_file=block.label == TIFF_FILE)
                case Kind.XMP:
                    self._xmp(block.data)
                case Kind.IPTC:
                    self._iptc(block.data)
                case Kind.PHOTOSHOP:
                    self.take(photoshop(block.data), size)
                case Kind.TEXT:
                    self._hidden(block.data)
                    self.say(block.label, _decode(block.data))
                case Kind.PREVIEW:
                    self._preview(block.data)
                case Kind.PROFILE | Kind.OTHER:
                    self.say(block.label, "\n".join(_runs(self._hidden(block.data))))
                case Kind.PIXELS:
                    self._hidden(block.data)
                case Kind.AFTER:
                    self._after(block.data, size)

    def say(self, name: str, text: str) -> None:
        for packed in _BASE64.findall(text):
            self._hidden(_base64(packed))
        text = _CONTROLS.sub(" ", text).strip()
        if text and not _MACHINE.fullmatch(text):
            self.texts.append((name, text))

    def _exif(self, data: bytes, *, is_file: bool) -> None:
        tree = read_tree(data)
        if tree.damaged:
            self.problems.append("the camera's notes inside the picture (EXIF) are damaged and could not all be read")
        if is_file and any(e.directory == "Sub" or e.tag == 0x935C for e in tree.entries):
            self.problems.append("the file holds further pictures or layers that do not show")
        for entry in tree.entries:
            name = _tag_name(entry)
            if entry.directory == "GPS":
                if name in _GPS_PLACES and _says_something(entry):
                    self.place.append(f"EXIF {name}")
                elif entry.kind != 5:
                    self._tagged(entry, name)
            elif entry.tag == 0x02BC:
                self._xmp(entry.data)
            elif entry.tag == 0x83BB:
                self._iptc(entry.data)
            elif entry.tag == 0x8649:
                self.take(photoshop(entry.data), None)
            elif entry.tag not in _SILENT:
                self._tagged(entry, name)
        first = {e.tag: _decode(e.data) for e in tree.entries if e.directory == "0" and e.tag in (0x010F, 0x0110)}
        make, model = first.get(0x010F, ""), first.get(0x0110, "")
        self.camera = self.camera or camera_of(make, model)
        strips = is_file and any(e.tag == 0x0103 and e.number() in (6, 7) for e in tree.entries)  # pixels kept as JPEGs
        self._hidden(b"".join(e.data for e in tree.entries) if strips else data)
        self._left_over(data, tree, is_file=is_file)
        if not is_file:
            self._thumbnails(data, tree.entries)

    def _left_over(self, data: bytes, tree: Tree, *, is_file: bool) -> None:
        for start, end in left_over(data, tree):
            if is_file and (end == len(data) or end - start > _LARGEST_GAP):
                self._after(data[start:end], None)
            elif data[start:end].strip(_FILLING):
                self.say("EXIF left over", "\n".join(_runs(self._hidden(data[start:end]))))

    def _tagged(self, entry: Entry, name: str) -> None:
        for text in _entry_texts(entry):
            self.say(f"EXIF {name}", text)

    def _thumbnails(self, data: bytes, entries: Iterable[Entry]) -> None:
        """Previews that are no JPEG: `_hidden` has found those that are, whatever points to them."""
        numbers = {(e.directory, e.tag): e.number() for e in entries if e.tag in (0x0201, 0x0202, 0x0111)}
        for directory in sorted({name for name, _ in numbers}):
            start, size = numbers.get((directory, 0x0201), 0), numbers.get((directory, 0x0202), 0)
            if start and size:
                whole = len(data) >= start + size
                if not (whole and is_jpeg(data, start)):
                    self._preview(b"")
            elif (directory, 0x0111) in numbers:
                self._preview(b"")

    def _hidden(self, data: bytes) -> bytes:
        """Pictures and films inside a block of any kind: makers' notes and editors keep previews wherever they like.
        Returns the block without its JPEGs, in which signs stand by chance."""
        rest = self._without_jpegs(data, None)
        if _OTHER_PICTURE.search(rest):
            self.problems.append("the file holds another picture or a film that does not show")
        return rest

    def _without_jpegs(self, data: bytes, size: tuple[int, int] | None) -> bytes:
        """Take every JPEG out of `data`, with the notes inside it, and return what is left."""
        at = 0
        while found := JPEG_START.search(data, at):
            at = found.start()
            if not is_jpeg(data, at):
                at += 1
                continue
            inner = jpeg(data[at:])
            tail = next((b.data for b in inner.blocks if b.kind is Kind.AFTER), b"")
            picture = data[at : len(data) - len(tail)]
            data = data[:at] + tail
            if picture in self.known:
                continue
            self.known.add(picture)
            self.take(Contents(blocks=tuple(b for b in inner.blocks if b.kind is not Kind.AFTER)), None)
            (self.gain_maps if _is_gain_map(picture, size) else self.embedded).append(picture)
            if inner.problems:
                self.problems.append("a second picture inside the file is damaged")
        return data

    def _xmp(self, data: bytes) -> None:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring

        packet = data.strip(b"\0 \t\r\n")
        if not packet:
            return
        try:
            root = fromstring(packet, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            self.problems.append("the notes inside the picture (XMP) are damaged and could not be read")
            return
        for note in re.findall(rb"<!--(.*?)-->", packet, re.DOTALL):
            self.say("XMP comment", _decode(note))
        for name, text in _xml_texts(root):
            if name == "xmpGImg:image":
                self._preview(_base64(text))
                continue
            if text.strip() and (place := _XMP_PLACES.search(name)):
                self.place.append(f"XMP {name}")
                if place["coordinate"]:
                    continue
            self.say(f"XMP {name}", text)

    def _iptc(self, data: bytes) -> None:
        """IPTC-IIM 4.2: marker 1C, record, number, length, text. Longer texts announce the size of their length."""
        at = 0
        while at + 5 <= len(data) and data[at] == 0x1C:
            record, number = data[at + 1], data[at + 2]
            size = int.from_bytes(data[at + 3 : at + 5], "big")
            at += 5
            if size & 0x8000:
                width = size & 0x7FFF
                size = int.from_bytes(data[at : at + width], "big")
                at += width
            text = data[at : at + size]
            if len(text) != size:
                break
            at += size
            name = f"IPTC {record}:{number:02d}"
            if (record, number) in _IPTC_PLACES and text.strip(b"\0 "):
                self.place.append(name)
            self._hidden(text)
            if record != 1 and number not in (0, 125, 200, 201, 202):  # versions and pictures of text
                self.say(name, _decode(text))
        if data[at:].strip(b"\0"):
            self.problems.append("the captions inside the picture (IPTC) are damaged and could not all be read")

    def _preview(self, data: bytes) -> None:
        if is_jpeg(data):
            self.embedded.append(data)
        else:
            self.problems.append("the small preview inside the picture is of an old kind that cannot be looked at")

    def _after(self, data: bytes, size: tuple[int, int] | None) -> None:
        """What follows the picture's end: further pictures, a film, the rest of an older picture."""
        rest = self._without_jpegs(data, size)
        rest = rest.strip(_FILLING)
        if _FILM.search(rest):
            self.problems.append("a short film is hidden in the file (a “live” or “motion” photo)")
        elif rest.endswith(b"SEFT") and not _OTHER_PICTURE.search(rest):
            self.say("phone's notes", "\n".join(_runs(rest)))
        elif rest:
            self.problems.append("the file holds more than its picture, perhaps what was cropped away")


def _tag_name(entry: Entry) -> str:
    names = ExifTags.GPSTAGS if entry.directory == "GPS" else ExifTags.TAGS
    return names.get(entry.tag, f"{entry.directory} {entry.tag:#06x}")


def _says_something(entry: Entry) -> bool:
    """False for coordinates of nought, which cameras write that know no place."""
    step = 8 if entry.kind == 5 else len(entry.data)
    return any(any(entry.data[at : at + 4]) for at in range(0, len(entry.data), step))


def _entry_texts(entry: Entry) -> Iterator[str]:
    if entry.kind in (2, 129):
        yield _decode(entry.data)
    elif entry.kind not in (1, 6, 7):
        return
    elif 0x9C9B <= entry.tag <= 0x9C9F:
        yield entry.data.decode("utf-16-le", "replace")
    elif entry.data[:8] in (b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", b"\0" * 8) and entry.tag != _MAKER_NOTE:
        code = {b"U": "utf-16-le" if entry.little else "utf-16-be", b"J": "iso2022_jp"}.get(entry.data[:1])
        text = entry.data[8:]
        if code == "utf-16-be" and text[1:2] == b"\0":
            code = "utf-16-le"  # written in the other order by some phones
        yield text.decode(code, "replace") if code else _decode(text)
    else:
        yield "\n".join(_runs(entry.data))


def _decode(data: bytes) -> str:
    """Text without a declared encoding: UTF-16 if it says so, UTF-8 if it is, else Windows' own. NUL parts lines."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.strip("\0 ").replace("\0", "\n")


def _runs(data: bytes) -> Iterator[str]:
    """Text in a block nobody describes (maker notes hold owners' and even babies' names): runs of printable
    characters, in UTF-8 and UTF-16, of three and more where a NUL ends them as in C, else of eight and more."""
    for run in _RUN.finditer(data):
        yield run[0].rstrip(b"\0").decode("utf-8", "replace")
    for run in _WIDE_RUN.finditer(data):
        yield run[0].decode("utf-16-le")


def _xml_texts(root: Element) -> Iterator[tuple[str, str]]:
    """Every text and attribute with the name of the property it belongs to, in the order of the document."""
    waiting = [(root, "")]
    while waiting:
        element, owner = waiting.pop()
        name = _xml_name(element.tag) if isinstance(element.tag, str) else ""
        owner = owner if name.startswith(("rdf:", "x:")) else name
        for key, value in element.attrib.items():
            if not _xml_name(key).startswith(("rdf:", "xml:", "x:")) or _xml_name(key) in ("rdf:resource", "rdf:value"):
                yield (_xml_name(key), value)
        for text in (element.text, *(child.tail for child in element)):
            if text and text.strip():
                yield (owner or name, text)
        waiting.extend((child, owner) for child in reversed(element))


def _xml_name(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    return f"{_SPACES.get(space.lstrip('{'), '')}{name}"


def _base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except (binascii.Error, ValueError):
        return b""


def _is_gain_map(picture: bytes, size: tuple[int, int] | None) -> bool:
    """Whether a second picture says that it only brightens the first on HDR screens: grey, and of the same shape.

    Phones add one to every photograph.
    """
    if size is None or not any(mark in picture for mark in _GAIN_MAP_MARKS):
        return False
    try:
        with Image.open(io.BytesIO(picture)) as gain_map:
            width, height = gain_map.size
            if gain_map.mode != "L":
                return False
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return abs(width * size[1] - height * size[0]) <= 0.02 * width * size[1]


_FILLING = b"\0\xff\r\n\t "
"""What scanners, cameras and mail leave at the end of a file."""
_LARGEST_GAP = 512
"""Bytes that an older directory may leave in a TIFF. What is larger may be a picture."""
_OWN_START = 16
"""How many bytes at the start of a HEIC or AVIF say that it is one."""
_FILM = re.compile(rb"ftyp[A-Za-z0-9 ]{4}")
_OTHER_PICTURE = re.compile(rb"\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|" + _FILM.pattern, re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{400,}={0,2}")
"""Long enough for a picture of a face of ten pixels; words have other signs between them."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_MACHINE = re.compile(
    r"\d{4}[-:]\d\d[-:]\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?|[+-]\d\d:\d\d"  # dates
    r"|\d\d:\d\d:\d\d(?:\.\d{1,9})?"  # how long a clip is
    r"|-?(?:0|[1-9]\d{0,9})/\d{1,10}|-?\d{0,6}(?:\.\d+)?|True|False"  # settings
    r"|(?:xmp\.[id]id:|uuid:|adobe:docid:photoshop:)?[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}"  # ids
)
"""Texts no person wrote. Six digits at most, so that a telephone number is never taken for a setting."""
_SILENT = frozenset({0x9000, 0xA000, 0x0132, 0x9003, 0x9004, 0x9101, 0xA300, 0xA301, 0xA302})
"""EXIF versions, dates and codes: nothing anybody could write a name into."""
_GPS_PLACES = frozenset({"GPSLatitude", "GPSLongitude", "GPSDestLatitude", "GPSDestLongitude", "GPSAreaInformation"})
_XMP_PLACES = re.compile(
    r"(?:^|:)(?P<coordinate>(?i:GPS(?:Dest)?(?:Latitude|Long[it]+ude)))$|(?:^|:)(?:City|State|Country|CountryCode|Location|Sublocation|ProvinceState"
    r"|CountryName|WorldRegion|LocationName|LocationId|LocationCreated|LocationShown)$",
)
_IPTC_PLACES = frozenset({(2, n) for n in (26, 27, 90, 92, 95, 100, 101)})
_MAKER_NOTE = 0x927C
TIFF_FILE = "TIFF file"
_SIGN = (
    rb"(?:[\x20-\x7e]|[\xc2-\xc9\xce-\xd3][\x80-\xbf]"  # our letters with accents, Greek, Cyrillic
    rb"|\xe2[\x80-\x84\x98-\x9f][\x80-\xbf]|\xef\xb8\x8f|\xf0\x9f[\x80-\xbf]{2})"  # curly quotes, dashes, emoji
)
_RUN = re.compile(_SIGN + rb"{3,}\0|" + _SIGN + rb"{8,}")
_WIDE_RUN = re.compile(rb"(?:[\x20-\x7e\xc0-\xff]\0|[\x10-\x3f]\x20){4,}")
_GAIN_MAP_MARKS = (b"hdrgm:", b"HDRGainMap", b"urn:iso:std:iso:ts:21496:-1")
_SPACES = {
    "adobe:ns:meta/": "x:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop:",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore:",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt:",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs:",
    "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg:",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg:",
    "http://ns.adobe.com/exif/1.0/": "exif:",
}
"""Namespaces that people would look for, and their usual prefix; the others go without one."""
