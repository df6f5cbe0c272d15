"""How many of the names in a picture are read, on pictures made here whose words are known.

    uv run --with font-roboto --with font-caladea --with font-source-serif-pro --with font-fredoka-one \\
        --with font-amatic-sc --with font-intuitive --with font-manrope --with matplotlib python bench/ocr.py

Names: forty Scots, Gaelic and other names, made up here. Fonts: Pillow's own (Aileron) and those of the packages
above that are installed (SIL Open Font Licence, Apache-2.0, and DejaVu's from matplotlib). Backgrounds: plain
colours, knitted wool made here, and the rendered pupils of tests/pictures. Everything is made from a fixed seed.

*exact*: the name stands in what was read, letter for letter but for case and accents. *found*: postguard's own name
finder finds that pupil, which is what counts. *alarms*: pupils found who are not in the picture.
"""

import argparse
import random
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from anyascii import anyascii
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from postguard.domain.people import Person, Roster
from postguard.domain.policy import Policy
from postguard.matching.names import NameFinder
from postguard.seeing.words import Reader

ROOT = Path(__file__).resolve().parents[1]
NAMES = """Aoife MacDonald · Jamie Reid · Effie Campbell · Zoë Fraser · Seán O'Neill · Eilidh McKenzie · Callum Stewart
Niamh Robertson · Finlay Murray · Isla Thomson · Rory Sinclair · Ailsa Drummond · Hamish Buchanan · Orla Gallagher
Kirsty Henderson · Struan Maclean · Catriona Urquhart · Lewis Paterson · Skye Colquhoun · Angus Kerr · Maisie Wallace
Fergus Dalgleish · Mirren Docherty · Blair Cunningham · Oluwaseun Adeyemi · Zainab Hussain · Mateusz Kowalski
Priya Chaudhary · Yusuf Rahman · Wiktoria Nowak · Tavish Abercrombie · Beathan Farquharson · Iona Ogilvie
Murdo Galbraith · Una Strachan · Calum Iain Macaulay · Poppy Wotherspoon · Freya Jamieson · Lachlan Pollock
Shona Kilpatrick""".replace("\n", " · ").split(" · ")
FONTS = {
    "font_roboto": ("Roboto-Regular", "Roboto-Black"),
    "font_caladea": ("Caladea-Regular", "Caladea-BoldItalic"),
    "font_source_serif_pro": ("SourceSerifPro-Regular",),
    "font_fredoka_one": ("FredokaOne-Regular",),
    "font_amatic_sc": ("AmaticSC-Bold",),
    "font_intuitive": ("Intuitive",),
    "font_manrope": ("Manrope-Light",),
    "matplotlib": ("DejaVuSans", "DejaVuSerif-Bold", "DejaVuSansMono"),
}
HANDWRITTEN = ("AmaticSC", "Intuitive")
"""Fonts that imitate a hand: reported apart, for the target is about print."""


@dataclass(frozen=True)
class Case:
    """A picture and the names in it. `row` is the line of the table it counts for."""

    row: str
    image: Image.Image
    names: tuple[str, ...]


