"""The real networks on the demo pupils. Few, because they are slow; real, because nothing else would do."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from postguard.domain.drafts import Picture
from postguard.seeing.detectors import CenterFace, YuNet
from postguard.seeing.encoders import DlibEncoder
from postguard.seeing.eyes import Eyes
from postguard.seeing.models import SFACE, Models
from postguard.seeing.types import Pixels, SeenFace

PICTURES = Path(__file__).parents[1] / "pictures"


@cache
def eyes() -> Eyes:
    return Eyes(Models.find())


@cache
def pixels_of(name: str) -> Pixels:
    return np.asarray(Image.open(PICTURES / name).convert("RGB"))


@cache
def faces_of(name: str) -> tuple[SeenFace, ...]:
    return eyes().faces(pixels_of(name))


def truth(name: str) -> list[tuple[str, tuple[int, int]]]:
    for line in (PICTURES / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["file"] == name:
            return [(person["who"], tuple(person["face"])) for person in row["people"]]
    raise AssertionError(name)


def holds(face: SeenFace, point: tuple[float, float]) -> bool:
    r = face.region
    return r.x <= point[0] <= r.x + r.width and r.y <= point[1] <= r.y + r.height


@pytest.mark.parametrize("name", ["G2_field.jpg", "G4_assembly.jpg"])
def test_everybody_is_found_once_and_nobody_else(name: str) -> None:
    people = truth(name)
    faces = faces_of(name)
    assert len(faces) == len(people)
    assert all(sum(holds(face, point) for face in faces) == 1 for _, point in people)
    assert [f.region.x + f.region.width / 2 for f in faces] == sorted(f.region.x + f.region.width / 2 for f in faces)
    assert not any(face.flaws for face in faces)
    assert all(set(face.templates) == {"dlib", "sface"} for face in faces)
    assert all(abs(float(np.linalg.norm(t)) - 1) < 1e-5 for face in faces for t in face.templates.values())


@pytest.mark.parametrize("degrees", [-40, 40])
def test_heads_tilted_by_forty_degrees_are_found_and_their_tilt_is_known(degrees: int) -> None:
    picture = Image.open(PICTURES / "P04_4.jpg").convert("RGB").rotate(-degrees, expand=True, fillcolor=(128,) * 3)
    (face,) = eyes().faces(np.asarray(picture))
    assert abs(face.roll - degrees) < 15
    straight = faces_of("P04_4.jpg")[0]
    for encoder, template in face.templates.items():
        assert float(template @ straight.templates[encoder]) > 0.6, encoder


def test_small_faces_far_away_in_a_large_picture_are_found() -> None:
    """On the reduced picture they are five pixels high: only the full-size tiles show them."""
    wide = Image.new("RGB", (6400, 640), (120, 140, 120))
    group = Image.open(PICTURES / "G2_field.jpg").convert("RGB")
    scale = 320 / group.width
    wide.paste(group.resize((320, round(group.height * scale)), Image.Resampling.BOX), (4100, 300))
    faces = eyes().faces(np.asarray(wide))
    for _, (x, y) in truth("G2_field.jpg"):
        assert any(holds(face, (4100 + x * scale, 300 + y * scale)) for face in faces)


@pytest.mark.parametrize("stretch", [2.0, 3.0])
def test_a_face_in_a_stretched_picture_is_found(stretch: float) -> None:
    picture = Image.open(PICTURES / "P02_4.jpg").convert("RGB")
    (face,) = eyes().faces(np.asarray(picture.resize((round(picture.width * stretch), picture.height))))
    (plain,) = faces_of("P02_4.jpg")
    middle = plain.region.x + plain.region.width / 2, plain.region.y + plain.region.height / 2
    assert holds(face, (middle[0] * stretch, middle[1]))


def test_a_small_face_is_found_and_said_to_be_too_small() -> None:
    picture = Image.open(PICTURES / "G2_field.jpg").convert("RGB").resize((320, 200), Image.Resampling.BOX)
    faces = eyes().faces(np.asarray(picture))
    assert len(faces) == len(truth("G2_field.jpg"))
    assert all("too small" in face.flaws for face in faces)


def test_a_face_that_fills_twelve_megapixels_is_found() -> None:
    picture = Image.open(PICTURES / "P01_4.jpg").convert("RGB").crop((130, 130, 430, 430)).resize((3400, 3400))
    (face,) = eyes().faces(np.asarray(picture))
    assert face.region.height > 1500


def test_a_blurred_face_is_unclear_and_the_sharp_one_is_not() -> None:
    import cv2

    sharp = pixels_of("P05_4.jpg")
    blurred = cv2.GaussianBlur(sharp, (0, 0), faces_of("P05_4.jpg")[0].region.height / 14)
    (face,) = eyes().faces(np.asarray(blurred, dtype=np.uint8))
    assert "blurred" in face.flaws
    assert "blurred" not in faces_of("P05_4.jpg")[0].flaws


def pictures_of_nobody() -> dict[str, Image.Image]:
    rng = np.random.default_rng(11)
    drawing = Image.new("RGB", (1200, 900), (250, 245, 230))
    pen = ImageDraw.Draw(drawing)
    for _ in range(60):
        x, y, r = (int(v) for v in rng.integers(0, 900, 3))
        pen.ellipse((x, y, x + r // 6, y + r // 6), fill=tuple(int(v) for v in rng.integers(0, 255, 3)))
        pen.line((x, y, r, y), fill=tuple(int(v) for v in rng.integers(0, 255, 3)), width=5)
    noise = Image.fromarray(rng.integers(0, 255, (75, 100, 3), dtype=np.uint8)).resize(
        (1200, 900), Image.Resampling.BICUBIC
    )
    hall = Image.new("RGB", (1200, 900), (190, 170, 140))
    ImageDraw.Draw(hall).polygon([(0, 900), (1200, 900), (800, 400), (400, 400)], fill=(120, 90, 60))
    return {"drawing": drawing, "noise": noise, "hall": hall, "white": Image.new("RGB", (640, 480), "white")}


@pytest.mark.parametrize("what", ["drawing", "noise", "hall", "white"])
def test_where_nobody_is_nobody_is_seen(what: str) -> None:
    assert eyes().faces(np.asarray(pictures_of_nobody()[what])) == ()


def test_a_face_hidden_under_transparency_is_seen(tmp_path: Path) -> None:
    hidden = Image.open(PICTURES / "P03_4.jpg").convert("RGBA")
    hidden.putalpha(0)
    hidden.save(tmp_path / "a.png")
    sight = eyes().look(Picture(part="a.png", path=tmp_path / "a.png"))
    assert [len(frame.faces) for frame in sight.frames] == [1]


def test_an_animation_shows_everybody_who_flashes_up(tmp_path: Path) -> None:
    shots = [Image.open(PICTURES / f"{who}_4.jpg").convert("RGB").resize((270, 330)) for who in ("P01", "P03")]
    shots[0].save(tmp_path / "a.webp", save_all=True, append_images=[shots[1], shots[0]], duration=400, quality=90)
    sight = eyes().look(Picture(part="a.webp", path=tmp_path / "a.webp"))
    assert [frame.part for frame in sight.frames][:2] == ["a.webp@0", "a.webp@0.4"]
    assert all(len(frame.faces) == 1 for frame in sight.frames)


def test_centerface_answers_the_same_whatever_it_saw_before() -> None:
    """OpenCV's dnn answers wrongly once a net has been given another size (0003)."""
    picture = pixels_of("G3_hall.jpg")
    fresh, used = CenterFace(Models.find()), CenterFace(Models.find())
    used.find(pixels_of("P01_4.jpg"))
    used.find(picture[:200, :200])

    def seen(detector: CenterFace) -> list[tuple[float, ...]]:
        return sorted((g.score, g.x, g.y, g.width, g.height) for g in detector.find(picture))

    expected = seen(fresh)
    assert len([row for row in expected if row[0] > 0.6]) == len(truth("G3_hall.jpg"))
    assert np.allclose(seen(used), expected)


