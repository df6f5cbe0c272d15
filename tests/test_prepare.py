"""The copy that may be posted: nothing in it that must not be, the original as it was, whole or not there at all.

The engines are stand-ins that see coloured squares: red is a refused pupil, green a pupil who may be shown. Files,
covers, metadata and the check itself are the real ones.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from postguard.cli.ending import run
from postguard.cli.prepare import _answers, command
from postguard.domain.answers import Confirmation, Confirmations, Place
from postguard.domain.cropping import largest_crop
from postguard.domain.drafts import AltText, Draft, HeadCount, Picture, Present, Unchecked, Visitor
from postguard.domain.errors import OutputError
from postguard.domain.evidence import Candidate, Detection, Line, Outcome, Passage, Photograph, Region
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import ChannelLimits, Policy
from postguard.loading import load_draft
from postguard.matching.names import NameFinder
from postguard.matching.topics import TopicFinder
from postguard.pipeline import Faces, Guard
from postguard.prepare import ByHand, Done, Wish, _post, prepare, refuse_taken
from postguard.records.confirmations import load_confirmations, save_confirmations
from postguard.seeing.clips import open_clip
from postguard.seeing.decoding import Undecodable, open_picture
from postguard.seeing.metadata import read_metadata
from postguard.seeing.tracks import Tracks
from postguard.seeing.types import SeenFace, SeenFrame, Sight

PEOPLE = (
    Person(id="P01", name="Aoife MacDonald", group="P4", consent=(Consent(channel="twitter", granted=True),)),
    Person(id="P02", name="Jamie Reid", group="P4"),
)
ROSTER = Roster(school="Example Primary School", people=PEOPLE)
RED, GREEN, BLUE, WORDS = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)
YELLOW = (255, 255, 0)
"""The pupil who may be shown, seen so badly that somebody must say who it is."""


def squares(pixels: np.ndarray, colour: tuple[int, int, int]) -> Iterable[Region]:
    """Squares of 40 px on a grid of 80 whose middle has the colour."""
    for y in range(20, pixels.shape[0] - 39, 80):
        for x in range(20, pixels.shape[1] - 39, 80):
            if (abs(pixels[y + 20, x + 20].astype(int) - colour) < 70).all():
                yield Region(x=x, y=y, width=40, height=40)


class StandInEyes:
    def look(self, picture: Picture) -> Sight:
        if picture.path.suffix == ".mp4":
            return self._look_at_clip(picture)
        try:
            opened = open_picture(picture.path)
        except Undecodable as trouble:
            return Sight(photograph=None, unchecked=(Unchecked(part=picture.part, reason=str(trouble)),))
        metadata = read_metadata(opened.image, opened.data, picture.part)
        frames, passages = [], [*metadata.passages]
        for frame in opened.frames():
            pixels = frame.views[0]
            part = picture.part if frame.at is None else f"{picture.part}@{frame.at:g}"
            frames.append(SeenFrame(part=part, faces=self._faces(pixels)))
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

    def _faces(self, pixels: np.ndarray) -> tuple[SeenFace, ...]:
        faces = [
            SeenFace(
                region=region,
                detections=(Detection(detector="stand-in", score=1.0),),
                templates={"stand-in": np.eye(3, dtype=np.float32)[index]},
            )
            for index, colour in enumerate((RED, GREEN, YELLOW))
            for region in squares(pixels, colour)
        ]
        return tuple(sorted(faces, key=lambda f: f.region))

    def _look_at_clip(self, picture: Picture) -> Sight:
        try:
            clip = open_clip(picture.path)
        except Undecodable as trouble:
            return Sight(photograph=None, unchecked=(Unchecked(part=picture.part, reason=str(trouble)),))
        tracks = Tracks()
        for sample in clip.samples():
            tracks.add(sample.at, self._faces(sample.pixels), lambda face: face, until=sample.until)
        photograph = Photograph(
            part=picture.part,
            sha256=clip.sha256,
            width=clip.width,
            height=clip.height,
            size=clip.size,
            format=clip.format,
            frames=clip.frame_count,
        )
        return Sight(photograph=photograph, frames=tracks.frames(picture.part))


class StandInGallery:
    def search(self, templates: Any, floor: float) -> tuple[Candidate, ...]:
        red, _, yellow = templates["stand-in"]
        return (Candidate(person="P02" if red else "P01", score=0.42 if yellow else 0.95),)

    def alike(self, person: str) -> frozenset[str]:
        return frozenset()


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


WORDS_OF_ANY_KIND = st.text(st.sampled_from("ab é–'\"#:-{}[]&*!|>%@`,?\n"), min_size=1, max_size=30).filter(str.strip)


@given(text=WORDS_OF_ANY_KIND | st.none(), alt=WORDS_OF_ANY_KIND, visitor=WORDS_OF_ANY_KIND.map(str.strip))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_words_come_through_as_they_were(text: str | None, alt: str, visitor: str, tmp_path: Path) -> None:
    old = Draft(
        name="d",
        path=tmp_path,
        text=text,
        pictures=(Picture(part="a b.jpg", path=tmp_path),),
        alt=(AltText(part="a b.jpg", text=alt),),
        present=Present(groups=("P4", "No"), people=("001",), others=(Visitor(name=visitor, permission="yes"),)),
        head_counts=(HeadCount(part="a b.jpg", people=3),),
    )
    (tmp_path / "picture-1.jpg").write_bytes(b"")
    (tmp_path / "post.md").write_text(
        _post(old, [Done(part="a b.jpg", name="picture-1.jpg", people=1)], {}), encoding="utf-8", newline=""
    )
    new = load_draft(tmp_path)
    assert (new.text, new.problems) == (text, ())
    assert [a.text for a in new.alt] == [alt] and new.present == old.present
    assert [(c.part, c.people) for c in new.head_counts] == [("picture-1.jpg", 2)]


@pytest.mark.parametrize(
    ("post", "copy"),
    [("A good day.\n", "A good day.\n"), ("---\n---\n---\nA good day.\n", "---\n{}\n---\n---\nA good day.\n")],
)
def test_no_front_matter_is_put_where_none_is_needed(post: str, copy: str, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "post.txt").write_text(post, encoding="utf-8")
    assert make(tmp_path / "d", tmp_path / "ready").ready
    assert files(tmp_path / "ready") == {"post.md": copy.encode()}
    assert load_draft(tmp_path / "ready").text == load_draft(tmp_path / "d").text


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


def test_a_hand_over_somebody_seen_does_not_count_them_twice(draft: Path, tmp_path: Path) -> None:
    over_red = ByHand(part="IMG_1.jpg", region=Region(x=10, y=90, width=70, height=70), person=True)
    prepared = make(draft, tmp_path / "ready", Wish(by_hand=(over_red,)))
    assert prepared.ready and prepared.pictures[0].people == 1
    assert [count.people for count in load_draft(tmp_path / "ready").head_counts] == [1]


def test_a_clip_is_covered_and_checked_again(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    with av.open(str(folder / "hall.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 400, 320, "yuv420p"
        for number in range(50):
            there = [(3, 1, GREEN), *([(0, 1, RED)] if number < 30 else [(1, 2, RED)])]
            file.mux(stream.encode(av.VideoFrame.from_image(scene(*there))))
        file.mux(stream.encode())
    (folder / "post.md").write_text("---\npeople: {hall.mp4: 2}\n---\nIn the hall.", encoding="utf-8")
    prepared = make(folder, tmp_path / "ready")
    assert prepared.ready and prepared.pictures[0].gone
    assert [(c.part, c.people) for c in load_draft(tmp_path / "ready").head_counts] == [("picture-1.mp4", 1)]
    for _, frame in open_clip(tmp_path / "ready" / "picture-1.mp4").frames():
        rgb = frame.astype(int)
        assert not ((rgb[..., 0] - rgb[..., 1]) > 90).any()
        assert rgb[120, 280, 1] > 200
    assert abs(rgb[120, 40] - 150).max() < 12  # nobody is there any more: nothing is covered there
    again = make(tmp_path / "ready", tmp_path / "ready-2")
    assert again.ready and files(tmp_path / "ready-2") == files(tmp_path / "ready")


def test_a_further_page_covers_nothing_on_the_first_and_is_said_to_be_gone(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    second = scene((3, 1, RED))
    scene((3, 1, GREEN)).save(folder / "scan.tiff", save_all=True, append_images=[second])
    (folder / "post.md").write_text("---\npeople: 1\n---\nA scan.", encoding="utf-8")
    prepared = make(folder, tmp_path / "ready")
    assert prepared.ready and prepared.pictures[0].faces == 0 and prepared.pictures[0].gone
    assert colour_at(tmp_path / "ready" / "picture-1.jpg", 3, 1)[1] > 200


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


def test_refuses_a_folder_with_other_things_before_it_looks_at_anything(draft: Path, tmp_path: Path) -> None:
    out = tmp_path / "ready"
    make(draft, out)
    refuse_taken(out, draft)
    (out / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(OutputError, match="something else"):
        refuse_taken(out, draft)


def test_a_full_disk_is_said_plainly(draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        make(draft, tmp_path / "ready")
    assert [path.name for path in tmp_path.iterdir()] == ["school"]


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
    left, of_another = tmp_path / ".ready-a_c1.part", tmp_path / ".ready-tuesday-a_c1.part"
    for room in (left, of_another):
        room.mkdir()
        (room / "picture-1.jpg").write_bytes(b"half")
    assert make(draft, tmp_path / "ready").ready
    assert sorted(path.name for path in tmp_path.iterdir()) == [of_another.name, "ready", "school"]


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


def command_on(draft: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch, made: Callable[[], Guard] = guard) -> int:
    setup = SimpleNamespace(guard=made, roster=replace(ROSTER, path=draft.parent / "consent_roster.yaml"))
    monkeypatch.setattr("postguard.cli.prepare.open_setup", lambda *args, **options: setup)
    return run(command, [str(draft), *arguments])


def test_console_and_page_show_before_and_after(
    draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    arguments = ["-o", str(tmp_path / "ready"), "--page", str(page)]
    assert command_on(draft, *arguments, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    for words in ("Before: FAIL", "IMG_1.jpg becomes picture-1.jpg", "1 face covered", "PASS  monday, the copy"):
        assert words in said
    shown = page.read_text(encoding="utf-8")
    assert shown.count("<img") == 2 and "monday, before" in shown and "monday, the copy" in shown
    assert not re.search("Jamie|Reid|Aoife|P02", shown)


def answering() -> Guard:
    return replace(guard(), confirmations=lambda draft: load_confirmations(draft.path))


def say_who(draft: Path, column: int, row: int, who: str) -> None:
    place = Place(
        sha256=open_picture(draft / "IMG_1.jpg").sha256,
        region=Region(x=20 + 80 * column, y=20 + 80 * row, width=40, height=40),
    )
    answers = Confirmations(faces=(Confirmation(place=place, claim=who),))
    save_confirmations(draft, answers, now=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("crop", [False, True])
def test_what_the_poster_said_goes_along_and_is_weighed_again(tmp_path: Path, crop: bool) -> None:
    folder = write_draft(tmp_path / "d", scene((0, 1, RED), (5, 1, YELLOW), size=(640, 320)))
    unsaid = prepare(load_draft(folder), tmp_path / "unsaid", answering(), Wish(crop=crop))
    assert unsaid.pictures[0].faces == 2
    say_who(folder, 5, 1, "P01")
    os.utime(folder / "postguard-confirmed.yaml", (1_000_000, 1_000_000))
    prepared = prepare(load_draft(folder), tmp_path / "ready", answering(), Wish(crop=crop))
    assert prepared.ready and prepared.pictures[0].faces == 1 and bool(prepared.pictures[0].crop) == crop
    assert "1970-01-12T13:46:40" in (tmp_path / "ready" / "postguard-confirmed.yaml").read_text(), "as it was answered"
    again = answering().check(load_draft(tmp_path / "ready"))
    assert again.verdict.value == "pass"
    assert [d.outcome.value for d in again.evidence.decisions] == ["confirmed"]
    assert guard().check(load_draft(tmp_path / "ready")).verdict.value == "fail", "it is the answer that clears it"
    assert prepare(load_draft(folder), tmp_path / "ready", answering(), Wish(crop=crop)).unchanged


def test_a_word_that_does_not_hold_clears_nobody_in_the_copy(tmp_path: Path) -> None:
    folder = write_draft(tmp_path / "d", scene((0, 1, RED), (3, 1, GREEN)))
    say_who(folder, 0, 1, "P01")
    prepared = prepare(load_draft(folder), tmp_path / "ready", answering(), Wish())
    assert prepared.ready and max(colour_at(tmp_path / "ready" / "picture-1.jpg", 0, 1)) < 130


def test_answers_that_cannot_be_read_have_no_copy(tmp_path: Path) -> None:
    """They may say that a child whom the machine took for another must not be shown."""
    folder = write_draft(tmp_path / "d", scene((0, 1, RED), (3, 1, GREEN)))
    (folder / "postguard-confirmed.yaml").write_text("faces: [")
    prepared = prepare(load_draft(folder), tmp_path / "ready", answering(), Wish())
    assert not prepared.ready and "cannot be read" in prepared.left[0]
    assert not (tmp_path / "ready").exists()


def test_says_that_a_vouch_does_not_count_for_the_copy(draft: Path) -> None:
    before = guard().check(load_draft(draft))
    assert _answers(before) == []
    vouched = tuple(replace(d, outcome=Outcome.WAIVED) for d in before.evidence.decisions)
    said = _answers(replace(before, evidence=replace(before.evidence, decisions=vouched)))
    assert "judged anew" in said[0]


def test_what_is_left_is_said_and_the_page_is_still_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_draft(tmp_path / "d", scene((3, 1, GREEN)), text="Well done Jamie Reid!", people=1)
    page = tmp_path / "page.html"
    arguments = ["-o", str(tmp_path / "ready"), "--page", str(page)]
    assert command_on(folder, *arguments, monkeypatch=monkeypatch) == 1
    said = capsys.readouterr().out
    for words in ("- Well done Jamie Reid!", "+ Well done a pupil!", "--accept-text", "PG301", "Nothing was written"):
        assert words in said
    assert page.read_text(encoding="utf-8").count("<img") == 1
