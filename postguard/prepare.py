"""The copy of a draft that may be published: covered, stripped, renamed, and checked again from its bytes.

The original is only read. The copy appears in one step, and only when it passes the check; what kept it from
passing stands in the report (docs/prepare.md).
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from postguard.domain.drafts import TEXT, Draft, Picture
from postguard.domain.errors import OutputError
from postguard.domain.evidence import Decision, Evidence, Passage, Region, picture_of
from postguard.domain.policy import ChannelLimits
from postguard.domain.report import Report, Verdict
from postguard.domain.rewording import reworded
from postguard.domain.rules import Finding
from postguard.loading import load_draft
from postguard.pipeline import Guard, Say
from postguard.records.files import sync_folder
from postguard.seeing.copying import Copy, copy, cropped
from postguard.seeing.cover import Cover, Style, covered, reach, words_cover
from postguard.seeing.decoding import Opened, Undecodable, open_picture
from postguard.seeing.types import Pixels

OUTLIVES_THE_COPY = frozenset({"PG502"})
"""Rules about how a picture was taken. Taking out the notes would hide that, not mend it."""
WORTH_CROPPING = 0.25
"""The least share of a picture that a crop may leave."""
MOST_ROUNDS = 3
"""A cover may leave half of the next face: what a round leaves is covered in the next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ByHand:
    """A region of the picture `part` to cover by the poster's word. `person`: somebody who was counted is under it."""

    part: str
    region: Region
    person: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What the poster asked for. `everybody` covers cleared faces too."""

    everybody: bool = False
    style: Style = Style.ELLIPSE
    by_hand: tuple[ByHand, ...] = ()
    crop: bool = False
    accept_text: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What was done to one picture, under its old name (`part`) and its new one."""

    part: str
    name: str
    faces: int = 0
    words: int = 0
    by_hand: int = 0
    people: int = 0
    """How many people of the head count are under a cover or beyond the crop."""
    crop: Region | None = None
    before: str = ""
    after: str = ""
    untouched: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """Words that name nobody, beside the draft's own: `part` is "text" or the picture whose alt text it is."""

    part: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """What came of it. `after` is None when no copy could be made; `left` says why, in plain words."""

    before: Report
    after: Report | None = None
    pictures: tuple[Done, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    left: tuple[str, ...] = ()
    written: Path | None = None
    unchanged: bool = False

    @property
    def ready(self) -> bool:
        return self.written is not None


class CannotPrepare(Exception):
    """A part of the draft of which no copy can be made. Its text is the reason, in plain words."""


def prepare(draft: Draft, out: Path, guard: Guard, wish: Wish, say: Say = lambda words: None) -> Prepared:
    """Make the copy in `out`, which must not be there yet or hold the very same files.

    Raises OutputError where nothing can be written, PostguardError where the guard gives no verdict.
    """
    before = guard.check(draft, say)
    refused = (*_not_preparable(draft), *_left_for_good(before.findings))
    if refused:
        return Prepared(before=before, left=refused)
    suggestions = suggest(before, guard)
    room = _room_beside(out)
    try:
        pictures: tuple[Done, ...] = ()
        report, now, wanted = before, draft, wish
        for number in range(MOST_ROUNDS):
            folder = room / str(number)
            folder.mkdir()
            say("covering and cleaning")
            done = _write_copy(now, report, guard, wanted, folder, suggestions if number == 0 else ())
            pictures = done if not pictures else tuple(_together(a, b) for a, b in zip(pictures, done, strict=True))
            now = load_draft(folder)
            say("checking the copy")
            report = guard.check(now, say)
            if report.verdict is Verdict.PASS or not any(d.outcome.stops for d in report.evidence.decisions):
                break
            wanted = replace(wish, by_hand=(), crop=False)
        result = Prepared(before=before, after=report, pictures=pictures, suggestions=suggestions)
        if report.verdict is not Verdict.PASS:
            return replace(result, left=("The copy does not pass the check yet, so it was not written.",))
        unchanged = out.is_dir() and _same_files(folder, out)
        if not unchanged:
            _appear(folder, out)
        return replace(result, written=out, unchanged=unchanged)
    except CannotPrepare as trouble:
        return Prepared(before=before, suggestions=suggestions, left=(str(trouble),))
    finally:
        shutil.rmtree(room, ignore_errors=True)


def suggest(report: Report, guard: Guard) -> tuple[Suggestion, ...]:
    """Other words for the text and the alt texts that name somebody."""
    draft = report.evidence.draft
    own = [(TEXT, draft.text)] if draft.text is not None else []
    suggestions = []
    for part, text in (*own, *((alt.part, alt.text) for alt in draft.alt)):
        passage = Passage(part=part, text=text)
        words = reworded(text, guard.names.find([passage]), guard.topics.find([passage]), guard.roster)
        if words != text.strip(" "):
            suggestions.append(Suggestion(part=part, before=text, after=words))
    return tuple(suggestions)


def _not_preparable(draft: Draft) -> tuple[str, ...]:
    if draft.problems:
        return ("Put the draft in order first: something in it cannot be read, and the copy would lack it.",)
    if not draft.pictures and draft.text is None:
        return ("There is nothing in the draft.",)
    return ()


def _left_for_good(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(f"{f.message} A copy would only hide that." for f in findings if f.rule in OUTLIVES_THE_COPY)


# --- One picture ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is to be hidden in one picture, and what must stay to be seen."""

    heads: tuple[Cover, ...] = ()
    words: tuple[Cover, ...] = ()
    by_hand: tuple[Cover, ...] = ()
    kept: tuple[Region, ...] = ()
    people: int = 0

    @property
    def covers(self) -> tuple[Cover, ...]:
        return (*self.heads, *self.words, *self.by_hand)


def _plan(picture: Picture, evidence: Evidence, guard: Guard, wish: Wish) -> _Plan:
    decisions = [d for d in evidence.decisions if picture_of(d.face.part) == picture.part]
    stopped = [d for d in decisions if wish.everybody or d.outcome.stops]
    heads = [Cover(region=d.face.region, head=True, roll=d.face.roll) for d in stopped]
    by_hand = [hand for hand in wish.by_hand if hand.part == picture.part]
    hidden = [*map(reach, heads), *(hand.region for hand in by_hand)]
    others = [d for d in decisions if d not in stopped]
    drowned = [d for d in others if any(_share(d.face.region, over) > 0.6 for over in hidden)]
    return _Plan(
        heads=(*heads, *(Cover(region=d.face.region, head=True, roll=d.face.roll) for d in drowned)),
        words=tuple(words_cover(region) for region in _words_to_cover(picture, evidence, guard)),
        by_hand=tuple(Cover(region=hand.region, head=False) for hand in by_hand),
        kept=tuple(d.face.region for d in others if d not in drowned and d.is_somebody),
        people=_fullest((*stopped, *drowned)) + sum(hand.person for hand in by_hand),
    )


def _fullest(decisions: Sequence[Decision]) -> int:
    """How many people these faces are: in an animation the same people are in many frames."""
    frames = [d.face.part for d in decisions if d.is_somebody]
    return max((frames.count(frame) for frame in frames), default=0)


def _words_to_cover(picture: Picture, evidence: Evidence, guard: Guard) -> Iterable[Region]:
    """Where words that name somebody, or give a telephone number away, stand in the picture."""
    for passage in evidence.passages:
        if passage.part != f"{picture.part}:picture":
            continue
        spans = [(m.start, m.end) for m in guard.names.find([passage])]
        spans += [(s.start, s.end) for s in guard.topics.find([passage])]
        for line in passage.lines:
            if any(start < line.end and line.start < end for start, end in spans):
                yield line.region


def _share(of: Region, under: Region) -> float:
    across = min(of.x + of.width, under.x + under.width) - max(of.x, under.x)
    down = min(of.y + of.height, under.y + under.height) - max(of.y, under.y)
    return max(0, across) * max(0, down) / (of.width * of.height)


def largest_crop(width: int, height: int, lose: Sequence[Region], keep: Sequence[Region]) -> Region | None:
    """The largest upright rectangle that touches nothing of `lose` and holds all of `keep`, or None.

    Its sides stand at edges of `lose` or of the picture, so it is among the pairs of left and right edges with the
    widest gap between what lies there.
    """
    lefts = sorted({0, *(min(max(r.x + r.width, 0), width) for r in lose)})
    rights = sorted({width, *(min(max(r.x, 0), width) for r in lose)})
    best: Region | None = None
    for left in lefts:
        for right in rights:
            if right <= left or any(r.x < left or r.x + r.width > right for r in keep):
                continue
            inside = sorted((r.y, r.y + r.height) for r in lose if r.x < right and r.x + r.width > left)
            top = 0
            for begin, end in (*inside, (height, height)):
                bottom = min(begin, height)
                fits = bottom > top and all(top <= r.y and r.y + r.height <= bottom for r in keep)
                if fits and (best is None or (right - left) * (bottom - top) > best.width * best.height):
                    best = Region(x=left, y=top, width=right - left, height=bottom - top)
                top = max(top, end)
    return best


def _crop(plan: _Plan, opened: Opened, wish: Wish) -> Region | None:
    if not wish.crop or not plan.covers:
        return None
    lose = [reach(cover) for cover in plan.covers]
    keep = [reach(Cover(region=region, head=True)) for region in plan.kept]
    whole = Region(x=0, y=0, width=opened.width, height=opened.height)
    keep = [_within(region, whole) for region in keep]
    found = largest_crop(opened.width, opened.height, lose, keep)
    if found is None or found.width * found.height < WORTH_CROPPING * opened.width * opened.height:
        return None
    return found


def _within(region: Region, whole: Region) -> Region:
    left, top = max(region.x, 0), max(region.y, 0)
    right, bottom = min(region.x + region.width, whole.width), min(region.y + region.height, whole.height)
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def _picture(
    picture: Picture, number: int, report: Report, guard: Guard, wish: Wish, limits: ChannelLimits | None
) -> tuple[Done, Copy]:
    try:
        opened = open_picture(picture.path)
        plan = _plan(picture, report.evidence, guard, wish)
        crop = _crop(plan, opened, wish)
        made = copy(opened, _painter(plan, crop, wish.style), limits)
    except Undecodable as trouble:
        raise CannotPrepare(f"No copy of {picture.part} could be made: {trouble}.") from trouble
    return Done(
        part=picture.part,
        name=f"picture-{number}{made.suffix}",
        faces=len(plan.heads),
        words=len(plan.words),
        by_hand=len(plan.by_hand),
        people=plan.people,
        crop=crop,
        before=_size(opened.format, opened.width, opened.height, len(opened.data)),
        after=_size(
            {".jpg": "JPEG"}.get(made.suffix, made.suffix[1:].upper()), made.width, made.height, len(made.data)
        ),
        untouched=made.as_it_was,
    ), made


def _painter(plan: _Plan, crop: Region | None, style: Style) -> Callable[[Pixels], Pixels] | None:
    if crop is not None:
        return lambda pixels: cropped(pixels, crop)
    if plan.covers:
        return lambda pixels: covered(pixels, plan.covers, style)
    return None


def _size(kind: str, width: int, height: int, size: int) -> str:
    return f"{kind} {width} × {height}, {size / 1000:,.0f} kB"


def _together(first: Done, second: Done) -> Done:
    return replace(
        first,
        name=second.name,
        faces=first.faces + second.faces,
        words=first.words + second.words,
        people=first.people + second.people,
        after=second.after,
    )


# --- The folder ----------------------------------------------------------------------------------------------------


def _write_copy(
    draft: Draft, report: Report, guard: Guard, wish: Wish, folder: Path, suggestions: tuple[Suggestion, ...]
) -> tuple[Done, ...]:
    limits = guard.policy.limits_of(report.evidence.channel)
    pictures = []
    for number, picture in enumerate(draft.pictures, start=1):
        done, made = _picture(picture, number, report, guard, wish, limits)
        (folder / done.name).write_bytes(made.data)
        pictures.append(done)
    accepted = {s.part: s.after for s in suggestions} if wish.accept_text else {}
    (folder / "post.md").write_text(_post(draft, pictures, accepted), encoding="utf-8", newline="")
    return tuple(pictures)


def _post(draft: Draft, pictures: Sequence[Done], accepted: Mapping[str, str]) -> str:
    """The post with its front matter for the new names, and the head count without those who are covered."""
    new = {done.part: done for done in pictures}
    front: dict[str, Any] = {"channel": draft.channel, "author": draft.author}
    if draft.present is not None:
        front["present"] = {
            "groups": list(draft.present.groups),
            "people": list(draft.present.people),
            "others": [{"name": other.name, "permission": other.permission} for other in draft.present.others],
        }
    for count in draft.head_counts:
        if count.part is None:
            front["people"] = max(0, count.people - sum(done.people for done in pictures))
        else:
            done = new[count.part]
            front.setdefault("people", {})[done.name] = max(0, count.people - done.people)
    front["alt"] = {new[alt.part].name: accepted.get(alt.part, alt.text) for alt in draft.alt}
    front = {key: value for key, value in front.items() if value not in (None, {}, [])}
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000) if front else ""
    return f"---\n{head}---\n{accepted.get(TEXT, draft.text or '')}"


def _room_beside(out: Path) -> Path:
    """A hidden folder on the same disk as `out`. What a killed run left there is swept away first."""
    parent = out.absolute().parent
    try:
        for left in parent.glob(f".{out.name}-*.part"):
            shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".part", dir=parent))
    except OSError as error:
        raise OutputError(
            f"Nothing can be written beside {out} ({error.strerror}).", hint="Choose another place with -o."
        ) from error


def _same_files(folder: Path, out: Path) -> bool:
    ours, theirs = ({p.name: p.read_bytes() for p in place.iterdir() if p.is_file()} for place in (folder, out))
    return ours == theirs


def refuse_taken(out: Path, draft: Path) -> None:
    """Raises OutputError where the copy would land on the original, or on something else that is there."""
    if out.resolve() == draft.resolve() or draft.resolve() in out.resolve().parents:
        raise OutputError("The copy must not lie in the draft itself.", hint="Name another folder with -o.")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file.", hint="Name a folder with -o that is not there yet.")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"There is no folder {out.absolute().parent}.", hint="Make it first, or name another.")


def _appear(folder: Path, out: Path) -> None:
    """The folder takes its place in one step, its files safe on the disk before."""
    try:
        for file in folder.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        sync_folder(folder)
        if out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        if out.exists():
            raise OutputError(
                f"{out} is already there and holds something else.",
                hint="Delete it, or name another folder with -o. Nothing in it was changed.",
            )
        folder.rename(out)
        sync_folder(out.absolute().parent)
    except OSError as error:
        raise OutputError(
            f"The copy could not be put at {out} ({error.strerror}).", hint="Choose another place with -o."
        ) from error