def test_yunet_answers_the_same_whatever_it_saw_before() -> None:
    fresh, used = YuNet(Models.find()), YuNet(Models.find())
    used.find(pixels_of("P01_4.jpg"))
    picture = pixels_of("G3_hall.jpg")
    assert [g.score for g in used.find(picture)] == [g.score for g in fresh.find(picture)]


def test_one_thread_sees_what_many_see() -> None:
    large = np.asarray(Image.fromarray(pixels_of("G1_class.jpg")).resize((2000, 1250)))
    alone = Eyes(Models.find(), threads=1).faces(large)
    together = Eyes(Models.find(), threads=4).faces(large)
    assert len(alone) == len(truth("G1_class.jpg"))
    assert [(f.region, f.detections, f.flaws) for f in alone] == [(f.region, f.detections, f.flaws) for f in together]
    for one, other in zip(alone, together, strict=True):
        assert all(np.allclose(one.templates[name], other.templates[name], atol=1e-5) for name in ("dlib", "sface"))


def test_our_dlib_template_is_the_one_of_face_recognition() -> None:
    """In a process of its own: importing face_recognition makes Pillow accept truncated files."""
    script = (
        "import sys, json, numpy as np, face_recognition\n"
        "pixels = face_recognition.load_image_file(sys.argv[1])\n"
        "boxes = face_recognition.face_locations(pixels)\n"
        "made = face_recognition.face_encodings(pixels, boxes[:1], model='small')[0]\n"
        "print(json.dumps([list(boxes[0]), made.tolist()]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(PICTURES / "P01_4.jpg")],
        capture_output=True,
        text=True,
        check=True,
    )
    box, encoding = json.loads(done.stdout)
    ours = DlibEncoder(Models.find()).template_of_box(pixels_of("P01_4.jpg"), tuple(box))
    theirs = np.asarray(encoding) / np.linalg.norm(encoding)
    assert np.allclose(ours, theirs, atol=1e-5)


