"""A name anywhere inside a picture file is read, or the file is said to be unread. Nothing in between."""

import base64
import io
import struct
import warnings
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from postguard.seeing.containers import beside_the_picture
from postguard.seeing.metadata import Metadata, read_metadata

NAME = "Aoife MacDonald"
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:odd="http://example.org/odd/" %s>%s</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def picture(kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(out, kind, **options)
    return out.getvalue()


def read(data: bytes) -> Metadata:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(io.BytesIO(data)) as image:
            return read_metadata(image, data, "a.jpg")


def words(metadata: Metadata) -> str:
    return "\n".join(p.text for p in metadata.passages)


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(*segments: bytes) -> bytes:
    plain = picture()
    return plain[:2] + b"".join(segments) + plain[2:]


def jpeg_xmp(attributes: str = "", inside: str = "") -> bytes:
    return jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + (XMP % (attributes, inside)).encode()))


def resource(number: int, body: bytes, title: bytes = b"") -> bytes:
    head = bytes([len(title)]) + title
    head += b"\0" * (len(head) % 2)
    return b"8BIM" + struct.pack(">H", number) + head + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2)


def iptc(*sets: tuple[int, int, bytes]) -> bytes:
    return b"".join(bytes([0x1C, r, n]) + struct.pack(">H", len(t)) + t for r, n, t in sets)


def photoshop(*resources: bytes) -> bytes:
    return segment(0xED, b"Photoshop 3.0\0" + b"".join(resources))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(*chunks: bytes, at_the_end: bool = False) -> bytes:
    plain = picture("PNG")
    cut = len(plain) - 12 if at_the_end else 33
    return plain[:cut] + b"".join(chunks) + plain[cut:]


def iso_box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def exif(values: dict[int, object], directory: int | None = None) -> Image.Exif:
    block = Image.Exif()
    if directory is None:
        block.update(values)
    else:
        block.get_ifd(directory).update(values)
    return block


def exif_jpeg(values: dict[int, object], directory: int | None = None) -> bytes:
    return picture(exif=exif(values, directory))


def tiff_block(*entries: tuple[int, int, int, bytes]) -> bytes:
    """A little-endian EXIF block with one directory: (tag, kind, count as it claims, value)."""
    body = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    data_at = 8 + 2 + 12 * len(entries) + 4
    values = b""
    for tag, kind, count, value in entries:
        body += struct.pack("<HHI", tag, kind, count)
        if len(value) <= 4:
            body += value.ljust(4, b"\0")
        else:
            body += struct.pack("<I", data_at + len(values))
            values += value
    return body + b"\0\0\0\0" + values


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


BIG = "x" * 70_000


def extended_xmp(*, lost: bool = False) -> bytes:
    packet = (XMP % ("", f"<dc:description>{BIG} {NAME}</dc:description>")).encode()
    pieces = [packet[at : at + 60_000] for at in range(0, len(packet), 60_000)]
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32
    segments = [
        segment(0xE1, head + struct.pack(">II", len(packet), 60_000 * number) + piece)
        for number, piece in enumerate(pieces)
    ]
    return jpeg_with(*(segments[:-1] if lost else reversed(segments)))


def gif_with(*extensions: bytes) -> bytes:
    plain = picture("GIF")
    return plain[:-1] + b"".join(extensions) + plain[-1:]


def gif_xmp() -> bytes:
    packet = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>' + (XMP % (f'dc:x="{NAME}"', "")).encode()
    packet += b'<?xpacket end="w"?>'
    return gif_with(b"\x21\xff\x0bXMP DataXMP" + packet + b"\1" + bytes(range(255, -1, -1)) + b"\0")


def webp_with(name: bytes, body: bytes) -> bytes:
    return picture("WEBP", exif=body) if name == b"EXIF" else picture("WEBP", xmp=body)


def raw_profile() -> bytes:
    data = resource(0x0404, iptc((2, 120, NAME.encode())))
    lines = f"\niptc\n{len(data):8d}\n{data.hex()}\n"
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type iptc", lines, zip=True)
    return picture("PNG", pnginfo=info)


def png_text(*, zipped: bool = False, international: bool = False) -> bytes:
    info = PngImagePlugin.PngInfo()
    if international:
        info.add_itxt("Description", "Seán " + NAME, zip=zipped)
    else:
        info.add_text("Comment", NAME, zip=zipped)
    return picture("PNG", pnginfo=info)


