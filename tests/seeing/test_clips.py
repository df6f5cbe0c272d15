"""Clips: whoever is on screen for half a second is seen, once, with the time; a clip cut short is unchecked."""

import math
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from postguard.domain.drafts import Picture, Unchecked
from postguard.domain.evidence import Passage, Region
from postguard.seeing import limits
from postguard.seeing.clips import open_clip
from postguard.seeing.decoding import Undecodable
from postguard.seeing.detectors import Glimpse, Points
from postguard.seeing.eyes import Eyes
from postguard.seeing.geometry import Sighting
from postguard.seeing.models import Models
from postguard.seeing.quality import WEAK
from postguard.seeing.tracks import Tracks
from postguard.seeing.types import Pixels, SeenFace, Template

RATE = 25.0


def write(path: Path, frames: list[Pixels], fourcc: str = "mp4v") -> None:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), RATE, (width, height))
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()


def field(colour: tuple[int, int, int], spot: tuple[int, int] | None = None) -> Pixels:
    pixels = np.full((180, 320, 3), colour, np.uint8)
    if spot is not None:
        pixels[spot[1] : spot[1] + 20, spot[0] : spot[0] + 16] = (250, 20, 20)
    return pixels


GREEN = (40, 120, 60)


@pytest.mark.parametrize(
    ("name", "fourcc"), [("a.mp4", "mp4v"), ("a.mov", "mp4v"), ("a.avi", "MJPG"), ("a.webm", "VP80")]
)
def test_the_kinds_of_clip_a_school_has_can_be_opened(name: str, fourcc: str, tmp_path: Path) -> None:
    write(tmp_path / name, [field(GREEN)] * 30, fourcc)
    clip = open_clip(tmp_path / name)
    assert (clip.width, clip.height, clip.frame_count) == (320, 180, 30)
    assert len(list(clip.samples())) >= 1


@pytest.mark.parametrize("start", [0, 3, 11, 37])
def test_a_small_thing_on_screen_for_half_a_second_is_in_a_sample(start: int, tmp_path: Path) -> None:
    frames = [field(GREEN, (200, 60) if start <= i < start + 12 else None) for i in range(60)]
    write(tmp_path / "a.mp4", frames)
    samples = list(open_clip(tmp_path / "a.mp4").samples())
    assert any(sample.pixels[70, 208, 0] > 180 for sample in samples)
    assert len(samples) < 30


def test_a_sample_tells_until_when_it_holds(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [field(GREEN)] * 15 + [field((230, 230, 40))] * 60)
    first, second = open_clip(tmp_path / "a.mp4").samples()
    assert (first.at, first.until) == (0.0, second.at) and second.at == pytest.approx(0.6)
    assert second.until == pytest.approx(3.0)


class WhatIsYellow:
    """Stands in for the reader: reads a word where the picture is yellow."""

    def read(self, pixels: Pixels, part: str) -> tuple[tuple[Passage, ...], tuple[Unchecked, ...]]:
        return ((Passage(part=part, text="Aoife"),) if pixels[..., 0].mean() > 200 else ()), ()


@pytest.mark.parametrize("shown", [(15, 90), (15, 40), (75, 90), (1, 26), (20, 45)])
def test_words_on_screen_for_a_second_are_read_and_those_of_a_slide(shown: tuple[int, int], tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [field((230, 230, 40) if shown[0] <= i < shown[1] else GREEN) for i in range(90)])
    eyes = Eyes(Models(files={}), finder=RedFinder(), encoders=[Encoder("dlib")], reader=WhatIsYellow())
    sight = eyes.look(Picture(part="a.mp4", path=tmp_path / "a.mp4"))
    assert "Aoife" in [passage.text for passage in sight.passages]


@pytest.mark.parametrize("start", range(1, 40, 3))
def test_words_on_screen_for_a_second_are_read_where_the_clip_moves(start: int, tmp_path: Path) -> None:
    frames = [field((230, 230, 40) if start <= i < start + 25 else GREEN, (2 * i, 60)) for i in range(80)]
    write(tmp_path / "a.mp4", frames)
    eyes = Eyes(Models(files={}), finder=RedFinder(), encoders=[Encoder("dlib")], reader=WhatIsYellow())
    sight = eyes.look(Picture(part="a.mp4", path=tmp_path / "a.mp4"))
    assert "Aoife" in [passage.text for passage in sight.passages]


