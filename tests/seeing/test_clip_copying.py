"""The copy of a clip: covered in every frame, silent, and nothing in the file but the film."""

import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from postguard.domain.evidence import Glance, Region
from postguard.seeing.clip_copying import copy_clip
from postguard.seeing.clips import Clip, open_clip
from postguard.seeing.cover import Cover, Style, followed
from postguard.seeing.decoding import Undecodable

RATE, FRAMES, SIZE = 25, 50, 40
RED, GREY = (230, 20, 20), (150, 150, 150)


def place(number: float) -> tuple[int, int]:
    """Where the red head is in a frame: it runs, and turns back half way."""
    way = number if number < FRAMES / 2 else FRAMES - number
    return round(20 + 8 * way), round(60 + 2 * way)


def write(path: Path, *, sound: bool = False, seen: range = range(FRAMES), **notes: str) -> Clip:
    with av.open(str(path), "w") as file:
        file.metadata.update(notes)
        stream = file.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 320, 200, "yuv420p"
        track = file.add_stream("aac", rate=8000) if sound else None
        for number in range(FRAMES):
            pixels = np.full((200, 320, 3), GREY, np.uint8)
            if number in seen:
                x, y = place(number)
                pixels[y : y + SIZE, x : x + SIZE] = RED
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
        if track is not None:
            noise = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
            noise.rate, noise.pts, noise.time_base = 8000, 0, Fraction(1, 8000)
            file.mux(track.encode(noise))
            file.mux(track.encode())
    return open_clip(path)


def looks(every: int, seen: range = range(FRAMES)) -> tuple[Glance, ...]:
    """What looking at every so many frames tells of the head."""
    times = [-every, *range(0, FRAMES, every), FRAMES]
    return tuple(
        Glance(
            at=now / RATE,
            since=max(before, 0) / RATE,
            until=after / RATE,
            region=Region(x=place(now)[0], y=place(now)[1], width=SIZE, height=SIZE),
        )
        for before, now, after in zip(times, times[1:], times[2:], strict=False)
        if now in seen
    )


def red_left(clip: Clip) -> int:
    """Frames in which any red is to be seen."""
    return sum(bool(((p[..., 0].astype(int) - p[..., 1]) > 90).any()) for _, p in clip.frames())


def copied(tmp_path: Path, clip: Clip, *args: object, **options: object) -> Clip:
    made = copy_clip(clip, *args, **options)  # type: ignore[arg-type]
    (tmp_path / "copy.mp4").write_bytes(made.data)
    return open_clip(tmp_path / "copy.mp4")


@pytest.mark.parametrize("every", [1, 5, 12])
def test_somebody_who_runs_is_covered_in_every_frame(every: int, tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4")
    assert red_left(clip) == FRAMES
    assert red_left(copied(tmp_path, clip, followed(looks(every)), Style.ELLIPSE, None)) == 0


@pytest.mark.parametrize("seen", [range(12, 38), range(8, 11), range(45, 50)])
def test_somebody_is_covered_from_the_look_before_to_the_look_after(seen: range, tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4", seen=seen)
    path = looks(5, seen)
    assert path
    assert red_left(copied(tmp_path, clip, followed(path), Style.ELLIPSE, None)) == 0


def test_the_rest_of_the_film_stays_as_it_was(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4")
    cover = Cover(region=Region(x=0, y=180, width=20, height=20), head=False)
    copy = copied(tmp_path, clip, [cover], Style.ELLIPSE, None)
    before, after = list(clip.frames()), list(copy.frames())
    assert [at for at, _ in after] == pytest.approx([at for at, _ in before], abs=0.002)
    assert max(float(np.abs(a.astype(int) - b)[:170].mean()) for (_, a), (_, b) in zip(before, after, strict=True)) < 5


def test_sound_and_notes_do_not_come_along(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4", sound=True, title="Jamie Reid", comment="at home")
    made = copy_clip(clip, [], Style.ELLIPSE, None)
    assert not made.as_it_was and b"Jamie" in clip.path.read_bytes() and b"Jamie" not in made.data
    (tmp_path / "b.mp4").write_bytes(made.data)
    with av.open(str(tmp_path / "b.mp4")) as file:
        assert [stream.type for stream in file.streams] == ["video"]


def test_a_copy_of_a_copy_is_the_same(tmp_path: Path) -> None:
    first = copied(tmp_path, write(tmp_path / "a.mp4"), [], Style.ELLIPSE, None)
    again = copy_clip(first, [], Style.ELLIPSE, None)
    assert again.as_it_was and again.data == first.path.read_bytes()


def test_gets_smaller_for_the_channel_or_says_that_it_cannot(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4")
    free = len(copy_clip(clip, [], Style.ELLIPSE, None).data)
    assert len(copy_clip(clip, [], Style.ELLIPSE, free - 1).data) < free
    with pytest.raises(Undecodable, match="shorten"):
        copy_clip(clip, [], Style.ELLIPSE, 100)


def test_without_the_extra_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write(tmp_path / "a.mp4")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(Undecodable, match="clips extra"):
        copy_clip(clip, [], Style.ELLIPSE, None)
