"""The copy that may be posted: nothing in it that must not be, the original as it was, whole or not there at all.

The engines are stand-ins that see coloured squares: red is a refused pupil, green a pupil who may be shown. Files,
covers, metadata and the check itself are the real ones.
"""

import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from postguard.cli.ending import run
from postguard.cli.prepare import command
from postguard.domain.cropping import largest_crop
from postguard.domain.drafts import Picture, Unchecked
from postguard.domain.errors import OutputError
from postguard.domain.evidence import Candidate, Detection, Line, Passage, Photograph, Region
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import ChannelLimits, Policy
from postguard.loading import load_draft
from postguard.matching.names import NameFinder
from postguard.matching.topics import TopicFinder
from postguard.pipeline import Faces, Guard
from postguard.prepare import ByHand, Wish, prepare, refuse_taken
from postguard.seeing.decoding import Undecodable, open_picture
from postguard.seeing.metadata import read_metadata
from postguard.seeing.types import SeenFace, SeenFrame, Sight

PEOPLE = (
    Person(id="P01", name="Aoife MacDonald", group="P4", consent=(Consent(channel="twitter", granted=True),)),
    Person(id="P02", name="Jamie Reid", group="P4"),
)
ROSTER = Roster(school="Example Primary School", people=PEOPLE)
RED, GREEN, BLUE, WORDS = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)


def squares(pixels: np.ndarray, colour: tuple[int, int, int]) -> Iterable[Region]:
    """Squares of 40 px on a grid of 80 whose middle has the colour."""
    for y in range(20, pixels.shape[0] - 39, 80):
        for x in range(20, pixels.shape[1] - 39, 80):
            if (abs(pixels[y + 20, x + 20].astype(int) - colour) < 70).all():
                yield Region(x=x, y=y, width=40, height=40)


class StandInEyes:
    def look(self, picture: Picture) -> Sight:
        try:
            opened = open_picture(picture.path)
        except Undecodable as trouble:
            return Sight(photograph=None, unchecked=(Unchecked(part=picture.part, reason=str(trouble)),))
        metadata = read_metadata(opened.image, opened.data, picture.part)
        frames, passages = [], [*metadata.passages]
        for frame in opened.frames():
            pixels = frame.views[0]
            part = picture.part if frame.at is None else f"{picture.part}@{frame.at:g}"
            faces = [
                SeenFace(
                    region=region,
                    detections=(Detection(detector="stand-in", score=1.0),),
                    templates={"stand-in": np.array([index], np.float32)},
                )
                for index, colour in enumerate((RED, GREEN))
                for region in squares(pixels, colour)
            ]
            frames.append(SeenFrame(part=part, faces=tuple(sorted(faces, key=lambda f: f.region))))
            for region in squares(pixels, WORDS):
                line = Line(start=0, end=10, region=region)
                passages.append(Passage(part=f"{picture.part}:picture", text="Jamie Reid", lines=(line,)))
        photograph = Photograph(
            part=picture.part,
            sha256=opened.sha256,
            width=opened.width,
            height=opened.height,
            size=len(opened.data),
            format=opened.format,
            frames=opened.frame_count,
            camera=metadata.camera,
            place=metadata.place,
        )
        return Sight(
            photograph=photograph, frames=tuple(frames), passages=tuple(passages), unchecked=metadata.unchecked
        )


class StandInGallery:
    def search(self, templates: Any, floor: float) -> tuple[Candidate, ...]:
        return (Candidate(person="P01" if templates["stand-in"][0] else "P02", score=0.95),)


def guard(**policy: Any) -> Guard:
    chosen = Policy(limits=(ChannelLimits(channel="twitter", pictures=4, picture_bytes=5_000_000),), **policy)
    return Guard(
        roster=ROSTER,
        policy=chosen,
        on=date(2026, 11, 23),
        faces=lambda: Faces(
            eyes=StandInEyes(), gallery=StandInGallery(), stale=frozenset(), without_template=frozenset()
        ),
        names=NameFinder(ROSTER, chosen),
        topics=TopicFinder(chosen),
    )


