"""What becomes of a file, with faces and words found by stand-ins: every trouble is said, nothing is skipped."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from postguard.domain.drafts import Picture, Unchecked
from postguard.domain.evidence import Passage
from postguard.seeing.detectors import Glimpse, Points
from postguard.seeing.eyes import Eyes
from postguard.seeing.geometry import Sighting
from postguard.seeing.models import Models
from postguard.seeing.types import Pixels, Template

LANDMARKS = np.array([[30, 40], [50, 40], [40, 52], [32, 64], [48, 64]], np.float32)


class FakeFinder:
    """Sees one face wherever the picture's middle is red."""

    rests = 0

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        middle = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].astype(int)
        if not (middle[0] > 180 and middle[1] < 90):
            return ()
        best = Glimpse(detector="yunet", score=0.9, x=-3.4, y=20.2, width=60, height=70, landmarks=LANDMARKS)
        return (Sighting(best=best, glimpses=(best,)),)

    def rest(self) -> None:
        self.rests += 1


class FakeEncoder:
    name = "dlib"

    def template(self, pixels: Pixels, landmarks: Points) -> Template:
        return np.eye(1, 128, dtype=np.float32)[0]

    reference = template


class FakeReader:
    def read(self, pixels: Pixels, part: str) -> tuple[tuple[Passage, ...], tuple[Unchecked, ...]]:
        return (Passage(part=f"{part}:picture", text=f"{pixels[0, 0, 0]}"),), ()


def fake_eyes(reader: FakeReader | None = None) -> Eyes:
    return Eyes(Models(files={}), reader=reader, finder=FakeFinder(), encoders=[FakeEncoder()])


def picture(path: Path) -> Picture:
    return Picture(part=path.name, path=path)


def test_finding_makes_room_before_words_are_read_and_only_then(tmp_path: Path) -> None:
    Image.new("RGB", (200, 160), (220, 30, 30)).save(tmp_path / "a.png")
    for reader, rests in ((FakeReader(), 1), (None, 0)):
        finder = FakeFinder()
        eyes = Eyes(Models(files={}), reader=reader, finder=finder, encoders=[FakeEncoder()])
        assert eyes.look(picture(tmp_path / "a.png")).unchecked == ()
        assert finder.rests == rests


@pytest.fixture
def red() -> Image.Image:
    return Image.new("RGB", (200, 160), (220, 30, 30))


