"""The HTML page, as text and in a real browser.

The browser tests skip where there is no Chromium; with POSTGUARD_REQUIRE_CHROMIUM=1 that is a failure.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from render_scenes import ROSTER, RULES, SCENES, class_batch

from postguard.domain.report import Batch
from postguard.rendering import Audience, render_html, view_for, with_pictures
from postguard.rendering.markup import Markup, tag
from postguard.seeing.thumbnails import reduced

PHONE, DESK = 360, 1280
AUDIENCES = (Audience.TRAVEL, Audience.PRIVATE)


def page(scene: Batch, audience: Audience) -> str:
    view = view_for(scene, roster=ROSTER, rules=RULES, audience=audience)
    return render_html(with_pictures(view, scene, reduced))


class Reader(HTMLParser):
    """Reads a page strictly: every element that opens must close, in order."""

    EMPTY = frozenset({"meta", "img", "br", "!doctype"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("scene", [*sorted(SCENES), "class"])
def test_every_page_is_whole_and_fetches_and_runs_nothing(scene: str, audience: Audience) -> None:
    text = page(class_batch() if scene == "class" else SCENES[scene], audience)
    text.encode()
    names = {name for name, _ in read(text).tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "base", "video", "audio"}
    for name, attributes in read(text).tags:
        assert not any(key.startswith("on") for key in attributes)
        for key in ("src", "href", "srcset", "background"):
            assert re.match(r"#|data:image/jpeg;base64,", attributes.get(key) or "#"), (name, key)
    assert "url(" not in text and "@import" not in text


def test_words_of_a_draft_never_become_markup() -> None:
    text = page(class_batch(), Audience.PRIVATE)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert tag("p", "<b>&", Markup("<i></i>"), title='"x"') == '<p title="&quot;x&quot;">&lt;b&gt;&amp;<i></i></p>'


def test_what_travels_names_nobody_and_private_pages_say_that_they_are() -> None:
    travels, private = (re.sub(r"base64,[^\"]+", "", page(class_batch(), audience)) for audience in AUDIENCES)
    for name in ("Aoife", "Jamie", "P01", "P02", "S01", "01698"):
        assert name not in travels
    assert "PG101" not in travels and "PG100" in travels
    assert "Private." in private and "Private." not in travels
    assert "P02" in private and "PG101" in private
    assert re.search(r"<mark>Aoife<span", private)
    assert re.search(r"<mark>\[name\]<span", travels)


def test_verdicts_outcomes_and_marks_are_never_told_by_colour_alone() -> None:
    reader = read(page(class_batch(), Audience.PRIVATE))
    boxes = [attributes for name, attributes in reader.tags if (attributes.get("class") or "").startswith("box")]
    assert [box["class"] for box in boxes] == ["box fine"] * 3 + ["box stop"] * 2 + ["box fine"]
    text = page(class_batch(), Audience.PRIVATE)
    assert "4 ✕" in text and "1 ✓" in text and "(name found)" in text


# In a browser ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not chromium or not driver:
        if os.environ.get("POSTGUARD_REQUIRE_CHROMIUM") == "1":
            pytest.fail("POSTGUARD_REQUIRE_CHROMIUM=1, but chromium or chromedriver is not installed")
        pytest.skip("no chromium and chromedriver here: apt-get install chromium chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "disable-background-networking"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(driver))
    yield running
    running.quit()


@pytest.fixture(scope="module", params=AUDIENCES, ids=lambda audience: audience.value)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(class_batch(), request.param), encoding="utf-8")
    return path.as_uri()


def show(browser: Any, address: str, *, width: int, scheme: str = "light", media: str = "screen") -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get(address)


def rectangles(browser: Any, selector: str) -> list[dict[str, float]]:
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.getBoundingClientRect().toJSON())"
    found: list[dict[str, float]] = browser.execute_script(script, selector)
    return found


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_is_wider_than_the_screen(browser: Any, address: str, width: int) -> None:
    show(browser, address, width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    for box in rectangles(browser, ".draft, .frame img, .findings li, nav a, h1, .words"):
        assert box["left"] >= 0 and box["right"] <= width + 0.5


def test_columns_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(browser: Any, address: str) -> None:
    for width, beside in ((DESK, True), (PHONE, False)):
        show(browser, address, width=width)
        first, second = rectangles(browser, ".two > div")[:2]
        assert (second["left"] >= first["right"]) is beside
        assert (second["top"] >= first["bottom"]) is not beside


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_boxes_lie_on_their_faces_and_their_numbers_can_be_read(browser: Any, address: str, width: int) -> None:
    show(browser, address, width=width)
    image = rectangles(browser, ".frame img")[0]
    boxes = rectangles(browser, ".box")
    assert len(boxes) == 6
    for box, (x, y) in zip(
        boxes, ((223, 190), (581, 93), (890, 220), (1255, 204), (354, 581), (769, 570)), strict=True
    ):
        assert box["left"] - image["left"] == pytest.approx(x / 1600 * image["width"], abs=2)
        assert box["top"] - image["top"] == pytest.approx(y / 1000 * image["height"], abs=2)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.tag')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


def test_the_browser_has_nothing_to_complain_of_and_nothing_leaves_the_page(browser: Any, address: str) -> None:
    browser.get_log("browser"), browser.get_log("performance")
    show(browser, address, width=DESK)
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert address in asked
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert [url for url in asked if url.startswith("file:")] == [address]


def test_pictures_are_there(browser: Any, address: str) -> None:
    show(browser, address, width=DESK)
    assert browser.execute_script("return [...document.images].map(i => i.complete && i.naturalWidth)") == [1024]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_barrier(browser: Any, address: str, width: int, scheme: str) -> None:
    show(browser, address, width=width, scheme=scheme)
    browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, e => done({violations: [String(e)]}))"
    )
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert len(found["passes"]) > 15


def test_the_keyboard_reaches_the_skip_link_first_and_then_every_link(browser: Any, address: str) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, address, width=DESK)
    links = browser.execute_script("return document.querySelectorAll('a').length")
    reached = []
    for _ in range(links):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element)
    assert reached[0].get_attribute("class") == "skip"
    assert len(set(reached)) == links
    outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_dark_and_light_differ_and_paper_has_no_navigation(browser: Any, address: str) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    colours = []
    for scheme in ("light", "dark"):
        show(browser, address, width=DESK, scheme=scheme)
        colours.append(browser.execute_script(paper))
    assert colours == ["rgb(251, 250, 247)", "rgb(22, 24, 28)"]
    show(browser, address, width=DESK, scheme="dark", media="print")
    assert browser.execute_script(paper) == "rgb(255, 255, 255)"
    assert browser.execute_script("return getComputedStyle(document.querySelector('nav')).display") == "none"