def scene(*places: tuple[int, int, tuple[int, int, int]], size: tuple[int, int] = (400, 320)) -> Image.Image:
    image = Image.new("RGB", size, (150, 150, 150))
    for column, row, colour in places:
        image.paste(colour, (20 + 80 * column, 20 + 80 * row, 60 + 80 * column, 60 + 80 * row))
    return image


def write_draft(folder: Path, image: Image.Image, text: str = "A good day.", people: int = 2, **options: Any) -> Path:
    folder.mkdir(parents=True)
    image.save(folder / "IMG_1.jpg", quality=95, **options)
    alt = "alt: {IMG_1.jpg: Children in the hall.}"
    (folder / "post.md").write_text(f"---\nchannel: twitter\npeople: {people}\n{alt}\n---\n{text}", encoding="utf-8")
    return folder


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    exif = Image.Exif()
    exif[0x013B] = "Aoife MacDonald"
    return write_draft(tmp_path / "school" / "monday", scene((0, 1, RED), (3, 1, GREEN)), exif=exif)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def make(draft: Path, out: Path, wish: Wish | None = None, **policy: Any) -> Any:
    return prepare(load_draft(draft), out, guard(**policy), wish or Wish())


def colour_at(path: Path, column: int, row: int) -> tuple[int, ...]:
    with Image.open(path) as image:
        return tuple(image.convert("RGB").getpixel((40 + 80 * column, 40 + 80 * row)))


