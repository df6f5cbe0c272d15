"""Decoding a clip: every picture in the file, upright and whole; what is damaged or hidden is not missed."""

import struct
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from postguard.seeing.clip_copying import copy_clip
from postguard.seeing.clip_notes import read_clip_notes
from postguard.seeing.clips import open_clip
from postguard.seeing.cover import Style
from postguard.seeing.decoding import Undecodable
from postguard.seeing.types import Pixels

GREY, RED = (120, 130, 120), (240, 20, 20)


def moving(number: int, size: tuple[int, int] = (160, 96)) -> Pixels:
    """A picture full of detail that moves, so that damage is in every part of the file."""
    width, height = size
    rng = np.random.default_rng(3)
    texture = rng.integers(40, 200, (height, width + 200, 3), dtype=np.uint8)
    return np.ascontiguousarray(texture[:, 2 * number : 2 * number + width])


def write(
    path: Path,
    codec: str,
    pictures: Iterator[Pixels] | list[Pixels],
    *,
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    times: Callable[[int], float] | None = None,
    shape: Fraction | None = None,
    options: dict[str, str] | None = None,
    file_options: dict[str, str] | None = None,
) -> bytes:
    """`times`: each picture's, in seconds; `shape`: of a pixel."""
    with av.open(str(path), "w", options=file_options or {}) as file:
        stream: Any = file.add_stream(codec, rate=rate)
        stream.pix_fmt, stream.options = pix_fmt, options or {}
        base = Fraction(1, 1000 if times else rate)
        stream.codec_context.time_base = base
        for number, pixels in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
                if shape is not None:
                    stream.codec_context.sample_aspect_ratio = shape
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = round((times(number) if times else number / rate) / base), base
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return path.read_bytes()


