"""A cover keeps nothing of what is under it, and the copy of a picture holds the picture and nothing else."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from test_metadata import HIDING_PLACES, UNREADABLE, exif, picture

from postguard.domain.evidence import Region
from postguard.domain.policy import ChannelLimits
from postguard.seeing.copying import Copy, copy, cropped
from postguard.seeing.cover import Cover, Style, covered, head_outline, reach, words_cover
from postguard.seeing.decoding import open_picture
from postguard.seeing.metadata import Metadata, read_metadata
from postguard.seeing.profiles import only_colours
from postguard.seeing.types import Pixels

FACE = Region(x=60, y=50, width=40, height=50)


def hidden(cover: Cover, width: int = 200, height: int = 160) -> np.ndarray:
    """Where a head's cover lies, drawn from its outline."""
    mask = Image.new("1", (width, height))
    ImageDraw.Draw(mask).polygon(head_outline(cover), fill=1)
    return np.asarray(mask)


def noise(seed: int, width: int = 200, height: int = 160) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("style", Style)
@settings(max_examples=25, deadline=None)
@given(
    x=st.integers(-20, 190),
    y=st.integers(-20, 150),
    width=st.integers(1, 80),
    height=st.integers(1, 90),
    roll=st.floats(-180, 180),
)
def test_another_face_under_the_cover_gives_the_same_picture(
    style: Style, x: int, y: int, width: int, height: int, roll: float
) -> None:
    cover = Cover(region=Region(x=x, y=y, width=width, height=height), head=True, roll=roll)
    under = hidden(cover)
    one = noise(1)
    other = one.copy()
    other[under] = noise(2)[under]
    assert np.array_equal(covered(one, [cover], style), covered(other, [cover], style))


def test_the_files_are_the_same_too(tmp_path: Path) -> None:
    cover = Cover(region=FACE, head=True, roll=12)
    made = []
    for seed in (2, 3):
        pixels = noise(1)
        pixels[hidden(cover)] = noise(seed)[hidden(cover)]
        Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif({0x010E: f"face {seed}"}))
        made.append(copy(open_picture(tmp_path / "a.png"), lambda p: covered(p, [cover]), ChannelLimits(channel="x")))
    assert made[0] == made[1]


@pytest.mark.parametrize("size", [12, 25, 40, 90])
@pytest.mark.parametrize("subsampling", ["4:2:0", "4:4:4"])
def test_compression_has_left_nothing_of_the_face_around_the_cover(size: int, subsampling: str) -> None:
    """JPEG mixes neighbours, so the file the picture came from holds a hint of the face around it."""
    made = []
    for seed in (2, 3):
        pixels = noise(1, 360, 360) // 4 + 90
        face = Image.new("1", (360, 360))
        box = Region(x=133, y=131, width=size, height=size + size // 4)
        ImageDraw.Draw(face).ellipse((box.x, box.y, box.x + box.width, box.y + box.height), fill=1)
        pixels[np.asarray(face)] = noise(seed, 360, 360)[np.asarray(face)]
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=60, subsampling=subsampling)
        made.append(covered(np.asarray(Image.open(file)), [Cover(region=box, head=True)]))
    assert np.array_equal(*made)


def test_what_is_not_covered_stays() -> None:
    cover = Cover(region=FACE, head=True)
    under = hidden(cover)
    assert np.array_equal(covered(noise(1), [cover])[~under], noise(1)[~under])
    assert under.sum() > FACE.width * FACE.height


@pytest.mark.parametrize("roll", [0, 30, -75, 180])
def test_the_whole_box_hair_and_chin_are_under_the_cover(roll: float) -> None:
    outline = Image.new("1", (400, 400))
    face = Region(x=160, y=150, width=80, height=100)
    ImageDraw.Draw(outline).polygon(head_outline(Cover(region=face, head=True, roll=roll)), fill=1)
    middle = (200, 200)
    for across, down in ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0, -0.9), (0, 0.65)):
        a, d, turn = across * face.width, down * face.height, math.radians(roll)
        point = (
            middle[0] + a * math.cos(turn) - d * math.sin(turn),
            middle[1] + a * math.sin(turn) + d * math.cos(turn),
        )
        assert outline.getpixel((round(point[0]), round(point[1])))


def test_reach_holds_all_that_is_covered() -> None:
    for cover in (Cover(region=FACE, head=True, roll=25), words_cover(FACE)):
        box = reach(cover)
        changed = np.argwhere((covered(noise(1), [cover]) != noise(1)).any(axis=2))
        assert changed[:, 1].min() >= box.x and changed[:, 1].max() < box.x + box.width
        assert changed[:, 0].min() >= box.y and changed[:, 0].max() < box.y + box.height


def opened_from(tmp_path: Path, data: bytes, name: str):  # type: ignore[no-untyped-def]
    path = tmp_path / name
    path.write_bytes(data)
    return open_picture(path)


def metadata_of(made: Copy) -> Metadata:
    with Image.open(io.BytesIO(made.data)) as image:
        image.load()
        assert not image.getexif() and not getattr(image, "text", {})
        assert set(image.info) <= {
            *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile"),
            *("duration", "loop", "background", "extension", "version", "timestamp"),
        }
        return read_metadata(image, made.data, "a.jpg")


SUFFIX = {"PNG": ".png", "GIF": ".gif", "Web": ".webp", "TIF": ".tif", "AVI": ".avif", "HEI": ".heic"}


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_no_reader_of_metadata_finds_anything_in_a_copy(place: str, tmp_path: Path) -> None:
    suffix = SUFFIX.get(place[:3], ".jpg")
    made = copy(opened_from(tmp_path, HIDING_PLACES[place](), f"a{suffix}"), None, None)
    assert metadata_of(made) == Metadata()
    assert not made.as_it_was
    assert b"MacDonald" not in made.data