def moved_directory(between: bytes) -> bytes:
    """A TIFF whose directory was written again at the end, as editors do, with bytes before it that nothing uses."""
    data = picture("TIFF")
    start = int.from_bytes(data[4:8], "little")
    directory = data[start : start + 2 + 12 * int.from_bytes(data[start : start + 2], "little") + 4]
    return data[:4] + struct.pack("<I", len(data) + len(between)) + data[8:] + between + directory


def _heic(**options: bytes) -> bytes:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    return picture("HEIF", **options)


def _exif_second_directory() -> bytes:
    first = b"II*\0" + struct.pack("<IHI", 8, 0, 14)
    entry = struct.pack("<HHHII", 1, 0x010E, 2, len(NAME) + 1, 14 + 2 + 12 + 4) + b"\0" * 4
    return jpeg_with(exif_segment(first + entry + NAME.encode() + b"\0"))


def _split_iptc() -> bytes:
    whole = resource(0x0404, iptc((2, 120, NAME.encode())))
    return jpeg_with(photoshop(whole[:20]), photoshop(whole[20:]))


UTF16 = NAME.encode("utf-16-le")
HIDING_PLACES: dict[str, Callable[[], bytes]] = {
    "EXIF ImageDescription": lambda: exif_jpeg({0x010E: NAME}),
    "EXIF Artist": lambda: exif_jpeg({0x013B: NAME}),
    "EXIF Copyright, of the editor": lambda: exif_jpeg({0x8298: f"A Company\0{NAME}"}),
    "EXIF XPTitle": lambda: exif_jpeg({0x9C9B: UTF16}),
    "EXIF XPKeywords": lambda: exif_jpeg({0x9C9E: UTF16}),
    "EXIF UserComment, ASCII": lambda: exif_jpeg({0x9286: b"ASCII\0\0\0" + NAME.encode()}, 0x8769),
    "EXIF UserComment, Unicode": lambda: jpeg_with(exif_segment(tiff_block((0x9286, 7, 38, b"UNICODE\0" + UTF16)))),
    "EXIF CameraOwnerName": lambda: exif_jpeg({0xA430: NAME}, 0x8769),
    "EXIF an unknown tag": lambda: exif_jpeg({0xFDE8: NAME}),
    "EXIF maker note": lambda: exif_jpeg({0x927C: b"Panasonic\0\0\0\x01\x02" + NAME.encode() + b"\0\0"}, 0x8769),
    "EXIF of the preview": _exif_second_directory,
    "IPTC caption": lambda: jpeg_with(photoshop(resource(0x0404, iptc((2, 120, NAME.encode()))))),
    "IPTC by-line, after other resources": lambda: jpeg_with(
        photoshop(resource(0x03ED, b"\0" * 15), resource(0x0404, iptc((2, 80, b"x"), (2, 25, NAME.encode()))))
    ),
    "IPTC in two segments": _split_iptc,
    "Photoshop caption": lambda: jpeg_with(photoshop(resource(0x03F0, bytes([len(NAME)]) + NAME.encode()))),
    "Photoshop path name": lambda: jpeg_with(photoshop(resource(0x07D0, b"\0" * 26, NAME.encode()))),
    "XMP dc:title": lambda: jpeg_xmp(
        inside=f"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{NAME}</rdf:li></rdf:Alt></dc:title>"
    ),
    "XMP keywords": lambda: jpeg_xmp(inside=f"<dc:subject><rdf:Bag><rdf:li>{NAME}</rdf:li></rdf:Bag></dc:subject>"),
    "XMP person": lambda: jpeg_xmp(
        inside=f"<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>{NAME}</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>"
    ),
    "XMP MWG region": lambda: jpeg_xmp(
        inside="<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description "
        f"mwg-rs:Name='{NAME}' mwg-rs:Type='Face'/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    ),
    "XMP Microsoft region": lambda: jpeg_xmp(
        inside=f"<MP:RegionInfo><MPRI:Regions><rdf:Bag><rdf:li MPReg:PersonDisplayName='{NAME}'/></rdf:Bag>"
        "</MPRI:Regions></MP:RegionInfo>"
    ),
    "XMP headline as attribute": lambda: jpeg_xmp(attributes=f"photoshop:Headline='{NAME}'"),
    "XMP a field nobody knows": lambda: jpeg_xmp(inside=f"<odd:thing><odd:deep>{NAME}</odd:deep></odd:thing>"),
    "XMP a comment": lambda: jpeg_xmp(inside=f"<!-- {NAME} -->"),
    "XMP over 64 KB": extended_xmp,
    "JPEG comment": lambda: picture(comment=NAME),
    "JPEG block of an unknown program": lambda: jpeg_with(segment(0xEC, b"Ducky\0\1\0\4" + NAME.encode())),
    "PNG tEXt": png_text,
    "PNG zTXt": lambda: png_text(zipped=True),
    "PNG iTXt": lambda: png_text(international=True),
    "PNG iTXt, compressed": lambda: png_text(zipped=True, international=True),
    "PNG text after the picture": lambda: png_with(chunk(b"tEXt", b"Author\0" + NAME.encode()), at_the_end=True),
    "PNG EXIF": lambda: picture("PNG", exif=exif({0x010E: NAME})),
    "PNG XMP": lambda: png_with(
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + (XMP % (f'dc:x="{NAME}"', "")).encode())
    ),
    "PNG IPTC by ImageMagick": raw_profile,
    "GIF comment": lambda: gif_with(b"\x21\xfe" + bytes([len(NAME)]) + NAME.encode() + b"\0"),
    "GIF XMP": gif_xmp,
    "WebP EXIF": lambda: webp_with(b"EXIF", exif({0x010E: NAME}).tobytes()),
    "WebP XMP": lambda: webp_with(b"XMP ", (XMP % (f'dc:x="{NAME}"', "")).encode()),
    "TIFF description": lambda: picture("TIFF", tiffinfo={270: NAME}),
    "TIFF second page": lambda: picture(
        "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))], tiffinfo={270: NAME}
    ),
    "TIFF XMP": lambda: picture("TIFF", tiffinfo={700: (XMP % (f'dc:x="{NAME}"', "")).encode()}),
    "TIFF IPTC": lambda: picture("TIFF", tiffinfo={33723: iptc((2, 120, NAME.encode()))}),
    "AVIF EXIF": lambda: picture("AVIF", exif=exif({0x010E: NAME}).tobytes()),
    "AVIF XMP": lambda: picture("AVIF", xmp=(XMP % (f'dc:x="{NAME}"', "")).encode()),
    "PNG key": lambda: png_with(chunk(b"tEXt", NAME.encode() + b"\0x")),
    "PNG key in another language": lambda: png_with(chunk(b"iTXt", b"Title\0\0\0en\0" + NAME.encode() + b"\0x")),
    "AVIF box beside the picture": lambda: picture("AVIF") + iso_box(b"zzzz", NAME.encode()),
    "AVIF XMP beside the picture": lambda: (
        picture("AVIF")
        + iso_box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + (XMP % (f'dc:x="{NAME}"', "")).encode())
    ),
    "AVIF box that fills up": lambda: picture("AVIF") + iso_box(b"free", NAME.encode()),
    "HEIC box that is skipped": lambda: _heic() + iso_box(b"skip", NAME.encode()),
    "EXIF that no entry points to": lambda: jpeg_with(
        exif_segment(tiff_block((0x0100, 3, 1, b"\1\0")) + NAME.encode())
    ),
    "TIFF between its parts": lambda: moved_directory(NAME.encode()),
    "HEIC EXIF": lambda: _heic(exif=exif({0x010E: NAME}).tobytes()),
    "HEIC XMP": lambda: _heic(xmp=(XMP % (f'dc:x="{NAME}"', "")).encode()),
}