def test_a_template_survives_a_mirror() -> None:
    picture = pixels_of("P06_4.jpg")
    mirror = np.ascontiguousarray(picture[:, ::-1])
    for look in (eyes().faces, eyes().references):
        (face,), (mirrored,) = look(picture), look(mirror)
        assert set(face.templates) == {"dlib", "sface"}
        for encoder, template in face.templates.items():
            assert float(template @ mirrored.templates[encoder]) > 0.9, encoder


def test_a_probe_is_one_view_for_dlib_and_two_for_sface() -> None:
    """The mean of few views has not the same direction as that of more, and is near to it."""
    picture = pixels_of("P06_4.jpg")
    (probe,), (reference,) = eyes().faces(picture), eyes().references(picture)
    for encoder, template in probe.templates.items():
        assert 0.9 < float(template @ reference.templates[encoder]) < 0.9999, encoder
        assert np.linalg.norm(template) == pytest.approx(1.0, abs=1e-5)


def test_templates_of_one_pupil_are_nearer_than_of_two() -> None:
    """The demo pupils that are well apart; a coarse test that nothing is swapped or scrambled."""
    names = ("P01", "P04", "P11")
    here = {who: faces_of(f"{who}_4.jpg")[0].templates for who in names}
    faces = PICTURES.parents[1] / "faces"
    for who in names:
        (enrolled,) = eyes().references(np.asarray(Image.open(faces / who / "portrait-1.jpg").convert("RGB")))
        for encoder, template in enrolled.templates.items():
            scores = {other: float(template @ here[other][encoder]) for other in names}
            assert max(scores, key=lambda other: scores[other]) == who, (encoder, scores)


def test_without_sface_the_eyes_still_see_and_say_so() -> None:
    models = Models.find()
    reduced = Models(files={key: path for key, path in models.files.items() if key != SFACE.key})
    blind = Eyes(reduced)
    assert not any("SFace" in words for words in blind.means)
    (face,) = blind.faces(pixels_of("P01_4.jpg"))
    assert set(face.templates) == {"dlib"}