KINDS: dict[str, dict[str, Any]] = {
    "H.264 with frames out of order": {"codec": "libx264", "options": {"x264-params": "bframes=5:b-pyramid=normal"}},
    "H.264 in open groups": {"codec": "libx264", "options": {"x264-params": "open-gop=1:keyint=8:bframes=3"}},
    "H.264 refreshed bit by bit": {"codec": "libx264", "options": {"x264-params": "intra-refresh=1:keyint=8"}},
    "H.264 of ten bits": {"codec": "libx264", "pix_fmt": "yuv420p10le"},
    "H.264 in pieces": {"codec": "libx264", "file_options": {"movflags": "frag_keyframe+empty_moov"}},
    "H.264 at uneven times": {"codec": "libx264", "times": lambda n: n / 25 + (0.7 if n > 20 else 0) + n % 3 / 100},
    "H.264 that begins late": {"codec": "libx264", "times": lambda n: 3 + n / 25},
    "H.264, a frame a second": {"codec": "libx264", "rate": 1},
    "H.264 of odd sizes": {"codec": "libx264", "pix_fmt": "yuv444p", "size": (161, 97)},
    "H.265": {"codec": "libx265", "suffix": ".mov", "options": {"x265-params": "log-level=none:open-gop=1:keyint=8"}},
    "MPEG-4": {"codec": "mpeg4", "options": {"bf": "2"}},
    "motion JPEG": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "suffix": ".mov"},
    "AVI": {"codec": "mpeg4", "suffix": ".avi", "options": {"bf": "2"}, "rate": 25},
    "AVI with H.264": {"codec": "libx264", "suffix": ".avi"},
    "AVI, two frames a second": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "suffix": ".avi", "rate": 2},
    "WebM": {"codec": "libvpx", "suffix": ".webm", "options": {"deadline": "realtime"}},
    "WebM with frames that do not show": {
        "codec": "libvpx-vp9",
        "suffix": ".webm",
        "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "5"},
    },
    "WebM, a frame every two seconds": {
        "codec": "libvpx",
        "suffix": ".webm",
        "options": {"deadline": "realtime"},
        "times": lambda n: 2 * n,
    },
    "WebM without its length": {"codec": "libvpx", "suffix": ".webm", "file_options": {"live": "1"}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_of_a_whole_clip_is_decoded_at_its_time(kind: str, tmp_path: Path) -> None:
    how = dict(KINDS[kind])
    path, size = tmp_path / f"a{how.pop('suffix', '.mp4')}", how.pop("size", (160, 96))
    write(path, how.pop("codec"), [moving(n, size) for n in range(40)], **how)
    clip = open_clip(path)
    frames = list(clip.frames())
    assert (clip.width, clip.height, clip.frame_count, len(frames)) == (*size, 40, 40)
    when, rate = how.get("times"), how.get("rate", 25)
    expected = [when(n) - when(0) if when else n / rate for n in range(40)]
    out_of_order = 0.13 if kind == "AVI with H.264" else 0.002
    assert [at for at, _ in frames] == pytest.approx(expected, abs=out_of_order)
    assert all(before <= after for (before, _), (after, _) in pairwise(frames))
    assert clip.seconds >= expected[-1] - 0.002
    for number in (0, 17, 39):
        shift = [float(np.abs(frames[number][1].astype(int) - moving(n, size)).mean()) for n in range(40)]
        assert int(np.argmin(shift)) == number


@pytest.mark.parametrize(
    ("codec", "suffix", "bytes_hit"),
    [
        ("libx264", ".mp4", 4),
        ("libx264", ".mov", 4),
        ("libx264", ".avi", 4),
        ("libx265", ".mp4", 8),
        ("mpeg4", ".mp4", 1),
        ("mpeg4", ".avi", 1),
        ("mjpeg", ".mov", 8),
        ("prores_ks", ".mov", 8),
        ("libvpx-vp9", ".webm", 80),
    ],
)
def test_damage_stops_the_reading_and_nobody_is_told_by_ffmpeg(
    codec: str, suffix: str, bytes_hit: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"a{suffix}"
    pix_fmt = {"mjpeg": "yuvj420p", "prores_ks": "yuv422p10le"}.get(codec, "yuv420p")
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    data = write(path, codec, [moving(n) for n in range(40)], pix_fmt=pix_fmt, options=quiet)
    with av.open(str(path)) as file:
        packets = [(p.pos, p.size) for p in file.demux(video=0) if p.size and p.pos is not None]
    capfd.readouterr()
    rng = np.random.default_rng(11)
    refused = 0
    for _ in range(8):
        damaged = bytearray(data)
        for at, size in rng.choice(packets, bytes_hit):
            damaged[at + rng.integers(size)] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        try:
            list(open_clip(path).samples())
        except Undecodable as trouble:
            refused += "damaged" in str(trouble)
    assert refused >= 6  # a bit may stand where nothing depends on it
    assert capfd.readouterr() == ("", "")


def test_a_frame_that_a_decoder_leaves_out_is_missed(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "a.webm", "libvpx", [moving(n) for n in range(20)]))
    with av.open(str(tmp_path / "a.webm")) as file:
        packet = [bytes(p) for p in file.demux(video=0) if p.size][12]
    data[data.index(packet)] &= 0xEF  # VP8: not to be shown (RFC 6386, 9.1)
    (tmp_path / "a.webm").write_bytes(data)
    with pytest.raises(Undecodable, match="damaged"):
        list(open_clip(tmp_path / "a.webm").samples())


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mov"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_short_is_refused(suffix: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    start = {"movflags": "faststart"} if suffix != ".avi" else {}
    data = write(path, "mpeg4", [moving(n) for n in range(60)], file_options=start)
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(Undecodable):
        list(open_clip(path).samples())


@pytest.mark.parametrize(("codec", "pix_fmt"), [("mjpeg", "yuvj420p"), ("libvpx-vp9", "yuv420p")])
@pytest.mark.parametrize("missing", [1, 40])
def test_a_last_frame_cut_short_is_refused(codec: str, pix_fmt: str, missing: int, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    data = write(path, codec, [moving(n) for n in range(30)], pix_fmt=pix_fmt, file_options={"movflags": "faststart"})
    path.write_bytes(data[:-missing])
    with pytest.raises(Undecodable, match="damaged"):
        list(open_clip(path).samples())


# --- How it is shown -----------------------------------------------------------------------------------------------


def with_matrix(data: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """An MP4 with this in the header of its track (ISO/IEC 14496-12, 8.3.2)."""
    at = data.index(b"tkhd") + 4 + 40
    return data[:at] + struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30) + data[at + 36 :]


@pytest.mark.parametrize(
    ("matrix", "size", "corner"),
    [
        ((1, 0, 0, 1), (160, 96), (8, 8)),
        ((0, 1, -1, 0), (96, 160), (88, 8)),  # a quarter to the right: what was left is above
        ((-1, 0, 0, -1), (160, 96), (152, 88)),
        ((0, -1, 1, 0), (96, 160), (8, 152)),
        ((-1, 0, 0, 1), (160, 96), (152, 8)),  # as in a mirror
        ((0, 1, 1, 0), (96, 160), (8, 8)),
    ],
)
def test_a_telephones_clip_is_turned_upright(
    matrix: tuple[int, int, int, int], size: tuple[int, int], corner: tuple[int, int], tmp_path: Path
) -> None:
    picture = np.full((96, 160, 3), GREY, np.uint8)
    picture[:24, :24] = RED
    data = write(tmp_path / "a.mp4", "libx264", [picture] * 5)
    (tmp_path / "a.mp4").write_bytes(with_matrix(data, *matrix))
    clip = open_clip(tmp_path / "a.mp4")
    (sample,) = clip.samples()
    assert (clip.width, clip.height) == size and sample.pixels.shape == (size[1], size[0], 3)
    red = sample.pixels[..., 0].astype(int) - sample.pixels[..., 1] > 90
    assert red[corner[1], corner[0]] and red.sum() < 1000


def test_a_clip_turned_by_an_odd_angle_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mp4", "libx264", [moving(0)] * 3)
    (tmp_path / "a.mp4").write_bytes(with_matrix(data, 1, 1, -1, 1))
    with pytest.raises(Undecodable, match="odd angle"):
        open_clip(tmp_path / "a.mp4")


def test_wide_pixels_are_shown_wide(tmp_path: Path) -> None:
    picture = np.full((96, 160, 3), GREY, np.uint8)
    picture[:, 80:] = RED
    write(tmp_path / "a.mp4", "libx264", [picture] * 3, shape=Fraction(3, 2))
    clip = open_clip(tmp_path / "a.mp4")
    (sample,) = clip.samples()
    assert (clip.width, clip.height) == (240, 96) and sample.pixels.shape == (96, 240, 3)
    assert sample.pixels[50, 110, 0] < 150 and sample.pixels[50, 130, 0] > 200


def test_a_frame_of_which_nobody_knows_when_it_comes_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else time would stand still, and nothing be due to be looked at any more."""
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(3)])
    clip = open_clip(tmp_path / "a.mp4")
    monkeypatch.setattr("postguard.seeing.film._decoded", lambda path, demuxer: iter([SimpleNamespace(time=None)] * 3))
    with pytest.raises(Undecodable, match="damaged"):
        list(clip.film.frames())


@pytest.mark.parametrize("shape", [Fraction(1, 40), Fraction(40, 1)])
def test_a_clip_pulled_out_of_shape_is_refused(shape: Fraction, tmp_path: Path) -> None:
    """Nobody is to be seen in one that is squeezed to a line, and a channel may show it as it was filmed."""
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(3)], shape=shape)
    with pytest.raises(Undecodable, match="out of shape"):
        open_clip(tmp_path / "a.mp4")


def test_a_clip_that_changes_its_size_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "b.webm", "libvpx", [moving(n, (96, 64)) for n in range(5)])
    with av.open(str(tmp_path / "a.webm"), "w") as file, av.open(str(tmp_path / "b.webm")) as other:
        stream: Any = file.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(10):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(moving(number), format="rgb24")))
        file.mux(stream.encode())
        for packet in other.demux(video=0):
            if packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts + 1000, packet.dts + 1000, stream
                file.mux(packet)
    with pytest.raises(Undecodable, match="changes its size"):
        list(open_clip(tmp_path / "a.webm").samples())


# --- What a player does not show -----------------------------------------------------------------------------------


def cut_off(path: Path, source: Path, seconds: float) -> None:
    """As telephones trim: the film is kept whole, and an edit list tells players to begin later."""
    with av.open(str(source)) as whole, av.open(str(path), "w") as file:
        film = whole.streams.video[0]
        stream = file.add_stream_from_template(film)
        for packet in whole.demux(film):
            if packet.pts is not None and packet.dts is not None and packet.time_base is not None:
                shift = round(seconds / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
                file.mux(packet)


def red_spots(pictures: list[Pixels]) -> int:
    return sum(bool((p[..., 0].astype(int) - p[..., 1] > 90).any()) for p in pictures)


def test_what_was_cut_off_and_kept_is_looked_at_but_does_not_come_along(tmp_path: Path) -> None:
    pictures = [np.full((96, 160, 3), GREY, np.uint8) for _ in range(50)]
    for number in range(5, 20):
        pictures[number][30:60, 40:70] = RED
    write(tmp_path / "a.mp4", "libx264", pictures)
    cut_off(tmp_path / "b.mp4", tmp_path / "a.mp4", 1.0)
    clip = open_clip(tmp_path / "b.mp4")
    assert clip.frame_count == 50
    assert red_spots([sample.pixels for sample in clip.samples()]) > 0
    assert [at for at, _ in clip.frames()] == pytest.approx([n / 25 for n in range(25, 50)])
    (tmp_path / "c.mp4").write_bytes(copy_clip(clip, [], Style.ELLIPSE, None).data)
    copy = open_clip(tmp_path / "c.mp4")
    assert copy.frame_count == 25 and red_spots([sample.pixels for sample in copy.samples()]) == 0
    assert next(copy.frames())[0] == 0.0


def test_frames_that_lean_on_what_is_gone_need_not_be_decoded(tmp_path: Path) -> None:
    """A clip cut out of a longer one may begin with frames that no player can show."""
    options = {"x265-params": "log-level=none:open-gop=1:keyint=12:min-keyint=12:bframes=4:b-adapt=0"}
    write(tmp_path / "a.mp4", "libx265", [moving(n) for n in range(40)], options=options)
    with av.open(str(tmp_path / "a.mp4")) as whole, av.open(str(tmp_path / "b.mp4"), "w") as file:
        film = whole.streams.video[0]
        stream = file.add_stream_from_template(film)
        packets = [p for p in whole.demux(film) if p.pts is not None]
        starts = [n for n, p in enumerate(packets) if p.is_keyframe]
        for packet in packets[starts[1] :]:
            packet.stream = stream
            file.mux(packet)
    clip = open_clip(tmp_path / "b.mp4")
    decoded = sum(1 for _ in clip.film.frames())
    assert 0 < clip.frame_count - decoded <= clip.film.leaning <= 4


def test_no_more_frames_may_be_missing_than_a_decoder_holds_back(tmp_path: Path) -> None:
    """The first frame's own time says how many lean on others: it may lie."""
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(40)], options={"bf": "0"})
    with av.open(str(tmp_path / "a.mp4")) as whole, av.open(str(tmp_path / "b.mp4"), "w") as file:
        film = whole.streams.video[0]
        stream = file.add_stream_from_template(film)
        for number, packet in enumerate(p for p in whole.demux(film) if p.pts is not None):
            if number == 0 and packet.pts is not None and packet.time_base is not None:
                packet.pts += round(5 / packet.time_base)
            packet.stream = stream
            file.mux(packet)
    assert open_clip(tmp_path / "b.mp4").film.leaning == 16