@pytest.mark.parametrize("text", ["Isla’s", "“Isla”", "🎂Isla🎂", "Isla – P4", "Ísla", "Олена"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_words_that_nobody_describes_are_read_with_their_signs(text: str, encoding: str) -> None:
    """In blocks without a text's length or kind, between bytes that are none."""
    if encoding == "utf-16-le" and not all(ord(c) < 0x100 or 0x2010 <= ord(c) < 0x2040 for c in text):
        pytest.skip("wide letters beyond Latin ones are not told from other bytes")
    body = b"\1\2\x92\xff" + f"About {text}".encode(encoding) + b"\0"
    assert text in words(read(png_with(chunk(b"maRk", body))))


def test_a_short_name_at_the_end_of_a_chunk_is_read() -> None:
    assert "Isla" in words(read(png_with(chunk(b"maRk", b"\1\2Isla"))))


@pytest.mark.parametrize(
    "box",
    [
        iso_box(b"iprp", iso_box(b"ipco", iso_box(b"udes", b"\0\0\0\0en\0" + NAME.encode()))),
        iso_box(b"iinf", b"\0\0\0\0\0\1" + iso_box(b"infe", b"\2\0\0\0\0\1\0\0hvc1" + NAME.encode() + b"\0")),
        iso_box(b"zzzz", NAME.encode()),
    ],
    ids=["property", "item", "box"],
)
def test_words_beside_the_items_of_a_heic_are_handed_on(box: bytes) -> None:
    (block,) = beside_the_picture(iso_box(b"meta", b"\0\0\0\0" + iso_box(b"pitm", b"\0" * 6) + box))
    assert NAME.encode() in block.data


@pytest.mark.parametrize("kind", ["TIFF", "AVIF", "BMP"])
@pytest.mark.parametrize("pages", [(), (Image.new("RGB", (32, 24)),)], ids=["one", "two"])
def test_a_file_with_nothing_beside_its_picture_says_nothing(kind: str, pages: tuple[Image.Image, ...]) -> None:
    found = read(picture(kind, **({"save_all": True, "append_images": pages} if pages and kind != "BMP" else {})))
    assert not found.unchecked and not found.embedded and NAME not in words(found)


def test_what_lies_behind_the_last_box_of_an_avif_is_told() -> None:
    assert read(picture("AVIF") + NAME.encode() * 3).unchecked or NAME in words(
        read(picture("AVIF") + NAME.encode() * 3)
    )


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_a_name_is_read_wherever_it_stands(place: str) -> None:
    found = read(HIDING_PLACES[place]())
    assert NAME in words(found)
    assert not found.unchecked
    assert all(p.part == "a.jpg:metadata" and p.field for p in found.passages)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (exif_jpeg({1: "N", 2: (55.0, 52.0, 1.0)}, 0x8825), "EXIF GPSLatitude"),
        (jpeg_xmp(attributes="exif:GPSLatitude='55,52.1N'"), "XMP exif:GPSLatitude"),
        (jpeg_xmp(attributes="exif:GpsLongtitude='3.9'"), "XMP exif:GpsLongtitude"),  # as drones write it
        (jpeg_xmp(attributes="photoshop:City='Airdrie'"), "XMP photoshop:City"),
        (jpeg_xmp(inside="<Iptc4xmpExt:Sublocation>Airdrie</Iptc4xmpExt:Sublocation>"), "XMP Iptc4xmpExt:Sublocation"),
        (jpeg_with(photoshop(resource(0x0404, iptc((2, 90, b"Airdrie"))))), "IPTC 2:90"),
    ],
)
def test_a_place_is_named_by_its_field_only(data: bytes, field: str) -> None:
    assert read(data).place == (field,)


