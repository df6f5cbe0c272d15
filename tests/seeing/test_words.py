"""Words in pictures: read wherever and however they stand, offline, quietly; never skipped in silence."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from postguard.domain.errors import EngineError
from postguard.domain.evidence import Region
from postguard.seeing import words
from postguard.seeing.types import Pixels
from postguard.seeing.words import Reader, ReadLine, blocks

NAME = "Aoife MacDonald"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def page(*texts: tuple[str, int, int, int], size: tuple[int, int] = (800, 600), ink: str = "black") -> Image.Image:
    """A pale page with (text, x, y, letter height)."""
    image = Image.new("RGB", size, (232, 228, 214))
    draw = ImageDraw.Draw(image)
    for text, x, y, height in texts:
        draw.text((x, y), text, font=ImageFont.load_default(height), fill=ink)
    return image


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"))


def text_of(reader: Reader, image: Image.Image) -> str:
    passages, unchecked = reader.read(pixels(image), "a.jpg")
    assert not unchecked
    return "\n\n".join(p.text for p in passages)


@pytest.mark.parametrize("height", [12, 20, 40, 90])
def test_reads_a_name_of_any_size(reader: Reader, height: int) -> None:
    assert NAME in text_of(reader, page((NAME, 30, 200, height)))


@pytest.mark.parametrize("turn", [20, 45, 90, 180, 270, 315])
def test_reads_a_name_however_it_is_turned(reader: Reader, turn: int) -> None:
    assert NAME in text_of(reader, page((NAME, 200, 280, 40)).rotate(turn, fillcolor=(232, 228, 214)))


def test_reads_a_small_name_in_a_photograph_of_a_telephone(reader: Reader) -> None:
    assert NAME in text_of(reader, page((NAME, 2000, 1500, 40), size=(4000, 3000)))


def test_reads_a_small_name_in_a_long_strip(reader: Reader) -> None:
    assert NAME in text_of(reader, page((NAME, 3000, 60, 20), size=(6000, 180)))


def test_reads_white_on_dark(reader: Reader) -> None:
    assert NAME in text_of(reader, page((NAME, 30, 200, 30), ink="white").point(lambda v: v // 2 if v < 250 else v))


def test_a_name_broken_over_two_lines_is_one_text(reader: Reader) -> None:
    passages, _ = reader.read(pixels(page(("Aoife", 100, 100, 60), ("MacDonald", 100, 170, 60))), "badge.jpg")
    assert [(p.part, p.text) for p in passages] == [("badge.jpg:picture", "Aoife\nMacDonald")]


def test_tells_two_tilted_lines_of_a_badge_apart(reader: Reader) -> None:
    badge = Image.new("RGB", (180, 90), "#ffe680")
    ImageDraw.Draw(badge).multiline_text((12, 8), "Lachlan\nPollock", font=ImageFont.load_default(30), fill="black")
    photograph = Image.open(Path("tests/pictures/G1_class.jpg")).convert("RGB")
    tilted = badge.convert("RGBA").rotate(-9, expand=True, resample=Image.Resampling.BICUBIC)
    photograph.paste(tilted, (600, 600), tilted)
    assert "Lachlan\nPollock" in text_of(reader, photograph)


def test_says_where_each_line_stands(reader: Reader) -> None:
    passages, _ = reader.read(pixels(page(("Well done", 40, 60, 40), (NAME, 300, 400, 40))), "a.jpg")
    [passage] = passages
    first, second = passage.lines
    assert (passage.text[first.start : first.end], passage.text[second.start : second.end]) == ("Well done", NAME)
    assert first.region.y < 120
    assert 380 < second.region.y < 420
    assert 280 < second.region.x < 310


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (7, 7), (33, 9), (8, 4000), (31, 31)])
def test_odd_sizes_are_read_without_trouble(reader: Reader, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert reader.read(noise, "a.jpg")[1] == ()


def test_a_picture_without_words_has_no_passage(reader: Reader) -> None:
    assert reader.read(pixels(Image.open(Path("tests/pictures/G1_class.jpg"))), "a.jpg") == ((), ())


def test_failing_to_read_is_said(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(reader._engine, "_ocr", fails)
    passages, unchecked = reader.read(pixels(page((NAME, 30, 200, 30))), "a.jpg")
    assert passages == ()
    assert [u.part for u in unchecked] == ["a.jpg:picture"]


@pytest.fixture
def fresh_engine() -> None:
    words._engine.cache_clear()


@pytest.mark.usefixtures("fresh_engine")
def test_never_downloads_and_says_nothing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    from rapidocr.utils.download_file import DownloadFile

    def downloads(*_: object, **__: object) -> None:
        raise AssertionError("rapidocr tried to download")

    monkeypatch.setattr(DownloadFile, "run", downloads)
    monkeypatch.setattr("socket.socket.connect", downloads)
    assert NAME in text_of(Reader(), page((NAME, 30, 200, 30)))
    assert text_of(Reader(), page()) == ""
    assert capfd.readouterr() == ("", "")


def test_one_engine_a_process(reader: Reader) -> None:
    assert Reader()._engine is Reader()._engine


@pytest.mark.usefixtures("fresh_engine")
def test_a_missing_package_is_an_engine_error_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(EngineError) as error:
        Reader()
    assert error.value.hint


@pytest.mark.usefixtures("fresh_engine")
def test_a_changed_model_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    monkeypatch.setattr(words, "locate", lambda weights: other)
    with pytest.raises(EngineError, match="not the one"):
        Reader()


def line(text: str, x: int, y: int, width: int = 100, height: int = 20) -> ReadLine:
    return ReadLine(text=text, region=Region(x=x, y=y, width=width, height=height))


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        ([line("MacDonald", 0, 25), line("Aoife", 0, 0)], [["Aoife", "MacDonald"]]),
        ([line("Reid", 115, 4), line("Jamie", 0, 0)], [["Jamie", "Reid"]]),
        ([line("far", 0, 300), line("off", 0, 0)], [["off"], ["far"]]),
        ([line("PRIZE", 0, 0, 300, 90), line("small print", 0, 95, 90, 12)], [["PRIZE"], ["small print"]]),
        ([line("b", 130, 0), line("a", 0, 0), line("c", 0, 24)], [["a", "c"], ["b"]]),
    ],
)
def test_blocks_hold_what_stands_together_in_reading_order(lines: list[ReadLine], texts: list[list[str]]) -> None:
    assert [[member.text for member in block] for block in blocks(lines)] == texts
