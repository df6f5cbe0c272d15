"""A name in the file of a clip is read as one in a picture's file is."""

import io
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_metadata import NAME, XMP

from postguard.seeing.clip_notes import read_clip_notes, without_film


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def mp4(*boxes: bytes, inside: bytes = b"") -> bytes:
    moov = box(b"moov", box(b"mvhd", b"\0" * 100) + inside)
    return box(b"ftyp", b"isom\0\0\2\0isom") + moov + box(b"mdat", bytes(range(256)) * 4) + b"".join(boxes)


def itunes(text: str) -> bytes:
    title = box(b"\xa9nam", box(b"data", struct.pack(">II", 1, 0) + text.encode()))
    return box(b"udta", box(b"meta", b"\0\0\0\0" + box(b"ilst", title)))


def element(identity: bytes, body: bytes, *, unknown: bool = False) -> bytes:
    return identity + (b"\x01" + b"\xff" * 7 if unknown else bytes([8]) + struct.pack(">I", len(body))) + body


def webm(*, tag: str = "", title: str = "", unknown: bool = False) -> bytes:
    info = element(b"\x15\x49\xa9\x66", element(b"\x7b\xa9", title.encode()))
    cluster = element(b"\x1f\x43\xb6\x75", bytes(range(200)), unknown=unknown)
    simple = element(b"\x67\xc8", element(b"\x45\xa3", b"TITLE") + element(b"\x44\x87", tag.encode()))
    tags = element(b"\x12\x54\xc3\x67", element(b"\x73\x73", simple))
    body = info + cluster + cluster + tags
    return element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm") + element(b"\x18\x53\x80\x67", body, unknown=unknown)


def avi(text: str) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", text.encode() + b"\0"))
    body = b"AVI " + chunk(b"LIST", b"hdrl" + chunk(b"avih", b"\0" * 56)) + info + chunk(b"LIST", b"movi" + b"\7" * 90)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def quicktime_keys(*items: tuple[str, bytes, int], damaged: bool = False) -> bytes:
    """As iPhones keep them: `meta` without a version, keys in one box, values by number in another."""
    keys = b"".join(struct.pack(">I", 8 + len(key)) + b"mdta" + key.encode() for key, _, _ in items)
    values = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", kind, 0) + value))
        for number, (_, value, kind) in enumerate(items, start=1)
    )
    handler = box(b"hdlr", b"\0" * 8 + b"mdta" + b"\0" * 13)
    listed = box(b"keys", struct.pack(">II", 0, len(items)) + keys)
    return box(b"meta", handler + listed + box(b"ilst", values[: -3 if damaged else None]))


def iphone(*more: tuple[str, bytes, int], within: Callable[[bytes], bytes] = bytes) -> bytes:
    return mp4(
        inside=within(
            quicktime_keys(
                ("com.apple.quicktime.location.ISO6709", b"+55.9533-003.1883+047.000/", 1),
                ("com.apple.quicktime.make", b"Apple", 1),
                ("com.apple.quicktime.model", b"iPhone 15 Pro", 1),
                ("com.apple.quicktime.software", b"18.1", 1),
                ("com.apple.quicktime.creationdate", b"2026-11-20T10:11:12+0000", 1),
                *more,
            )
        )
    )


def in_user_data(meta: bytes) -> bytes:
    """Where FFmpeg and what is built on it put them."""
    return box(b"udta", box(b"\xa9cmt", struct.pack(">HH", 4, 0x55C4) + b"Isla") + meta)


PACKET = (XMP % (f'dc:x="{NAME}"', "")).encode()
HIDING_PLACES: dict[str, Callable[[], bytes]] = {
    "MP4 title": lambda: mp4(inside=itunes(NAME)),
    "QuickTime title": lambda: mp4(inside=box(b"udta", box(b"\xa9nam", struct.pack(">HH", 15, 0) + NAME.encode()))),
    "QuickTime key": lambda: iphone(("com.apple.quicktime.title", NAME.encode(), 1)),
    "QuickTime key in UTF-16": lambda: iphone(("com.apple.quicktime.artist", NAME.encode("utf-16-be"), 2)),
    "QuickTime key of a kind nobody knows": lambda: iphone(("com.apple.quicktime.title", NAME.encode(), 99)),
    "name of a key": lambda: iphone((NAME, b"1", 1)),
    "damaged QuickTime keys": lambda: mp4(inside=quicktime_keys(("a", NAME.encode() + b"\0abc", 1), damaged=True)),
    "name of a track": lambda: mp4(inside=box(b"trak", box(b"mdia", box(b"hdlr", b"\0" * 24 + NAME.encode() + b"\0")))),
    "MP4 XMP": lambda: mp4(box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + PACKET)),
    "QuickTime XMP": lambda: mp4(
        inside=box(b"udta", box(b"XMP_", b'<?xpacket begin="" id="W5M0"?>' + PACKET + b'<?xpacket end="w"?>'))
    ),
    "a box left over": lambda: mp4(box(b"free", NAME.encode())),
    "a box nobody knows": lambda: mp4(box(b"zzzz", NAME.encode())),
    "WebM title": lambda: webm(title=NAME),
    "WebM tag": lambda: webm(tag=NAME),
    "WebM tag after a stream without sizes": lambda: webm(tag=NAME, unknown=True),
    "AVI title": lambda: avi(NAME),
}


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_a_name_is_read_wherever_it_stands(place: str) -> None:
    found = read_clip_notes(HIDING_PLACES[place](), "clip.mp4")
    assert any(NAME in passage.text for passage in found.passages)
    assert not found.unchecked
    assert {passage.part for passage in found.passages} == {"clip.mp4:metadata"}