@pytest.mark.parametrize(
    "data",
    [
        picture(),
        exif_jpeg({2: (0.0, 0.0, 0.0)}, 0x8825),
        exif_jpeg({0: b"\2\3\0\0"}, 0x8825),
        jpeg_xmp(attributes="photoshop:City=''"),
    ],
)
def test_no_place_where_none_is_given(data: bytes) -> None:
    assert read(data).place == ()


def test_city_is_read_as_words_too() -> None:
    assert "Airdrie" in words(read(jpeg_xmp(attributes="photoshop:City='Airdrie'")))


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [("Canon", "Canon EOS R6", "Canon EOS R6"), ("Apple", "iPhone 15", "Apple iPhone 15"), ("Apple", "", None)],
)
def test_camera_is_maker_and_model(make: str, model: str, camera: str | None) -> None:
    values = {0x010F: make} | ({0x0110: model} if model else {})
    assert read(exif_jpeg(values)).camera == camera


def with_thumbnail(thumbnail: bytes, claimed: int | None = None) -> bytes:
    first = b"II*\0" + struct.pack("<IHI", 8, 0, 14)
    at = 14 + 2 + 24 + 4
    size = len(thumbnail) if claimed is None else claimed
    entries = struct.pack("<HHHII", 2, 0x0201, 4, 1, at) + struct.pack("<HHII", 0x0202, 4, 1, size) + b"\0" * 4
    return jpeg_with(exif_segment(first + entries + thumbnail))


def test_the_exif_preview_is_handed_on() -> None:
    small = picture(quality=30)
    found = read(with_thumbnail(small))
    assert found.embedded == (small,)
    assert not found.unchecked


def test_further_pictures_in_the_file_are_handed_on() -> None:
    other = picture(quality=31)
    after = read(picture() + other + b"\0\0")
    inside = read(jpeg_with(photoshop(resource(0x040C, b"\0" * 28 + other))))
    assert after.embedded == inside.embedded == (other,)
    assert not after.unchecked