class Maker:
    """Makes the pictures. The same seed makes the same pictures, given the same fonts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.fonts = _fonts()
        self.print_fonts = [f for f in self.fonts if not Path(f).name.startswith(HANDWRITTEN)]
        self.photographs = [Image.open(p).convert("RGB") for p in sorted((ROOT / "tests" / "pictures").glob("G*.jpg"))]

    def cases(self) -> Iterator[Case]:
        yield from self.sizes()
        yield from self.handwriting()
        yield from self.turned()
        yield from self.contrast()
        yield from self.certificates()
        yield from self.badges()
        yield from self.jumpers()
        yield from self.telephone()
        yield from self.worn()

    def name(self) -> str:
        return self.random.choice(NAMES)

    def font(self, size: int, path: str | None = None) -> ImageFont.FreeTypeFont:
        path = path or self.random.choice(self.print_fonts)
        return ImageFont.load_default(size) if path == "" else ImageFont.truetype(path, size)

    def column(
        self, size: int, path: str | None, capitals: bool, colours: tuple[str, str]
    ) -> tuple[Image.Image, tuple[str, ...]]:
        image = Image.new("RGB", (1600, 1200), colours[0])
        draw = ImageDraw.Draw(image)
        names = self.random.sample(NAMES, 8)
        for row, name in enumerate(names):
            text = name.upper() if capitals else name
            draw.text((60 + 700 * (row % 2), 40 + 280 * (row // 2)), text, font=self.font(size, path), fill=colours[1])
        return image, tuple(names)

    def sizes(self) -> Iterator[Case]:
        for size in (10, 12, 16, 20, 24, 32, 48, 60):
            for path in self.print_fonts:
                for capitals in (False, True):
                    image, names = self.column(size, path, capitals, ("#e8e4d6", "#202030"))
                    yield Case(f"print, letters {size:>2} px", image, names)

    def handwriting(self) -> Iterator[Case]:
        for path in set(self.fonts) - set(self.print_fonts):
            for size in (24, 40, 60):
                image, names = self.column(size, path, False, ("#f4f4f0", "#283080"))
                yield Case("hand-like fonts, 24-60 px", image, names)

    def turned(self) -> Iterator[Case]:
        for angle in range(0, 360, 15):
            name = self.name()
            image = Image.new("RGB", (900, 900), "#dfe6ea")
            ImageDraw.Draw(image).text((450, 450), name, font=self.font(36), fill="black", anchor="mm")
            yield Case("turned 0-345°, 36 px", image.rotate(angle, fillcolor="#dfe6ea"), (name,))

    def contrast(self) -> Iterator[Case]:
        for difference in (20, 40, 60, 90, 130):
            for ground in (90, 200):
                ink = ground + difference if ground == 90 else ground - difference
                image, names = self.column(
                    28, None, False, (f"rgb({ground},{ground},{ground})", f"rgb({ink},{ink},{ink})")
                )
                yield Case(f"contrast {difference:>3} of 255, 28 px", image, names)

    def certificates(self) -> Iterator[Case]:
        for _ in range(16):
            image = Image.new("RGB", (1400, 1000), self.random.choice(["#fffbe8", "#eef6ff", "#fff0f4"]))
            draw = ImageDraw.Draw(image)
            ink = self.random.choice(["#604010", "#103060", "#202020"])
            for edge in range(20, 60, 8):
                draw.rectangle((edge, edge, 1400 - edge, 1000 - edge), outline=ink, width=3)
            name = self.name()
            for y, text, size in (
                (200, "Certificate of Achievement", 70),
                (350, "awarded to", 36),
                (480, name, self.random.choice([44, 64, 90])),
                (640, "for trying hard in maths this week", 36),
                (840, "Primary 4, November 2026", 28),
            ):
                draw.text((700, y), text, font=self.font(size), fill=ink, anchor="mm")
            scale = self.random.uniform(0.35, 1.0)
            small = image.resize((int(1400 * scale), int(1000 * scale)), Image.Resampling.LANCZOS)
            yield Case("certificates held up", self.held(small), (name,))

    def held(self, sheet: Image.Image) -> Image.Image:
        """A sheet somewhere in a photograph, tilted a little."""
        ground = self.random.choice(self.photographs).copy()
        turned = sheet.convert("RGBA").rotate(
            self.random.uniform(-15, 15), expand=True, resample=Image.Resampling.BICUBIC
        )
        x = self.random.randint(0, max(0, ground.width - turned.width))
        y = self.random.randint(0, max(0, ground.height - turned.height))
        ground.paste(turned, (x, y), turned)
        return ground

    def badges(self) -> Iterator[Case]:
        for size in (20, 26, 34):
            for _ in range(10):
                ground = self.random.choice(self.photographs).copy()
                names = self.random.sample(NAMES, 4)
                for number, name in enumerate(names):
                    font = self.font(size)
                    first, _, last = name.partition(" ")
                    text = f"{first}\n{last}" if self.random.random() < 0.5 else name
                    box = ImageDraw.Draw(ground).multiline_textbbox((0, 0), text, font=font)
                    badge = Image.new(
                        "RGBA",
                        (int(box[2]) + 24, int(box[3]) + 20),
                        self.random.choice(["#ffffff", "#ffe680", "#2040a0"]),
                    )
                    dark = badge.getpixel((0, 0))[0] > 100
                    ImageDraw.Draw(badge).multiline_text(
                        (12, 8), text, font=font, fill="#101010" if dark else "#ffffff"
                    )
                    badge = badge.rotate(self.random.uniform(-12, 12), expand=True, resample=Image.Resampling.BICUBIC)
                    ground.paste(badge, (60 + 380 * number, self.random.randint(300, 700)), badge)
                yield Case(f"badges, {size} px", ground, tuple(names))

    def jumpers(self) -> Iterator[Case]:
        for size in (32, 48, 72):
            for _ in range(8):
                width, height = 1000, 700
                wave = np.sin(np.arange(width)[None, :] / 1.7) * np.sin(
                    np.arange(height)[:, None] / 2.3 + np.arange(width)[None, :] / 5
                )
                colour = np.array(self.random.choice([(120, 20, 30), (20, 40, 90), (20, 90, 50)]))
                noise = np.random.default_rng(self.random.randrange(9999)).normal(0, 10, (height, width, 1))
                wool = np.clip(colour + 18 * wave[..., None] + noise, 0, 255).astype(np.uint8)
                name = self.name()
                text = name.split()[0].upper() if self.random.random() < 0.3 else name
                ink = Image.new("L", (width, height), 0)
                ImageDraw.Draw(ink).text((500, 350), text, font=self.font(size), fill=255, anchor="mm")
                worn = np.clip(np.asarray(ink) / 255 * (0.85 + 0.15 * wave), 0, 1)[..., None]
                image = Image.fromarray((wool * (1 - worn) + np.array((240, 235, 220)) * worn).astype(np.uint8))
                bent = image.transform(
                    (width, height),
                    Image.Transform.QUAD,
                    (0, 30, 20, height, width, height - 40, width - 30, 0),
                    Image.Resampling.BICUBIC,
                )
                yield Case(f"jumpers, {size} px", bent, (name,))

    def telephone(self) -> Iterator[Case]:
        for size in (20, 28, 40, 60, 90):
            for path in self.print_fonts[:6]:
                ground = self.random.choice(self.photographs).resize((4000, 3000), Image.Resampling.BICUBIC)
                draw = ImageDraw.Draw(ground)
                names = self.random.sample(NAMES, 6)
                for number, name in enumerate(names):
                    x, y = 300 + 1300 * (number % 3), 700 + 1100 * (number // 3) + self.random.randint(-300, 300)
                    box = draw.textbbox((x, y), name, font=self.font(size, path))
                    draw.rectangle((box[0] - size, box[1] - size, box[2] + size, box[3] + size), fill="#f4f4ee")
                    draw.text((x, y), name, font=self.font(size, path), fill="#181818")
                yield Case(f"12 megapixels, labels of {size} px", ground, tuple(names))

    def worn(self) -> Iterator[Case]:
        for blur in (1.0, 2.0, 3.0):
            for _ in range(4):
                image, names = self.column(32, None, False, ("#e8e4d6", "#202030"))
                yield Case(f"blurred by {blur:.0f} px, 32 px", image.filter(ImageFilter.GaussianBlur(blur)), names)


def _fonts() -> list[str]:
    """Paths of the fonts that are installed; "" is Pillow's own."""
    found = [""]
    for package, names in FONTS.items():
        spec = find_spec(package)
        for place in spec.submodule_search_locations or () if spec else ():
            found += [str(path) for name in names for path in sorted(Path(place).rglob(f"{name}.ttf"))[:1]]
    return found