def with_cover(data: bytes, cover: bytes, kind: int) -> bytes:
    """The cover where iTunes keeps it, at the end of a file whose `moov` is its last box."""

    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + name + body

    art = box(b"ilst", box(b"covr", box(b"data", struct.pack(">II", kind, 0) + cover)))
    handler = box(b"hdlr", b"\0" * 8 + b"mdirappl" + b"\0" * 9)
    note = box(b"udta", box(b"meta", b"\0\0\0\0" + handler + art))
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    assert at + size == len(data)
    return data[:at] + struct.pack(">I", size + len(note)) + data[at + 4 :] + note


@pytest.mark.parametrize(("codec", "kind"), [("mjpeg", 13), ("png", 14)])
def test_a_cover_is_not_taken_for_the_film_and_is_said(codec: str, kind: int, tmp_path: Path) -> None:
    data = write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(10)])
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.time_base = 32, 32, Fraction(1, 25)
    encoder.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
    picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), RED, np.uint8), format="rgb24")
    cover = b"".join(bytes(p) for p in encoder.encode(picture.reformat(format=encoder.pix_fmt)))
    (tmp_path / "a.mp4").write_bytes(with_cover(data, cover, kind))
    with av.open(str(tmp_path / "a.mp4")) as file:
        assert len(file.streams.video) == 2
    clip = open_clip(tmp_path / "a.mp4")
    assert clip.frame_count == 10 and (clip.width, clip.height) == (160, 96)
    assert read_clip_notes(clip.path.read_bytes(), "a.mp4").unchecked