OTHER = picture(quality=31)
MAKER_NOTE = b"Nikon\0\x02\x10\0\0" + OTHER
HIDDEN: dict[str, Callable[[], bytes]] = {
    "maker's notes": lambda: jpeg_with(exif_segment(tiff_block((0x927C, 7, len(MAKER_NOTE), MAKER_NOTE)))),
    "an APP segment nobody knows": lambda: jpeg_with(segment(0xE5, b"PREVIEW\0" + OTHER)),
    "a Photoshop resource nobody knows": lambda: jpeg_with(photoshop(resource(0x0BB7, OTHER))),
    "IPTC's own preview": lambda: jpeg_with(
        photoshop(resource(0x0404, b"\x1c\x02\xca" + struct.pack(">H", len(OTHER)) + OTHER))
    ),
    "XMP as base64": lambda: jpeg_xmp(f'odd:Data="{base64.b64encode(OTHER).decode()}"'),
    "a JPEG comment": lambda: jpeg_with(segment(0xFE, b"look: " + OTHER)),
    "a PNG chunk nobody knows": lambda: png_with(chunk(b"prVw", OTHER)),
    "the tail of a phone": lambda: picture() + b"SEF" + OTHER + b"SEFHxxxxSEFT",
    "the tail of a BMP": lambda: picture("BMP") + OTHER,
    "the tail of a TIFF": lambda: picture("TIFF") + OTHER,
    "the tail of an AVIF": lambda: picture("AVIF") + OTHER,
}


@pytest.mark.parametrize("where", HIDDEN)
def test_a_picture_is_found_wherever_it_hides(where: str) -> None:
    (found,) = read(HIDDEN[where]()).embedded
    assert found.startswith(OTHER)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_hidden_pictures_of_other_kinds_are_said(kind: str) -> None:
    assert read(jpeg_with(segment(0xE5, b"PREVIEW\0" + picture(kind)))).unchecked


def animated_png() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 24), colour) for colour in ("teal", "red", "blue")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def test_frames_of_a_png_that_do_not_show_are_said() -> None:
    whole = animated_png()
    assert read(whole).unchecked == ()
    start = whole.index(b"acTL") - 4
    actl = whole[start : start + 20]
    one = chunk(b"acTL", struct.pack(">II", 1, 0))
    for hidden in (whole.replace(actl, b""), whole.replace(actl, one)):
        (unchecked,) = read(hidden).unchecked
        assert "frames that do not show" in unchecked.reason


def test_three_bytes_by_chance_are_no_picture() -> None:
    found = read(jpeg_with(segment(0xE5, b"LUT\0" + b"\1" * 40 + b"\xff\xd8\xff\xe0\0\4" + b"\1" * 40)))
    assert (found.embedded, found.unchecked) == ((), ())


def test_a_preview_within_a_preview_is_handed_on_too() -> None:
    inner = with_thumbnail(OTHER)
    found = read(jpeg_with(segment(0xE5, b"PREVIEW\0" + inner)))
    assert set(found.embedded) == {OTHER, inner}
    assert not found.unchecked


@pytest.mark.parametrize("filling", [b"\r\n", b"\xff" * 40, b"\0" * 9])
def test_what_programs_leave_at_the_end_is_nothing(filling: bytes) -> None:
    assert read(picture() + filling) == read(picture())


def test_pictures_within_pictures_take_no_longer_than_they_are_long() -> None:
    nested = OTHER
    for _ in range(40):  # each was read twice, so that this would never have ended
        block = resource(0x0BB7, nested)
        nested = jpeg_with(exif_segment(tiff_block((0x8649, 7, len(block), block))))
    assert OTHER in read(nested).embedded


def test_names_in_a_further_picture_are_read() -> None:
    assert NAME in words(read(picture() + picture(comment=NAME)))