def plain(text: str) -> str:
    return " ".join(anyascii(text).casefold().split())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--rows", default="", help="only rows whose name holds this")
    parser.add_argument("--missed", action="store_true", help="print what was read instead")
    options = parser.parse_args()
    maker = Maker(options.seed)
    people = tuple(Person(id=f"P{number:02d}", name=name) for number, name in enumerate(NAMES))
    finder = NameFinder(Roster(school="Bench Primary School", people=people), Policy())
    reader = Reader()
    rows: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    alarms: dict[str, int] = defaultdict(int)
    seconds: dict[tuple[int, int], list[float]] = defaultdict(list)
    for case in maker.cases():
        if options.rows not in case.row:
            continue
        pixels = np.asarray(case.image.convert("RGB"))
        started = time.perf_counter()
        passages, unchecked = reader.read(pixels, "a.jpg")
        seconds[case.image.size].append(time.perf_counter() - started)
        assert not unchecked
        read = plain("\n".join(p.text for p in passages))
        found = {m.person for m in finder.find(passages)}
        for person in people:
            if person.name in case.names:
                rows[case.row].append((plain(person.name) in read, person.id in found))
                if options.missed and person.id not in found:
                    print(f"  {case.row}: {person.name!r} missed in {read!r}")
            elif person.id in found:
                alarms[case.row] += 1
    print(f"fonts: {', '.join(Path(f).stem or 'Pillow (Aileron)' for f in maker.fonts)}")
    print(f"{'':<34}{'names':>6}{'exact %':>9}{'found %':>9}{'alarms':>8}")
    for row, results in rows.items():
        _print_row(row, results, alarms[row])
    wanted = [r for row, results in rows.items() if _counts_for_the_target(row) for r in results]
    if wanted:
        _print_row("printed names of 20 px and more", wanted, 0)
    for size, times in sorted(seconds.items()):
        print(f"{size[0]} × {size[1]}: {statistics.median(times):.2f} s a picture")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _counts_for_the_target(row: str) -> bool:
    return not any(word in row for word in ("10 px", "12 px", "16 px", "hand-like", "contrast", "blurred"))


def _print_row(row: str, results: list[tuple[bool, bool]], alarms: int) -> None:
    exact, found = (100 * sum(r[i] for r in results) / len(results) for i in (0, 1))
    print(f"{row:<34}{len(results):>6}{exact:>9.1f}{found:>9.1f}{alarms:>8}")


if __name__ == "__main__":
    main()