def test_a_clip_that_is_partly_see_through_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", "qtrle", [moving(n) for n in range(3)], pix_fmt="argb")
    with pytest.raises(Undecodable, match="see-through"):
        open_clip(tmp_path / "a.mov")


def test_captions_inside_the_film_are_said_not_to_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(5)])
    words = bytes.fromhex("b5 0031 47413934 03 41 ff fc4869 ff")  # ATSC A/53, part 4: one pair of letters
    message = bytes([6, 4, len(words)]) + words + b"\x80"
    with av.open(str(tmp_path / "a.mp4")) as whole, av.open(str(tmp_path / "b.mp4"), "w") as file:
        stream = file.add_stream_from_template(whole.streams.video[0])
        for old in whole.demux(video=0):
            if old.pts is None:
                continue
            packet = av.Packet(struct.pack(">I", len(message)) + message + bytes(old))
            packet.pts, packet.dts, packet.time_base, packet.stream = old.pts, old.dts, old.time_base, stream
            packet.is_keyframe = old.is_keyframe
            file.mux(packet)
    list(open_clip(tmp_path / "a.mp4").samples())
    with pytest.raises(Undecodable, match="subtitles"):
        list(open_clip(tmp_path / "b.mp4").samples())


def test_sound_alone_is_no_clip(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        track: Any = file.add_stream("aac", rate=8000)
        noise = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        noise.rate, noise.pts, noise.time_base = 8000, 0, Fraction(1, 8000)
        file.mux(track.encode(noise))
        file.mux(track.encode())
    with pytest.raises(Undecodable, match="cannot be played"):
        open_clip(tmp_path / "a.mp4")


def test_sound_that_lasts_longer_than_the_film_is_no_damage(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        film: Any = file.add_stream("libx264", rate=25)
        track: Any = file.add_stream("aac", rate=8000)
        film.width, film.height, film.pix_fmt = 160, 96, "yuv420p"
        for number in range(25):
            file.mux(film.encode(av.VideoFrame.from_ndarray(moving(number), format="rgb24")))
        file.mux(film.encode())
        noise = av.AudioFrame.from_ndarray(np.zeros((1, 24000), np.float32), format="fltp", layout="mono")
        noise.rate, noise.pts, noise.time_base = 8000, 0, Fraction(1, 8000)
        file.mux(track.encode(noise))
        file.mux(track.encode())
    assert len(list(open_clip(tmp_path / "a.mp4").frames())) == 25


def test_a_name_that_looks_like_an_address_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(3)])
    (tmp_path / "a.mp4").rename(tmp_path / "concat:a.mp4")
    monkeypatch.chdir(tmp_path)
    assert open_clip(Path("concat:a.mp4")).frame_count == 3


def test_without_a_decoder_a_clip_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.mp4", "libx264", [moving(n) for n in range(3)])
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(Undecodable, match="--extra clips"):
        open_clip(tmp_path / "a.mp4")