def test_a_single_frame_of_another_scene_is_in_a_sample(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [field((230, 230, 40) if i == 33 else GREEN) for i in range(60)])
    samples = list(open_clip(tmp_path / "a.mp4").samples())
    assert any(sample.pixels[10, 10, 0] > 180 for sample in samples)


def test_a_clip_cut_short_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    write(tmp_path / "a.avi", [rng.integers(0, 255, (180, 320, 3), dtype=np.uint8) for _ in range(100)], "MJPG")
    data = (tmp_path / "a.avi").read_bytes()
    (tmp_path / "a.avi").write_bytes(data[: len(data) // 2])
    with pytest.raises(Undecodable):
        list(open_clip(tmp_path / "a.avi").samples())


def test_a_clip_whose_end_is_overwritten_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    write(tmp_path / "a.mp4", [rng.integers(0, 255, (180, 320, 3), dtype=np.uint8) for _ in range(60)])
    data = bytearray((tmp_path / "a.mp4").read_bytes())
    # The frames come first in the file and the index last: the index still promises sixty.
    data[len(data) // 2 : len(data) * 9 // 10] = bytes(len(data) * 9 // 10 - len(data) // 2)
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(Undecodable):
        list(open_clip(tmp_path / "a.mp4").samples())


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mov", "libx264"), ("a.webm", "libvpx"), ("a.avi", "mjpeg")]
)
@pytest.mark.parametrize("films", [1, 2])
def test_a_clip_of_two_films_is_refused_since_one_alone_would_be_seen(
    name: str, codec: str, films: int, tmp_path: Path
) -> None:
    with av.open(str(tmp_path / name), "w") as file:
        streams = [file.add_stream(codec, rate=25) for _ in range(films)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for stream in streams:
            for _ in range(10):
                picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
                file.mux(stream.encode(picture))
            file.mux(stream.encode())
    if films == 1:
        assert open_clip(tmp_path / name).frame_count
        return
    with pytest.raises(Undecodable, match="more than one film"):
        open_clip(tmp_path / name)


def test_the_place_that_a_clip_tells_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [field(GREEN)] * 5)
    assert open_clip(tmp_path / "a.mp4").place == ()
    data = (tmp_path / "a.mp4").read_bytes()
    for name, said in ((b"udta", ("3GPP location",)), (b"mdat", ())):
        box = (20).to_bytes(4, "big") + name + (12).to_bytes(4, "big") + b"zzzz" + b"loci"
        (tmp_path / "b.mp4").write_bytes(data + box)
        assert open_clip(tmp_path / "b.mp4").place == said, "in the film itself it is a chance"


@pytest.mark.parametrize("kind", [b"gpmd", b"djmd", b"camm"])
def test_a_track_that_tells_where_an_action_camera_went_is_a_place(kind: bytes, tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [field(GREEN)] * 5)
    data = (tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(data + (16).to_bytes(4, "big") + b"udta" + (8).to_bytes(4, "big") + kind)
    (name,) = open_clip(tmp_path / "a.mp4").place
    assert "track of places" in name


def test_what_is_no_clip_or_another_kind_is_told_apart(tmp_path: Path) -> None:
    for name, reason in (("a.mp4", "not a clip"), ("b.mp4", "empty")):
        (tmp_path / name).write_bytes(b"Dear parents" if name == "a.mp4" else b"")
        with pytest.raises(Undecodable, match=reason):
            open_clip(tmp_path / name)
    write(tmp_path / "c.avi", [field(GREEN)] * 5, "MJPG")
    (tmp_path / "c.avi").rename(tmp_path / "c.mp4")
    with pytest.raises(Undecodable, match="really AVI"):
        open_clip(tmp_path / "c.mp4")


def test_a_clip_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.mp4", [field(GREEN)] * 50)
    monkeypatch.setattr(limits, "CLIP_SECONDS", 1)
    with pytest.raises(Undecodable, match="shorten it"):
        open_clip(tmp_path / "a.mp4")


class RedFinder:
    """Sees a face wherever a red spot is."""

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        red = (pixels[..., 0] > 180) & (pixels[..., 1] < 90)
        rows, columns = np.nonzero(red)
        if len(rows) < 50:
            return ()
        x, y = float(columns.min()), float(rows.min())
        marks = np.array([[4, 6], [12, 6], [8, 10], [5, 15], [11, 15]], np.float32) * 3 + np.float32([x, y])
        best = Glimpse(detector="yunet", score=0.9, x=x, y=y, width=48, height=60, landmarks=marks)
        return (Sighting(best=best, glimpses=(best,)),)

    def rest(self) -> None:
        pass


class Encoder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0

    def template(self, pixels: Pixels, landmarks: Points) -> Template:
        self.calls += 1
        return np.eye(1, 128, dtype=np.float32)[0]

    reference = template


def test_somebody_who_walks_through_is_asked_about_once_with_the_time(tmp_path: Path) -> None:
    frames = [field(GREEN, (20 + 3 * i, 60) if i >= 25 else None) for i in range(75)]
    write(tmp_path / "a.mp4", frames)
    slow, quick = Encoder("dlib"), Encoder("sface")
    eyes = Eyes(Models(files={}), finder=RedFinder(), encoders=[slow, quick])
    sight = eyes.look(Picture(part="a.mp4", path=tmp_path / "a.mp4"))
    assert sight.unchecked == ()
    (frame,) = sight.frames
    assert frame.part.startswith("a.mp4@1")
    (face,) = frame.faces
    assert set(face.templates) == {"dlib", "sface"}
    assert slow.calls < quick.calls
    assert sight.photograph is not None and sight.photograph.frames == 75
    assert sight.not_looked_at


def face(x: int, *, height: int = 60, who: int = 0, flaws: tuple[str, ...] = ()) -> SeenFace:
    region = Region(x=x, y=10, width=50, height=height)
    return SeenFace(region=region, detections=(), flaws=flaws, templates={"sface": np.eye(8, dtype=np.float32)[who]})


def look(tracks: Tracks, at: float, faces: list[SeenFace], *, lasts: float = 0.2) -> None:
    tracks.add(at, faces, lambda face: face, until=at + lasts)


def test_two_people_who_change_places_stay_two() -> None:
    tracks = Tracks()
    look(tracks, 0.0, [face(10, who=0)])
    look(tracks, 0.2, [face(12, who=1)])
    assert sum(len(frame.faces) for frame in tracks.frames("a.mp4")) == 2


def test_somebody_alike_who_takes_a_place_between_two_looks_is_somebody_else() -> None:
    """Two demo pupils have a cosine of 0.55: after a cut, one stood unseen behind the other's best sight."""
    alike = replace(face(12), templates={"sface": np.array([0.6, 0.8, 0, 0, 0, 0, 0, 0], np.float32)})
    tracks = Tracks()
    for at, seen in ((0.0, face(10)), (0.2, alike), (0.4, alike), (0.6, face(10))):
        look(tracks, at, [seen])
    faces = [face for frame in tracks.frames("a.mp4") for face in frame.faces]
    assert any(face.templates is alike.templates for face in faces)


@pytest.mark.parametrize(("likeness", "people"), [(0.75, 2), (0.85, 1)])
def test_from_one_look_to_the_next_a_face_changes_little(likeness: float, people: int) -> None:
    """Two demo pupils, one after the other in one place, reach 0.7: the second was never held against the gallery."""
    other = np.array([likeness, np.sqrt(1 - likeness**2), 0, 0, 0, 0, 0, 0], np.float32)
    tracks = Tracks()
    look(tracks, 0.0, [face(10)])
    look(tracks, 0.2, [replace(face(12), templates={"sface": other})])
    assert sum(len(frame.faces) for frame in tracks.frames("a.mp4")) == people


def test_the_best_sight_of_somebody_stands_for_them() -> None:
    tracks = Tracks()
    look(tracks, 0.0, [face(10, flaws=("turned away",))])
    look(tracks, 0.2, [face(12)])
    look(tracks, 0.4, [face(14, flaws=("blurred",))])
    (frame,) = tracks.frames("a.mp4")
    assert frame.part == "a.mp4@0.2" and frame.faces[0].flaws == ()


def test_a_doubt_seen_once_is_left_out_and_one_seen_twice_is_not() -> None:
    tracks = Tracks()
    look(tracks, 0.0, [face(10, flaws=(WEAK,))])
    assert tracks.frames("a.mp4") == ()
    look(tracks, 0.2, [face(12, flaws=(WEAK,))])
    assert len(tracks.frames("a.mp4")) == 1


def test_a_doubt_on_a_picture_that_stands_is_told_of() -> None:
    """A slide is looked at once, however long it stands."""
    tracks = Tracks()
    look(tracks, 0.0, [face(10, flaws=(WEAK,))], lasts=3.0)
    assert len(tracks.frames("a.mp4")) == 1


def test_somebody_who_comes_back_later_is_another_sight() -> None:
    tracks = Tracks()
    look(tracks, 0.0, [face(10)])
    look(tracks, 5.0, [face(10)])
    assert len(tracks.frames("a.mp4")) == 2


def test_a_face_tells_where_it_was_and_until_when_that_holds() -> None:
    tracks = Tracks()
    for at, x in ((0.0, None), (0.2, 10), (0.4, 14), (0.6, None), (1.4, None)):
        look(tracks, at, [] if x is None else [face(x)])
    ((only,),) = (frame.faces for frame in tracks.frames("a.mp4"))
    assert [(g.since, g.at, g.until, g.region.x) for g in only.path] == [(0.0, 0.2, 0.4, 10), (0.2, 0.4, 0.6, 14)]


def test_a_face_at_the_last_look_is_there_to_the_end() -> None:
    tracks = Tracks()
    look(tracks, 0.0, [face(10)])
    ((only,),) = (frame.faces for frame in tracks.frames("a.mp4"))
    assert [(g.since, g.until) for g in only.path] == [(0.0, math.inf)]


def likened(x: int, likeness: float, *, encoder: str = "sface", height: int = 60) -> SeenFace:
    """A face at `x` of which the template has this cosine to that of `likened(…, 1.0)`."""
    template = np.array([likeness, np.sqrt(1 - likeness**2), 0, 0, 0, 0, 0, 0], np.float32)
    return replace(face(x, height=height), templates={encoder: template})


def people(*looks: list[SeenFace]) -> list[list[int]]:
    """Where each person was seen, look after look."""
    tracks = Tracks()
    for number, faces in enumerate(looks):
        look(tracks, number / 5, faces)
    found = [face for frame in tracks.frames("a.mp4") for face in frame.faces]
    return sorted([glance.region.x for glance in face.path] for face in found)


def test_somebody_who_runs_is_asked_about_once() -> None:
    assert people(*([likened(x, 1.0)] for x in (10, 90, 170, 250))) == [[10, 90, 170, 250]]


@pytest.mark.parametrize(
    ("x", "likeness"),
    [(90, 0.75), (90, 0.66), (300, 1.0)],
)
def test_whoever_is_elsewhere_and_not_surely_the_same_is_somebody_else(x: int, likeness: float) -> None:
    """In one place a turned head may be this unlike its best sight; elsewhere it may be another child."""
    assert people([likened(10, 1.0)], [likened(x, likeness)]) == [[10], [x]]


def test_a_runner_does_not_turn_into_somebody_else_little_by_little() -> None:
    looks = [[likened(10 + 80 * n, float(np.cos(np.radians(30 * n))))] for n in range(3)]
    assert people(*looks) == [[10, 90], [170]]


def test_somebody_who_could_not_be_encoded_is_not_followed_elsewhere() -> None:
    bare = [replace(face(x), templates={}) for x in (10, 90)]
    assert people(*([f] for f in bare)) == [[10], [90]]


def test_somebody_alike_who_comes_near_does_not_take_the_place_of_who_stays() -> None:
    twin = likened(80, 0.97, height=90)
    assert people([likened(10, 1.0)], [twin, likened(12, 1.0)], [likened(14, 1.0)]) == [[10, 12, 14], [80]]


@pytest.mark.parametrize(("likeness", "number"), [(0.96, 2), (0.97, 2), (0.99, 1)])
def test_dlibs_templates_of_two_children_are_held_apart(likeness: float, number: int) -> None:
    """Without SFace: dlib's of two demo pupils reach 0.96, so that in 16 clips of 36 one went unseen behind another."""
    looks = [[likened(10, 1.0, encoder="dlib")], [likened(12, likeness, encoder="dlib")]]
    assert len(people(*looks)) == number
