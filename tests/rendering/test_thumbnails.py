"""Copies of pictures for the page: small, bare, and with nothing left of a covered face."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import IFD
from render_scenes import ROSTER, RULES, class_batch

from postguard.domain.evidence import Region
from postguard.rendering import Audience, view_for, with_pictures
from postguard.seeing.thumbnails import COVER, reduced

PICTURES = Path(__file__).parents[1] / "pictures"
CLASS = PICTURES / "G1_class.jpg"
FACE = Region(x=342, y=576, width=138, height=141)


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data)).convert("RGB")


def worst(image: Image.Image, box: tuple[float, float, float, float]) -> int:
    """How far any pixel in the box is from the cover's colour."""
    crop = image.crop(tuple(round(edge) for edge in box))
    return max(abs(value - COVER[band]) for band in range(3) for value in crop.getchannel(band).getextrema())


def test_a_covered_face_is_painted_over_with_its_hair_and_ears() -> None:
    copy = opened(reduced(CLASS, sha256=sha(CLASS), cover=(FACE,), longest=1024))
    scale = copy.width / 1600
    inside = (FACE.x - 30, FACE.y - 30, FACE.x + FACE.width + 30, FACE.y + FACE.height + 30)
    assert worst(copy, tuple(edge * scale for edge in inside)) < 24
    uncovered = opened(reduced(CLASS, sha256=sha(CLASS), longest=1024))
    assert worst(uncovered, tuple(edge * scale for edge in inside)) > 100


def test_a_copy_is_small_and_stripped_and_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Aoife MacDonald"
    exif.get_ifd(IFD.GPSInfo)[1] = "N"
    path = tmp_path / "turned.jpg"
    with Image.open(CLASS) as image:
        image.save(path, exif=exif, comment=b"Aoife")
    data = reduced(path, sha256=sha(path), longest=300)
    assert data is not None and b"Aoife" not in data and b"Exif" not in data
    copy = opened(data)
    assert max(copy.size) == 300
    assert copy.height > copy.width
    assert not Image.open(io.BytesIO(data)).getexif()


def test_regions_of_other_bytes_cover_nothing_so_there_is_no_copy(tmp_path: Path) -> None:
    assert reduced(CLASS, sha256=sha(PICTURES / "G2_field.jpg")) is None
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(CLASS.read_bytes()[:5000])
    assert reduced(broken, sha256=sha(broken)) is None
    assert reduced(tmp_path / "gone.jpg", sha256="") is None


@pytest.mark.parametrize(("audience", "covered"), [(Audience.TRAVEL, True), (Audience.PRIVATE, False)])
def test_what_travels_holds_nothing_of_a_face_that_is_not_cleared(audience: Audience, covered: bool) -> None:
    batch = class_batch()
    view = with_pictures(view_for(batch, roster=ROSTER, rules=RULES, audience=audience), batch, reduced)
    picture = view.drafts[0].pictures[0]
    copy = opened(picture.image)
    scale = copy.width / picture.width
    for face in picture.faces:
        box = face.region
        hidden = (
            worst(copy, (box.x * scale, box.y * scale, (box.x + box.width) * scale, (box.y + box.height) * scale)) < 24
        )
        assert hidden is (covered and face.stops)


def test_a_picture_that_changed_since_the_check_is_not_shown() -> None:
    batch = class_batch(sha256="0" * 64)
    view = with_pictures(view_for(batch, roster=ROSTER, rules=RULES, audience=Audience.PRIVATE), batch, reduced)
    assert view.drafts[0].pictures[0].image is None
    assert "no longer the file" in view.drafts[0].pictures[0].withheld