def test_a_picture_is_described_upright_and_its_face_lies_within_it(tmp_path: Path, red: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    red.save(tmp_path / "a.jpg", exif=exif)
    sight = fake_eyes().look(picture(tmp_path / "a.jpg"))
    assert sight.photograph is not None
    assert (sight.photograph.width, sight.photograph.height) == (160, 200)
    assert sight.unchecked == ()
    ((face,),) = (frame.faces for frame in sight.frames)
    assert (face.region.x, face.region.y, face.region.width) == (0, 20, 57)
    assert set(face.templates) == {"dlib"}


@pytest.mark.parametrize("name", ["a.jpg", "a.svg", "a.pdf", "a.psd"])
def test_what_cannot_be_opened_is_unchecked_and_nothing_else(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("<svg/>")
    sight = fake_eyes().look(picture(tmp_path / name))
    assert sight.photograph is None and sight.frames == ()
    (unchecked,) = sight.unchecked
    assert unchecked.part == name and name not in unchecked.reason


def test_a_picture_cut_short_is_unchecked_though_its_header_is_whole(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (160, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2])
    sight = fake_eyes().look(picture(tmp_path / "a.jpg"))
    assert any("cut short" in u.reason for u in sight.unchecked)


def test_words_are_read_in_every_view_or_said_not_to_be(tmp_path: Path) -> None:
    ink = Image.new("RGBA", (40, 40), (7, 7, 7, 0))
    ink.save(tmp_path / "a.png")
    sight = fake_eyes(FakeReader()).look(picture(tmp_path / "a.png"))
    assert {"255", "7"} <= {p.text for p in sight.passages}
    assert sight.not_looked_at == ()
    assert fake_eyes().look(picture(tmp_path / "a.png")).not_looked_at == ("words inside pictures",)


def with_preview(shown: Image.Image, preview: Image.Image, path: Path) -> None:
    small = io.BytesIO()
    preview.copy().resize((160, 120)).save(small, "JPEG", quality=60)
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    first = exif.get_ifd(1) if hasattr(exif, "get_ifd") else {}
    first[0x0103] = 6
    body = exif.tobytes()
    # Pillow writes no second directory: append one by hand (TIFF 6.0, EXIF 2.3: tags 0x0201, 0x0202).
    tiff = bytearray(body[6:])
    order = "little" if tiff[:2] == b"II" else "big"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    start = int.from_bytes(tiff[4:8], order)  # type: ignore[arg-type]
    count = int.from_bytes(tiff[start : start + 2], order)  # type: ignore[arg-type]
    link = start + 2 + 12 * count
    at = len(tiff)
    tiff[link : link + 4] = number(at, 4)
    data_at = at + 2 + 24 + 4
    directory = number(2, 2)
    directory += number(0x0201, 2) + number(4, 2) + number(1, 4) + number(data_at, 4)
    directory += number(0x0202, 2) + number(4, 2) + number(1, 4) + number(len(small.getvalue()), 4)
    tiff += directory + number(0, 4) + small.getvalue()
    shown.save(path, exif=b"Exif\0\0" + bytes(tiff), quality=90)


def test_a_preview_of_what_was_cropped_away_stops_the_picture(tmp_path: Path, root: Path) -> None:
    whole = Image.open(root / "tests/pictures/G2_field.jpg").convert("RGB")
    with_preview(whole, whole, tmp_path / "same.jpg")
    assert fake_eyes().look(picture(tmp_path / "same.jpg")).unchecked == ()
    with_preview(whole.crop((0, 0, 1200, 1000)), whole, tmp_path / "cropped.jpg")
    (unchecked,) = fake_eyes().look(picture(tmp_path / "cropped.jpg")).unchecked
    assert "preview" in unchecked.reason
    painted = whole.copy()
    painted.paste((20, 20, 20), (900, 580, 1040, 720))
    with_preview(painted, whole, tmp_path / "painted.jpg")
    assert fake_eyes().look(picture(tmp_path / "painted.jpg")).unchecked


class BrightFinder(FakeFinder):
    """Sees one face, wide as half the picture, wherever its middle is bright."""

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        height, width = pixels.shape[:2]
        if pixels[height // 2, width // 2].min() < 180:
            return ()
        best = Glimpse(
            detector="yunet", score=0.9, x=width / 4, y=height / 4, width=width / 2, height=height / 2, landmarks=None
        )
        return (Sighting(best=best, glimpses=(best,)),)


@pytest.mark.parametrize(("middle", "stops"), [(250, False), (100, True)])
def test_a_map_of_brightness_that_shows_another_face_stops_the_picture(
    tmp_path: Path, middle: int, stops: bool
) -> None:
    shown, gain_map = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (200, 160), (middle,) * 3).save(shown, "JPEG")
    Image.new("L", (100, 80), 250).save(gain_map, "JPEG", comment="hdrgm:Version='1.0'")
    (tmp_path / "a.jpg").write_bytes(shown.getvalue() + gain_map.getvalue())
    eyes = Eyes(Models(files={}), finder=BrightFinder(), encoders=[FakeEncoder()])
    assert bool(eyes.look(picture(tmp_path / "a.jpg")).unchecked) is stops


class TextureFinder(FakeFinder):
    """Sees one face in the middle of the picture wherever that is rich in detail, in pictures up to a width."""

    def __init__(self, widest: int = 10_000) -> None:
        self.widest = widest

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        height, width = pixels.shape[:2]
        middle = pixels[int(height * 0.4) : int(height * 0.6), int(width * 0.4) : int(width * 0.6)]
        if width > self.widest or middle.std() < 20:
            return ()
        x, y = width * 0.4, height * 0.4
        best = Glimpse(detector="yunet", score=0.9, x=x, y=y, width=width / 5, height=height / 5, landmarks=None)
        return (Sighting(best=best, glimpses=(best,)),)


def in_detail(hidden: bool) -> Image.Image:
    pixels = np.full((400, 400, 3), 120, np.uint8)
    pixels[:40], pixels[-40:] = 255, 0
    dots = np.random.default_rng(1).integers(0, 2, (20, 20, 1), np.uint8) * 80 + 80
    pixels[160:240, 160:240] = dots.repeat(4, 0).repeat(4, 1)
    shown = Image.fromarray(pixels)
    if hidden:
        box = (150, 150, 250, 250)
        shown.paste(shown.crop(box).resize((2, 2), Image.Resampling.BOX).resize((100, 100)), box)
    return shown


@pytest.mark.parametrize(
    ("hidden", "turned", "widest", "stops"),
    [
        (True, False, 10_000, True),
        (True, True, 10_000, True),
        (False, False, 10_000, False),
        (False, False, 300, False),  # found in the small one only, where the picture looks the same
        (False, True, 300, False),
    ],
)
def test_a_face_that_was_blurred_stops_the_picture_while_its_file_holds_it_sharp(
    tmp_path: Path, hidden: bool, turned: bool, widest: int, stops: bool
) -> None:
    shown, inside = io.BytesIO(), io.BytesIO()
    in_detail(hidden).save(shown, "JPEG", quality=95)
    before = in_detail(hidden=False).resize((200, 200), Image.Resampling.BOX)
    (before.rotate(90) if turned else before).save(inside, "JPEG", quality=90)
    (tmp_path / "a.jpg").write_bytes(shown.getvalue() + inside.getvalue())
    eyes = Eyes(Models(files={}), finder=TextureFinder(widest), encoders=[FakeEncoder()], reader=FakeReader())
    sight = eyes.look(picture(tmp_path / "a.jpg"))
    assert any("preview" in item.reason for item in sight.unchecked) is stops
    if not stops:
        assert ("a.jpg:metadata", "picture inside the file") in [(p.part, p.field) for p in sight.passages]