def gain_map(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("L", size).save(out, "JPEG", comment="xmlns hdrgm:Version='1.0'")
    return out.getvalue()


def test_a_gain_map_of_the_same_view_is_no_picture_of_its_own() -> None:
    same, other = gain_map((16, 12)), gain_map((30, 12))
    assert (read(picture() + same).embedded, read(picture() + same).gain_maps) == ((), (same,))
    assert read(picture() + other).embedded == (other,)


def test_a_coloured_gain_map_is_a_picture() -> None:
    coloured = picture(comment="hdrgm:Version='1.0'")
    assert read(picture(quality=30) + coloured).embedded == (coloured,)


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "XMP with an entity bomb": lambda: jpeg_with(
        segment(
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><x>&b;</x>",
        )
    ),
    "XMP cut short": lambda: jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><a>")),
    "XMP in an unknown encoding": lambda: jpeg_with(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<?xml version='1.0' encoding='klingon'?><a/>")
    ),
    "extended XMP with a piece lost": lambda: extended_xmp(lost=True),
    "EXIF value longer than the block": lambda: jpeg_with(exif_segment(tiff_block((0x010E, 2, 9999, b"x" * 8)))),
    "EXIF that points to itself": lambda: jpeg_with(exif_segment(b"II*\0\x08\0\0\0\0\0\x08\0\0\0")),
    "EXIF directory beyond the block": lambda: jpeg_with(exif_segment(tiff_block((0x8769, 4, 1, b"\xff\xff\0\0")))),
    "EXIF that is none": lambda: jpeg_with(exif_segment(b"hello, hello")),
    "EXIF preview longer than the block": lambda: with_thumbnail(picture(), claimed=60_000),
    "EXIF preview that is no JPEG": lambda: with_thumbnail(b"BM" + b"\0" * 60),
    "IPTC that lies about its length": lambda: jpeg_with(
        photoshop(resource(0x0404, b"\x1c\x02\x78\x7f\xff" + NAME.encode()))
    ),
    "Photoshop block cut short": lambda: jpeg_with(photoshop(resource(0x0404, b"x" * 40)[:-20])),
    "JPEG without its end": lambda: picture()[:-2],
    "PNG text that unfolds without end": lambda: png_with(
        chunk(b"zzTx", b""), chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(b"a" * (17 * 1024 * 1024), 9))
    ),
    "PNG text that does not unfold": lambda: png_with(chunk(b"zTXt", b"Comment\0\0nonsense"), at_the_end=True),
    "PNG with the rest of an older picture": lambda: picture("PNG") + picture("PNG")[60:],
    "JPEG with a film behind it": lambda: picture() + b"\0\0\0\x18ftypmp42" + b"\1" * 500,
    "JPEG with a zip behind it": lambda: picture() + b"PK\3\4" + b"\1" * 500,
    "TIFF with bytes behind it": lambda: picture("TIFF") + NAME.encode(),
    "TIFF with another picture's pixels": lambda: moved_directory(b"\1" * 600),
    "BMP with bytes behind it": lambda: picture("BMP") + NAME.encode(),
    "GIF without its end": lambda: picture("GIF")[:-1],
    "TIFF with layers": lambda: picture("TIFF", tiffinfo={0x935C: b"Adobe Photoshop Document Data Block\0"}),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_said(what: str) -> None:
    data = UNREADABLE[what]()
    with Image.open(io.BytesIO(picture(_format_of(data)))) as image:  # Pillow itself refuses some of these
        found = read_metadata(image, data, "a.jpg")
    assert found.unchecked
    assert all(u.part == "a.jpg:metadata" and "a.jpg" not in u.reason for u in found.unchecked)


def _format_of(data: bytes) -> str:
    return {b"\x89P": "PNG", b"GI": "GIF", b"II": "TIFF", b"MM": "TIFF", b"BM": "BMP"}.get(data[:2], "JPEG")


def test_control_characters_do_not_reach_a_passage() -> None:
    found = read(picture(comment=f"\x00\x1b[31m{NAME}\x07\x02"))
    assert NAME in words(found)
    assert not any(ord(c) < 32 and c not in "\n\t\r" for c in words(found))


def test_dates_numbers_and_ids_are_no_passages() -> None:
    data = jpeg_xmp(
        attributes="odd:a='2026-05-01T10:11:12+01:00' odd:b='42' odd:c='1/250' odd:d='True' "
        "odd:e='xmp.iid:01234567-89ab-cdef-0123-456789abcdef'"
    )
    assert read(data).passages == ()


@pytest.mark.parametrize("number", ["07700 900123", "01632960123", "+44 1632 960 123", "01632/960123"])
def test_a_telephone_number_is_never_taken_for_a_setting(number: str) -> None:
    assert number in words(read(jpeg_xmp(attributes=f"odd:a='{number}'")))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF"])
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 400), at=st.integers(0, 400), noise=st.binary(max_size=8))
def test_no_damage_raises(kind: str, cut: int, at: int, noise: bytes) -> None:
    good = bytearray(picture(kind, exif=exif({0x010E: NAME, 0x013B: NAME})) if kind != "GIF" else gif_xmp())
    good[at : at + len(noise)] = noise
    with Image.open(io.BytesIO(picture(kind))) as image:
        read_metadata(image, bytes(good[: len(good) - cut]), "a.jpg")
