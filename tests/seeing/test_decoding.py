"""A file becomes upright pixels, or a plain reason why not; nothing that is in it goes unseen."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from postguard.seeing import limits
from postguard.seeing.decoding import Frame, Undecodable, open_picture


def frames_of(path: Path) -> list[Frame]:
    return list(open_picture(path).frames())


def pixels_of(path: Path) -> np.ndarray:
    (frame,) = frames_of(path)
    return frame.views[0]


def reason_of(path: Path) -> str:
    with pytest.raises(Undecodable) as trouble:
        frames_of(path)
    return str(trouble.value)


@pytest.fixture
def photo(root: Path) -> Image.Image:
    return Image.open(root / "tests/pictures/P01_4.jpg").convert("RGB")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation: int, tmp_path: Path) -> None:
    upright = Image.new("RGB", (40, 20), "white")
    upright.paste("red", (0, 0, 20, 10))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    opened = open_picture(tmp_path / "a.png")
    assert (opened.width, opened.height) == (40, 20)
    assert np.array_equal(pixels_of(tmp_path / "a.png"), np.asarray(upright))


def test_a_truncated_picture_is_refused_even_where_a_library_allows_it(
    tmp_path: Path, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing face_recognition does
    for name in ("a.jpg", "a.png", "a.webp", "a.gif", "a.tif", "a.bmp"):
        path = tmp_path / name
        photo.save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        assert "damaged or cut short" in reason_of(path), name


def test_empty_missing_and_foreign_files_have_their_own_reasons(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert "empty" in reason_of(tmp_path / "empty.jpg")
    assert "cannot be opened" in reason_of(tmp_path / "gone.jpg")
    (tmp_path / "notes.jpg").write_text("Dear parents")
    assert "not a picture" in reason_of(tmp_path / "notes.jpg")


def test_a_renamed_picture_is_told_what_it_is(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", format="PNG")
    assert "really a PNG" in reason_of(tmp_path / "a.jpg")
    assert ".png" in reason_of(tmp_path / "a.jpg")


def test_a_picture_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    side = int((limits.MAX_MEGAPIXELS * 1e6) ** 0.5) + 200
    for width, height in ((side, side), (30_000, 30_000)):
        # Only the header: decoding it would fail for another reason, and would need the memory.
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = (b"IHDR" + header, b"IDAT" + zlib.compress(bytes(100)))
        data = b"".join(struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
        (tmp_path / "big.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data)
        assert "megapixels" in reason_of(tmp_path / "big.png")


def test_what_transparency_hides_is_seen_too(tmp_path: Path, photo: Image.Image) -> None:
    hidden = photo.convert("RGBA")
    hidden.putalpha(0)
    hidden.save(tmp_path / "a.png")
    (frame,) = frames_of(tmp_path / "a.png")
    assert frame.views[0].min() == 255
    assert any(np.array_equal(view, np.asarray(photo)) for view in frame.views)


def test_black_and_white_drawn_on_nothing_both_show(tmp_path: Path) -> None:
    for ink in (0, 255):
        drawn = Image.new("RGBA", (20, 20), (ink, ink, ink, 0))
        drawn.paste((ink, ink, ink, 255), (5, 5, 15, 15))
        drawn.save(tmp_path / "a.png")
        (frame,) = frames_of(tmp_path / "a.png")
        assert any(view[10, 10, 0] == ink and view[0, 0, 0] == 255 - ink for view in frame.views)


def test_a_palette_with_a_transparent_colour_is_understood(tmp_path: Path) -> None:
    drawn = Image.new("P", (20, 20), 0)
    drawn.putpalette([10, 20, 30, 200, 100, 50])
    drawn.paste(1, (5, 5, 15, 15))
    drawn.save(tmp_path / "a.png", transparency=0)
    (frame,) = frames_of(tmp_path / "a.png")
    assert frame.views[0][0, 0].tolist() == [255, 255, 255]
    assert frame.views[0][10, 10].tolist() == [200, 100, 50]


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 400).astype(np.uint16).reshape(20, 20)
    Image.fromarray(values).save(tmp_path / "a.png")
    assert np.abs(pixels_of(tmp_path / "a.png")[..., 0].astype(float) - values / 257).max() <= 1


def test_a_picture_in_the_low_bits_of_sixteen_is_brought_out(tmp_path: Path) -> None:
    values = (np.arange(400) % 256).astype(np.uint16).reshape(20, 20)
    Image.fromarray(values).save(tmp_path / "a.png")
    (frame,) = frames_of(tmp_path / "a.png")
    assert max(int(view.max()) - int(view.min()) for view in frame.views) == 255


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "YCbCr", "P"])
def test_other_colour_modes_look_like_the_photograph(mode: str, tmp_path: Path, photo: Image.Image) -> None:
    name = "a.png" if mode in {"L", "1", "P"} else "a.tif"
    photo.convert(mode).save(tmp_path / name)
    seen = pixels_of(tmp_path / name).astype(float).mean(axis=2)
    expected = np.asarray(photo.convert("L"), dtype=float)
    assert np.corrcoef(seen.reshape(-1), expected.reshape(-1))[0, 1] > (0.25 if mode == "1" else 0.95)


@pytest.mark.parametrize(("name", "options"), [("a.gif", {}), ("a.webp", {"lossless": True}), ("a.png", {})])
def test_every_distinct_frame_of_an_animation_is_seen_with_its_time(
    name: str, options: dict[str, bool], tmp_path: Path
) -> None:
    colours = ["red", "red", "lime", "blue"]
    first, *others = [Image.new("RGB", (16, 16), colour) for colour in colours]
    others[0].putpixel((0, 0), (254, 0, 0))
    first.save(tmp_path / name, save_all=True, append_images=others, duration=500, **options)
    seen = {tuple(frame.views[0][8, 8].tolist()): frame.at for frame in frames_of(tmp_path / name)}
    assert seen[0, 255, 0] == 1.0
    assert seen[0, 0, 255] == 1.5


def test_frames_without_a_time_are_frames_of_their_own(tmp_path: Path) -> None:
    """Many programs write 0: were all at second 0, one child in each would be two children in one picture."""
    first, *others = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, duration=0)
    assert [frame.at for frame in frames_of(tmp_path / "a.gif")] == [0.0, 0.1, 0.2]


def test_frames_that_repeat_are_seen_once(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    first.save(tmp_path / "a.png", save_all=True, append_images=[second, first, second], duration=100)
    assert len(frames_of(tmp_path / "a.png")) == 2


def test_every_page_of_a_tiff_is_seen(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert [frame.at for frame in frames_of(tmp_path / "a.tif")] == [1.0, 2.0, 3.0]


def test_an_animation_too_long_is_refused_and_never_cut_short(tmp_path: Path) -> None:
    pages = [Image.new("L", (4, 4), i % 250) for i in range(limits.MAX_MOVING_FRAMES + 1)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert "frames" in reason_of(tmp_path / "a.tif")


def test_heic_is_seen_with_the_extra_and_refused_plainly_without(
    tmp_path: Path, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    photo.save(tmp_path / "a.heic", quality=90)
    seen = pixels_of(tmp_path / "a.heic")
    assert np.abs(seen.astype(float) - np.asarray(photo, dtype=float)).mean() < 10
    monkeypatch.setattr("postguard.seeing.decoding.register_heic", lambda: False)
    assert "HEIC" in reason_of(tmp_path / "a.heic")


def test_noise_in_a_picture_never_escapes_as_another_error(tmp_path: Path, photo: Image.Image) -> None:
    rng = np.random.default_rng(7)
    for name in ("a.jpg", "a.png", "a.gif", "a.webp", "a.tif"):
        buffer = io.BytesIO()
        photo.resize((60, 60)).save(buffer, format={"jpg": "JPEG", "tif": "TIFF"}.get(name[2:], name[2:].upper()))
        for _ in range(40):
            data = bytearray(buffer.getvalue())
            for place in rng.integers(0, len(data), 12):
                data[place] = int(rng.integers(0, 256))
            (tmp_path / name).write_bytes(data)
            try:
                frames_of(tmp_path / name)
            except Undecodable:
                continue


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
@pytest.mark.parametrize(("low", "high", "views"), [(0, 200, 1), (0, 12, 2), (240, 252, 2), (120, 130, 2), (0, 0, 1)])
def test_a_picture_too_faint_to_see_is_stretched_too(
    tmp_path: Path, mode: str, low: int, high: int, views: int
) -> None:
    shade = np.linspace(low, high, 1600).astype(np.uint8).reshape(40, 40)
    Image.fromarray(shade).convert(mode).save(tmp_path / "a.png")
    (frame,) = open_picture(tmp_path / "a.png").frames()
    assert len(frame.views) == views
    assert (frame.views[-1].min(), frame.views[-1].max()) == ((0, 255) if views == 2 else (low, high))