@pytest.mark.parametrize(
    "what", ["XMP with an entity bomb", "JPEG with a film behind it", "IPTC that lies about its length"]
)
def test_what_could_not_be_read_does_not_come_along(what: str, tmp_path: Path) -> None:
    made = copy(opened_from(tmp_path, UNREADABLE[what](), "a.jpg"), None, None)
    assert metadata_of(made) == Metadata()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_bare_picture_stays_as_it_is_and_so_does_every_copy(kind: str, tmp_path: Path) -> None:
    data = picture(kind)
    made = copy(opened_from(tmp_path, data, "a.jpg" if kind == "JPEG" else "a.png"), None, None)
    assert made.as_it_was and made.data == data


@pytest.mark.parametrize("place", ["EXIF Artist", "GIF comment", "TIFF description", "PNG tEXt", "WebP EXIF"])
def test_a_copy_of_a_copy_is_the_same(place: str, tmp_path: Path) -> None:
    first = copy(opened_from(tmp_path, HIDING_PLACES[place](), f"a{SUFFIX.get(place[:3], '.jpg')}"), None, None)
    second = copy(opened_from(tmp_path, first.data, f"b{first.suffix}"), None, None)
    assert second.as_it_was and second.data == first.data


def srgb(version: int) -> bytes:
    """Pillow's sRGB profile with a name in its copyright, as if it were of this version."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    start = profile.find("No copyright".encode("utf-16-be"))
    profile[start : start + 24] = "Jamie Reid".ljust(12).encode("utf-16-be")
    profile[8] = version
    return bytes(profile)


@pytest.mark.parametrize("version", [2, 4])
def test_the_colour_profile_stays_and_its_texts_do_not(version: int, tmp_path: Path) -> None:
    profile = srgb(version)
    made = copy(opened_from(tmp_path, picture(icc_profile=profile), "a.jpg"), None, None)
    assert not made.as_it_was
    with Image.open(io.BytesIO(made.data)) as image:
        kept = image.info["icc_profile"]
    assert "Jamie".encode("utf-16-be") not in kept and only_colours(kept) == kept
    colours = Image.fromarray(noise(1))
    was, now = (
        ImageCms.profileToProfile(colours, io.BytesIO(one), ImageCms.createProfile("LAB"), outputMode="LAB")
        for one in (profile, kept)
    )
    assert was.tobytes() == now.tobytes()


@given(st.binary(max_size=40), st.integers(0, 587), st.integers(0, 588))
def test_no_profile_is_too_broken(junk: bytes, at: int, end: int) -> None:
    profile = srgb(4)[:end]
    kept = only_colours(profile[:at] + junk + profile[at + len(junk) :])
    assert kept is None or only_colours(kept) == kept


def test_a_copy_is_upright(tmp_path: Path) -> None:
    made = copy(opened_from(tmp_path, picture(exif=exif({0x0112: 6})), "a.jpg"), None, None)
    assert (made.width, made.height) == (24, 32)


def test_what_transparency_hid_is_gone(tmp_path: Path) -> None:
    secret = Image.new("RGBA", (40, 40), (255, 255, 255, 255))
    secret.putpixel((5, 5), (200, 10, 10, 0))
    secret.save(tmp_path / "a.png")
    made = copy(open_picture(tmp_path / "a.png"), None, None)
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.mode == "RGB" and image.getpixel((5, 5)) == (255, 255, 255)


def test_takes_the_best_quality_that_fits(tmp_path: Path) -> None:
    Image.fromarray(noise(1, 400, 300)).save(tmp_path / "a.jpg", quality=97)
    opened = open_picture(tmp_path / "a.jpg")
    free = copy(opened, lambda p: p, None)
    limits = ChannelLimits(channel="x", picture_bytes=len(free.data) * 3 // 4)
    fits = copy(opened, None, limits)
    assert len(free.data) * 0.6 < len(fits.data) <= len(free.data) * 3 // 4
    assert (fits.width, fits.height) == (400, 300)
    small = copy(opened, None, ChannelLimits(channel="x", picture_bytes=15_000))
    assert len(small.data) <= 15_000 and small.width < 400


def test_a_format_the_channel_does_not_take_becomes_jpeg(tmp_path: Path) -> None:
    made = copy(opened_from(tmp_path, picture("WEBP"), "a.webp"), None, ChannelLimits(channel="x", formats=("JPEG",)))
    assert made.suffix == ".jpg" and Image.open(io.BytesIO(made.data)).format == "JPEG"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_every_frame_of_an_animation_is_covered(kind: str, tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((160, 200, 3), tone, np.uint8)) for tone in (20, 230, 120)]
    path = tmp_path / f"a.{kind.lower()}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[80, 120, 200])
    cover = Cover(region=FACE, head=True)
    made = copy(open_picture(path), lambda p: covered(p, [cover]), None)
    with Image.open(io.BytesIO(made.data)) as image:
        lasts, middles, corners = [], [], []
        for number in range(image.n_frames):
            image.seek(number)
            rgb = image.convert("RGB")
            lasts.append(image.info["duration"])
            middles.append(rgb.getpixel((80, 75)))
            corners.append(rgb.getpixel((5, 5))[0])
    assert lasts == [80, 120, 200]
    assert all(max(abs(a - b) for a, b in zip(m, (96, 104, 112), strict=True)) < 12 for m in middles)
    assert [round(c, -1) for c in corners] == [20, 230, 120]


def test_cropping_cuts_to_the_region() -> None:
    assert np.array_equal(cropped(noise(1), Region(x=3, y=4, width=5, height=6)), noise(1)[4:10, 3:8])