@pytest.mark.parametrize(("within", "more"), [(bytes, set()), (in_user_data, {"Isla"})])
def test_an_iphones_clip_tells_its_device_and_no_more_words(within: Callable[[bytes], bytes], more: set[str]) -> None:
    found = read_clip_notes(iphone(within=within), "clip.mov")
    assert found.camera == "Apple iPhone 15 Pro"
    said = {p.text for p in found.passages}
    assert said == {"Apple", "iPhone 15 Pro"} | more, "neither the place nor numbers"
    assert not found.unchecked


@pytest.mark.parametrize(
    ("data", "camera"),
    [
        (
            mp4(
                inside=quicktime_keys(
                    ("com.android.version", b"15", 1),
                    ("com.android.manufacturer", b"Google", 1),
                    ("com.android.model", b"Pixel 8", 1),
                )
            ),
            "Google Pixel 8",
        ),
        (
            mp4(
                inside=box(
                    b"udta",
                    box(b"\xa9mak", struct.pack(">HH", 5, 0x55C4) + b"Canon")
                    + box(b"\xa9mod", struct.pack(">HH", 14, 0x55C4) + b"Canon EOS R50"),
                )
            ),
            "Canon EOS R50",
        ),
        (mp4(inside=quicktime_keys(("com.apple.quicktime.make", b"Apple", 1))), None),
        (mp4(), None),
        (avi(NAME), None),
    ],
)
def test_the_device_that_a_clip_names(data: bytes, camera: str | None) -> None:
    assert read_clip_notes(data, "a").camera == camera


def test_two_letters_under_a_key_are_read() -> None:
    found = read_clip_notes(iphone(("com.apple.quicktime.title", b"Jo", 1)), "a")
    assert ("clip's com.apple.quicktime.title", "Jo") in [(p.field, p.text) for p in found.passages]


def test_a_short_name_at_the_end_of_its_box_is_read() -> None:
    assert any("Isla" in passage.text for passage in read_clip_notes(mp4(inside=itunes("Isla")), "a").passages)


@pytest.mark.parametrize(
    "data",
    [
        mp4(struct.pack(">I", 999_999) + b"udta" + NAME.encode()),
        mp4(struct.pack(">I", 4) + b"udta"),
        webm(title=NAME)[:-3],
        avi(NAME)[:-40],
        mp4(box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + b"<x><y>")),
    ],
)
def test_notes_that_cannot_be_read_are_said(data: bytes) -> None:
    unchecked = read_clip_notes(data, "clip.mp4").unchecked
    assert [u.part for u in unchecked] == ["clip.mp4:metadata"]
    assert "picture" not in unchecked[0].reason.partition(";")[2]


def small_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(out, "JPEG")
    return out.getvalue()


COVER = box(b"covr", box(b"data", b"\0\0\0\r\0\0\0\0" + small_picture()))


@pytest.mark.parametrize(
    "data",
    [
        mp4(inside=box(b"udta", box(b"meta", b"\0\0\0\0" + box(b"ilst", COVER)))),
        mp4(inside=box(b"udta", box(b"thmb", small_picture()))),
        iphone(("com.apple.quicktime.artwork", small_picture(), 13)),
        mp4(box(b"free", small_picture())),
        mp4(box(b"uuid", b"\1" * 16 + small_picture())),
    ],
)
def test_a_cover_picture_is_said(data: bytes) -> None:
    (unchecked,) = read_clip_notes(data, "a.mp4").unchecked
    assert "cover" in unchecked.reason


def track(handler: bytes) -> bytes:
    return mp4(inside=box(b"trak", box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12))))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (track(b"sbtl"), True),
        (track(b"text"), True),
        (track(b"vide"), False),
        (track(b"soun"), False),
        (element(b"\x1a\x45\xdf\xa3", b"") + element(b"\x16\x54\xae\x6b", element(b"\xae", b"\x83\x81\x11")), True),
        (element(b"\x1a\x45\xdf\xa3", b"") + element(b"\x16\x54\xae\x6b", element(b"\xae", b"\x83\x81\x01")), False),
    ],
)
def test_subtitles_are_said_not_to_be_read(data: bytes, said: bool) -> None:
    assert any("subtitles, which" in u.reason for u in read_clip_notes(data, "a.mp4").unchecked) is said


def test_how_long_a_clip_is_is_no_passage() -> None:
    assert not any("00:" in p.text for p in read_clip_notes(webm(tag="00:00:02.000000000"), "a.webm").passages)


@pytest.mark.parametrize("whole", [mp4(inside=itunes(NAME)), iphone(), webm(tag=NAME), avi(NAME)])
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 300), at=st.integers(0, 300), noise=st.binary(max_size=8))
def test_no_damage_raises(whole: bytes, cut: int, at: int, noise: bytes) -> None:
    data = bytearray(whole)
    data[at : at + len(noise)] = noise
    read_clip_notes(bytes(data[: len(data) - cut]), "a")


def test_the_film_is_left_out_only_of_what_can_be_taken_apart() -> None:
    film, place = b"\0\0\0\x0cmdatloci", b"\0\0\0\x0cudtaloci"
    assert b"loci" not in without_film(film)
    assert b"loci" in without_film(film + place)
    assert without_film(film + b"no box, but loci") == film + b"no box, but loci"