def test_covers_the_refused_keeps_the_cleared_and_passes(draft: Path, tmp_path: Path) -> None:
    original = files(draft)
    prepared = make(draft, tmp_path / "ready")
    assert prepared.ready and prepared.before.verdict.value == "fail" and prepared.after.verdict.value == "pass"
    picture = tmp_path / "ready" / "picture-1.jpg"
    assert max(colour_at(picture, 0, 1)) < 130
    assert colour_at(picture, 3, 1)[1] > 200
    assert files(draft) == original
    assert sorted(files(tmp_path / "ready")) == ["picture-1.jpg", "post.md"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ready", "school"]


def test_the_head_count_and_the_names_of_files_follow(draft: Path, tmp_path: Path) -> None:
    make(draft, tmp_path / "ready")
    ready = load_draft(tmp_path / "ready")
    assert [count.people for count in ready.head_counts] == [1]
    assert [(alt.part, alt.text) for alt in ready.alt] == [("picture-1.jpg", "Children in the hall.")]
    assert (ready.channel, ready.text, ready.problems) == ("twitter", "A good day.", ())


def test_a_second_prepare_changes_nothing(draft: Path, tmp_path: Path) -> None:
    make(draft, tmp_path / "ready")
    first = files(tmp_path / "ready")
    again = make(draft, tmp_path / "ready")
    assert again.unchanged and files(tmp_path / "ready") == first
    of_the_copy = make(tmp_path / "ready", tmp_path / "ready-2")
    assert files(tmp_path / "ready-2") == first
    assert of_the_copy.pictures[0].untouched


def test_covers_everybody_when_asked(draft: Path, tmp_path: Path) -> None:
    prepared = make(draft, tmp_path / "ready", Wish(everybody=True))
    assert prepared.ready and prepared.pictures[0].faces == 2
    assert max(colour_at(tmp_path / "ready" / "picture-1.jpg", 3, 1)) < 130


def test_covers_words_that_name_a_pupil(tmp_path: Path) -> None:
    folder = write_draft(tmp_path / "d", scene((0, 1, WORDS), (3, 1, GREEN)), people=1)
    prepared = make(folder, tmp_path / "ready")
    assert prepared.ready and prepared.pictures[0].words == 1
    assert max(colour_at(tmp_path / "ready" / "picture-1.jpg", 0, 1)) < 130


def test_covers_by_hand_and_counts_a_person_only_when_told(tmp_path: Path) -> None:
    folder = write_draft(tmp_path / "d", scene((3, 1, GREEN), (0, 1, BLUE)), people=2)
    region = Region(x=10, y=90, width=70, height=70)
    assert not make(folder, tmp_path / "a").ready
    assert not make(folder, tmp_path / "b", Wish(by_hand=(ByHand(part="IMG_1.jpg", region=region),))).ready
    person = Wish(by_hand=(ByHand(part="IMG_1.jpg", region=region, person=True),))
    assert make(folder, tmp_path / "c", person).ready
    assert max(colour_at(tmp_path / "c" / "picture-1.jpg", 0, 1)) < 130


def test_crops_where_that_keeps_the_cleared(draft: Path, tmp_path: Path) -> None:
    prepared = make(draft, tmp_path / "ready", Wish(crop=True))
    assert prepared.ready and prepared.pictures[0].crop is not None
    with Image.open(tmp_path / "ready" / "picture-1.jpg") as image:
        assert 200 < image.width < 400


def test_covers_instead_where_no_crop_keeps_the_cleared(tmp_path: Path) -> None:
    folder = write_draft(
        tmp_path / "d", scene((2, 1, GREEN), (1, 1, RED), (3, 1, RED), (2, 0, RED), (2, 2, RED)), people=5
    )
    prepared = make(folder, tmp_path / "ready", Wish(crop=True))
    assert prepared.ready and prepared.pictures[0].crop is None


def test_words_are_suggested_and_only_taken_when_accepted(tmp_path: Path) -> None:
    folder = write_draft(tmp_path / "d", scene((3, 1, GREEN)), text="Well done Jamie Reid!", people=1)
    waiting = make(folder, tmp_path / "ready")
    assert not waiting.ready and not (tmp_path / "ready").exists()
    assert [(s.before, s.after) for s in waiting.suggestions] == [("Well done Jamie Reid!", "Well done a pupil!")]
    assert make(folder, tmp_path / "ready", Wish(accept_text=True)).ready
    assert load_draft(tmp_path / "ready").text == "Well done a pupil!"
    assert "Jamie" in (folder / "post.md").read_text(encoding="utf-8")


def test_every_frame_of_an_animation_is_covered(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    frames = [scene((3, 1, GREEN), (0, 1, RED)), scene((3, 1, GREEN), (0, 2, RED)), scene((3, 1, GREEN))]
    frames[0].save(folder / "wave.gif", save_all=True, append_images=frames[1:], duration=100)
    (folder / "post.md").write_text("---\npeople: 2\n---\nWaving.", encoding="utf-8")
    assert make(folder, tmp_path / "ready").ready
    with Image.open(tmp_path / "ready" / "picture-1.gif") as image:
        for number in range(image.n_frames):
            image.seek(number)
            rgb = image.convert("RGB")
            assert all(max(rgb.getpixel((40, y))) < 130 for y in (120, 200))


def test_an_unlisted_camera_is_not_prepared_away(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Somebody's own telephone"
    folder = write_draft(tmp_path / "d", scene((3, 1, GREEN)), people=1, exif=exif)
    prepared = make(folder, tmp_path / "ready", cameras=("School camera",))
    assert not prepared.ready and prepared.left and not (tmp_path / "ready").exists()


@pytest.mark.parametrize("name", ["notes.docx", "clip.mp4", "IMG_2.jpg", "second.txt"])
def test_what_cannot_be_read_is_never_left_out_in_silence(name: str, draft: Path, tmp_path: Path) -> None:
    (draft / name).write_bytes(b"not a picture and not a clip")
    prepared = make(draft, tmp_path / "ready")
    assert not prepared.ready and prepared.left and not (tmp_path / "ready").exists()


def test_a_face_that_is_left_means_no_copy(draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postguard.prepare.covered", lambda pixels, covers, style: pixels)
    prepared = make(draft, tmp_path / "ready")
    assert not prepared.ready and prepared.left
    assert [path.name for path in tmp_path.iterdir()] == ["school"]


def test_never_over_something_else_and_never_inside_the_draft(draft: Path, tmp_path: Path) -> None:
    out = tmp_path / "ready"
    out.mkdir()
    (out / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(OutputError):
        make(draft, out)
    assert files(out) == {"mine.txt": b"keep me"}
    for place in (draft, draft / "ready"):
        with pytest.raises(OutputError):
            refuse_taken(place, draft)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_killed_anywhere_it_leaves_nothing_or_the_whole(draft: Path, tmp_path: Path) -> None:
    """Dies at the 1st, 2nd, 3rd… call into the file system until a run gets through."""
    original = files(draft)
    make(draft, tmp_path / "whole")
    whole = files(tmp_path / "whole")
    ends = set()
    for last in range(1, 40):
        out = tmp_path / f"ready-{last}"
        child = os.fork()
        if child == 0:
            _dies_at_call(last)
            make(draft, out)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert not out.exists() or files(out) == whole
        assert files(draft) == original
        ends.add(out.exists())
        if code == 0:
            break
    assert code == 0 and ends == {True, False}


def test_what_a_killed_run_left_is_swept_away(draft: Path, tmp_path: Path) -> None:
    left = tmp_path / ".ready-abc.part"
    left.mkdir()
    (left / "picture-1.jpg").write_bytes(b"half")
    assert make(draft, tmp_path / "ready").ready
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ready", "school"]


def _dies_at_call(last: int) -> None:
    calls = SimpleNamespace(left=last)

    def counted(event: str, args: tuple[Any, ...]) -> None:
        if event in ("os.mkdir", "os.rename", "os.rmdir", "os.remove", "shutil.rmtree", "tempfile.mkdtemp") or (
            event == "open" and isinstance(args[1], str) and "w" in args[1]
        ):
            calls.left -= 1
            if calls.left == 0:
                os._exit(137)

    sys.addaudithook(counted)


def boxes(limit: int) -> st.SearchStrategy[Region]:
    return st.builds(
        lambda x, y, w, h: Region(x=x, y=y, width=w, height=h),
        st.integers(-3, limit),
        st.integers(-3, limit),
        st.integers(1, 5),
        st.integers(1, 5),
    )


def touches(a: Region, b: Region) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@given(
    lose=st.lists(boxes(9), max_size=4),
    keep=st.lists(
        st.builds(lambda x, y: Region(x=x, y=y, width=2, height=1), st.integers(0, 7), st.integers(0, 6)), max_size=2
    ),
)
def test_the_crop_is_the_largest_there_is(lose: list[Region], keep: list[Region]) -> None:
    width, height = 9, 7
    everywhere = [
        Region(x=x, y=y, width=w, height=h)
        for x in range(width)
        for y in range(height)
        for w in range(1, width - x + 1)
        for h in range(1, height - y + 1)
    ]
    fits = [
        box
        for box in everywhere
        if not any(touches(box, r) for r in lose)
        and all(
            box.x <= k.x
            and k.x + k.width <= box.x + box.width
            and box.y <= k.y
            and k.y + k.height <= box.y + box.height
            for k in keep
        )
    ]
    found = largest_crop(width, height, lose, keep)
    assert (found is None) == (not fits)
    if found is not None:
        assert found in fits
        assert found.width * found.height == max(box.width * box.height for box in fits)


@pytest.mark.parametrize(
    "cover", ["IMG_1.jpg", "IMG_1.jpg:1,2,3", "IMG_1.jpg:a,b,c,d", "IMG_1.jpg:1,2,0,4", "no.jpg:1,2,3,4"]
)
def test_a_mistyped_cover_is_met_with_help(
    cover: str, draft: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, [str(draft), "-o", str(tmp_path / "ready"), "--cover", cover]) == 2
    assert "picture" in capsys.readouterr().err
