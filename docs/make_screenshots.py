"""Make the README's pictures of the console and of the page, from a real check of the demo school.

    python docs/make_screenshots.py        # writes docs/screenshots; needs chromium and chromedriver for the page

Run it when the console's or the page's look has changed, and look at what it made.
"""

import io
import re
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

import postguard
from postguard import load_draft, load_roster, open_guard
from postguard.checks import ALL_CHECKS
from postguard.domain.people import Roster
from postguard.domain.report import Batch
from postguard.rendering import Audience, render_console, render_html, view_for, with_pictures
from postguard.seeing.thumbnails import reduced

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "screenshots"
DAY = date(2026, 11, 20)
SHOWN = ("thursday-class", "thursday-star", "tuesday-artwork")
WIDTH = 88
RULES = [check.RULE for check in ALL_CHECKS]


def main() -> int:
    if not shutil.which("chromedriver"):
        sys.stderr.write("The page needs chromium and chromedriver: apt-get install chromium chromium-driver\n")
        return 2
    roster = load_roster(ROOT / "consent_roster.yaml")
    guard = open_guard(roster, on=DAY)
    reports = tuple(guard.check(load_draft(ROOT / "examples" / "week" / name)) for name in SHOWN)
    batch = Batch(reports=guard.together(reports), postguard=postguard.__version__, roster="consent_roster.yaml")
    OUT.mkdir(exist_ok=True)
    (OUT / "console.svg").write_text(console(batch, roster), encoding="utf-8")
    for name, audience, width, height, scheme in (
        ("page.png", Audience.TRAVEL, 1280, 1250, "light"),
        ("page-private.png", Audience.PRIVATE, 1280, 1250, "light"),
        ("page-phone.png", Audience.TRAVEL, 390, 1400, "dark"),
    ):
        (OUT / name).write_bytes(page(batch, roster, audience, width=width, height=height, scheme=scheme))
    return 0


def console(batch: Batch, roster: Roster) -> str:
    """The console as the poster sees it, as an SVG that asks no server for a font."""
    view = view_for(batch, roster=roster, rules=RULES, audience=Audience.POSTER)
    screen = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    screen.print(Text(f"$ postguard check {' '.join(SHOWN)}", style="dim"))
    screen.print(Text.from_ansi(render_console(view, width=WIDTH, color=True)))
    plain = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.S).replace("Fira Code", "ui-monospace")
    return screen.export_svg(title="postguard", code_format=plain, unique_id="postguard")


def page(batch: Batch, roster: Roster, audience: Audience, *, width: int, height: int, scheme: str) -> bytes:
    """The page in a browser, as a PNG of the given size."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    view = with_pictures(view_for(batch, roster=roster, rules=RULES, audience=audience), batch, reduced)
    options = webdriver.ChromeOptions()
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "hide-scrollbars", "disable-background-networking"):
        options.add_argument(f"--{flag}")
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(render_html(view), encoding="utf-8")
        browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            browser.get(file.as_uri())
            shot = browser.get_screenshot_as_png()
        finally:
            browser.quit()
    small = io.BytesIO()
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").quantize(colors=255, method=Image.Quantize.FASTOCTREE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    sys.exit(main())
