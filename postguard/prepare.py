"""The copy of a draft that may be published: covered, stripped, renamed, and checked again from its bytes.

The original is only read. The copy appears in one step, and only when it passes the check; what kept it from
passing stands in the report (docs/prepare.md).
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from postguard.domain.answers import CONFIRMATIONS_FILE, Copied, carried_over
from postguard.domain.cropping import largest_crop, share, within
from postguard.domain.drafts import TEXT, Draft, Picture
from postguard.domain.errors import OutputError
from postguard.domain.evidence import Decision, Evidence, Photograph, Region, people_in_view, picture_of
from postguard.domain.people import Roster
from postguard.domain.policy import ChannelLimits
from postguard.domain.report import Report, Verdict
from postguard.domain.rewording import reworded
from postguard.domain.rules import Finding
from postguard.loading import load_draft
from postguard.pipeline import Guard, Say
from postguard.records.confirmations import save_confirmations
from postguard.records.folders import appear, not_written, room_beside, same_files, taken
from postguard.seeing.clip_copying import copy_clip
from postguard.seeing.clips import CLIP_SUFFIXES, open_clip
from postguard.seeing.copying import MOVING, Copy, copy, cropped
from postguard.seeing.cover import Cover, Style, covered, followed, reach, words_cover
from postguard.seeing.decoding import Opened, Undecodable, open_picture
from postguard.seeing.types import Pixels

POST = "post.md"
_PICTURE = re.compile(r"picture-\d+\.\w+")
SOUND = "the sound, which postguard cannot listen to"
PAGES = "all but the first page"
OUTLIVES_THE_COPY = frozenset({"PG502"})
"""Rules about how a picture was taken. Taking out the notes would hide that, not mend it."""
WORTH_CROPPING = 0.25
"""The least share of a picture that a crop may leave."""
DROWNED = 0.6
"""A face of which this share lies under a neighbour's cover is covered whole."""
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
    gone: tuple[str, ...] = ()
    """What the file held besides and the copy does not, where the poster may miss it."""


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
    unread = tuple(answers.reason for answers in guard.confirmations(draft)[1])
    refused = (*_not_preparable(draft), *unread, *_left_for_good(before.findings))
    if refused:
        return Prepared(before=before, left=refused)
    suggestions = suggest(before, guard.roster)
    room = room_beside(out)
    try:
        return _prepared(draft, out, guard, wish, say, room, Prepared(before=before, suggestions=suggestions))
    except CannotPrepare as trouble:
        return Prepared(before=before, suggestions=suggestions, left=(str(trouble),))
    except OSError as error:
        raise not_written(out, error) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _prepared(draft: Draft, out: Path, guard: Guard, wish: Wish, say: Say, room: Path, so_far: Prepared) -> Prepared:
    pictures: tuple[Done, ...] = ()
    answered = _answered(draft)
    now, report, accepted = draft, so_far.before, so_far.suggestions if wish.accept_text else ()
    for number in range(MOST_ROUNDS):
        say("covering and cleaning")
        folder = room / str(number)
        folder.mkdir()
        done, copies = _write_copy(now, report, guard, wish, folder, accepted)
        consented = guard.roster.may_appear(report.evidence.channel, report.evidence.date)
        answers = carried_over(guard.confirmations(now)[0], copies, consented)
        if answers.faces or answers.names:
            save_confirmations(folder, answers, now=answered)
        pictures = tuple(_together(a, b) for a, b in zip(pictures, done, strict=True)) if pictures else done
        now = load_draft(folder)
        say("checking the copy")
        report = guard.check(now, say)
        wish, accepted = replace(wish, by_hand=(), crop=False), ()
        if not _to_cover(report, guard, wish):
            break
    result = replace(so_far, after=report, pictures=pictures)
    if report.verdict is not Verdict.PASS:
        return replace(result, left=("The copy does not pass the check yet.",))
    if wish.everybody and _to_cover(report, guard, wish):
        return replace(result, left=("A face can still be seen in the copy. Cover it with --cover-person.",))
    unchanged = out.is_dir() and same_files(folder, out)
    if not unchanged:
        appear(folder, out)
    after = replace(report, evidence=replace(report.evidence, draft=load_draft(out)))
    return replace(result, after=after, written=out, unchanged=unchanged)


def _answered(draft: Draft) -> datetime:
    """When the poster last answered about the draft, so that two copies of one draft are the same to the byte."""
    path = draft.path / CONFIRMATIONS_FILE
    return datetime.fromtimestamp(path.stat().st_mtime if path.is_file() else 0, UTC)


def _to_cover(report: Report, guard: Guard, wish: Wish) -> bool:
    """Whether another round would cover anything."""
    if report.verdict is Verdict.PASS and not wish.everybody:
        return False
    evidence = report.evidence
    return any(_plan(picture, evidence, guard, wish).covers for picture in evidence.draft.pictures)


def suggest(report: Report, roster: Roster) -> tuple[Suggestion, ...]:
    """Other words for the text and the alt texts that name somebody."""
    evidence = report.evidence
    texts = [(TEXT, TEXT, evidence.draft.text or "")]
    texts += [(alt.part, f"{alt.part}:alt", alt.text) for alt in evidence.draft.alt]
    suggestions = []
    for part, where, text in texts:
        mentions = [m for m in evidence.mentions if m.part == where]
        spottings = [s for s in evidence.spottings if s.part == where]
        words = reworded(text, mentions, spottings, roster)
        if words != text:
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
    faces: int = 0
    people: int = 0

    @property
    def covers(self) -> tuple[Cover, ...]:
        return (*self.heads, *self.words, *self.by_hand)


def _plan(picture: Picture, evidence: Evidence, guard: Guard, wish: Wish) -> _Plan:
    found = _faces_of(picture, evidence)
    hands = [hand for hand in wish.by_hand if hand.part == picture.part]
    stopped = [d for d in found if wish.everybody or d.outcome.stops]
    if not _is_clip(picture):
        hidden = [*(reach(cover) for d in stopped for cover in _head(d)), *(hand.region for hand in hands)]
        free = [d for d in found if d not in stopped]
        stopped += [d for d in free if any(share(d.face.region, r) > DROWNED for r in hidden)]
    unseen = [h for h in hands if h.person and not any(share(d.face.region, h.region) > 0.5 for d in found)]
    return _Plan(
        heads=tuple(cover for d in stopped for cover in _head(d)),
        words=tuple(words_cover(region) for region in _words_to_cover(picture, evidence, guard)),
        by_hand=tuple(Cover(region=hand.region, head=False) for hand in hands),
        kept=tuple(d.face.region for d in found if d not in stopped and d.is_somebody),
        faces=len(stopped),
        people=people_in_view(stopped) + len(unseen),
    )


def _faces_of(picture: Picture, evidence: Evidence) -> list[Decision]:
    """The faces that the copy will show: all of a clip or an animation, those of the first page of anything else."""
    found = [d for d in evidence.decisions if picture_of(d.face.part) == picture.part]
    kind = next((p.format for p in evidence.photographs if p.part == picture.part), "")
    if kind in MOVING or _is_clip(picture):
        return found
    return [d for d in found if d.face.part in (picture.part, f"{picture.part}@1")]


def _is_clip(picture: Picture) -> bool:
    return picture.path.suffix.lower() in CLIP_SUFFIXES


def _head(decision: Decision) -> tuple[Cover, ...]:
    face = decision.face
    return followed(face.path) if face.path else (Cover(region=face.region, head=True, roll=face.roll),)


def _words_to_cover(picture: Picture, evidence: Evidence, guard: Guard) -> Iterable[Region]:
    """Where words that name somebody, or give a telephone number away, stand in the picture."""
    present = evidence.draft.present
    visitors = [other.name for other in present.others] if present else []
    for passage in evidence.passages:
        if passage.part != f"{picture.part}:picture":
            continue
        spans = [(m.start, m.end) for m in guard.names.find([passage], visitors)]
        spans += [(s.start, s.end) for s in guard.topics.find([passage])]
        for line in passage.lines:
            if any(start < line.end and line.start < end for start, end in spans):
                yield line.region


def _crop(plan: _Plan, opened: Opened, wish: Wish) -> Region | None:
    if not wish.crop or not plan.covers:
        return None
    lose = [reach(cover) for cover in plan.covers]
    heads = [reach(Cover(region=region, head=True)) for region in plan.kept]
    keep = [within(head, opened.width, opened.height) for head in heads]
    found = largest_crop(opened.width, opened.height, lose, keep)
    if found is None or found.width * found.height < WORTH_CROPPING * opened.width * opened.height:
        return None
    return found


def _picture(picture: Picture, number: int, plan: _Plan, wish: Wish, limits: ChannelLimits | None) -> tuple[Done, Copy]:
    crop, gone = None, tuple[str, ...]()
    try:
        if _is_clip(picture):
            clip = open_clip(picture.path)
            made = copy_clip(clip, plan.covers, wish.style, limits.clip_bytes if limits else None)
            before = _size(clip.format, clip.width, clip.height, clip.size)
            gone = (SOUND,)
        else:
            opened = open_picture(picture.path)
            crop = _crop(plan, opened, wish)
            made = copy(opened, _painter(plan, crop, wish.style), limits)
            before = _size(opened.format, opened.width, opened.height, len(opened.data))
            if opened.frame_count > 1 and opened.format not in MOVING:
                gone = (PAGES,)
    except Undecodable as trouble:
        raise CannotPrepare(f"No copy of {picture.part} could be made: {trouble}.") from trouble
    kind = {".jpg": "JPEG"}.get(made.suffix, made.suffix[1:].upper())
    return Done(
        part=picture.part,
        name=f"picture-{number}{made.suffix}",
        faces=plan.faces,
        words=len(plan.words),
        by_hand=len(plan.by_hand),
        people=plan.people,
        crop=crop,
        before=before,
        after=_size(kind, made.width, made.height, len(made.data)),
        untouched=made.as_it_was,
        gone=() if made.as_it_was else gone,
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
    draft: Draft, report: Report, guard: Guard, wish: Wish, folder: Path, accepted: Sequence[Suggestion]
) -> tuple[tuple[Done, ...], dict[str, Copied]]:
    """What was done to each picture, and where answers about it are in its copy."""
    limits = guard.policy.limits_of(report.evidence.channel)
    photographs = {photograph.part: photograph for photograph in report.evidence.photographs}
    pictures, copies = [], {}
    for number, picture in enumerate(draft.pictures, start=1):
        plan = _plan(picture, report.evidence, guard, wish)
        done, made = _picture(picture, number, plan, wish, limits)
        (folder / done.name).write_bytes(made.data)
        pictures.append(done)
        photograph = photographs.get(picture.part)
        if photograph is not None and not _is_clip(picture) and not _moves(photograph):
            copies[photograph.sha256] = _copied(photograph, made, done.crop)
    words = {suggestion.part: suggestion.after for suggestion in accepted}
    if post := _post(draft, pictures, words):
        (folder / POST).write_text(post, encoding="utf-8", newline="")
    return tuple(pictures), copies


def _moves(photograph: Photograph) -> bool:
    return photograph.frames > 1 and photograph.format in MOVING


def _copied(photograph: Photograph, made: Copy, crop: Region | None) -> Copied:
    was = crop or Region(x=0, y=0, width=photograph.width, height=photograph.height)
    sha256 = hashlib.sha256(made.data).hexdigest()
    return Copied(sha256=sha256, origin=(was.x, was.y), scale=made.width / was.width)


def _post(draft: Draft, pictures: Sequence[Done], accepted: Mapping[str, str]) -> str:
    """The post with its front matter for the new names, and the head count without those who are covered."""
    new = {done.part: done for done in pictures}
    front: dict[str, Any] = {"channel": draft.channel, "author": draft.author}
    if draft.present is not None:
        present: dict[str, list[Any]] = {"groups": list(draft.present.groups)}  # even if empty: nobody was there
        if draft.present.people:
            present["people"] = list(draft.present.people)
        if draft.present.others:
            present["others"] = [{"name": who.name, "permission": who.permission} for who in draft.present.others]
        front["present"] = present
    for count in draft.head_counts:
        if count.part is None:
            front["people"] = max(0, count.people - sum(done.people for done in pictures))
        else:
            done = new[count.part]
            front.setdefault("people", {})[done.name] = max(0, count.people - done.people)
    front["alt"] = {new[alt.part].name: accepted.get(alt.part, alt.text) for alt in draft.alt}
    front = {key: value for key, value in front.items() if value not in (None, {}, [])}
    text = accepted.get(TEXT, draft.text or "")
    if not front and not text.startswith("---"):
        return text
    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)}---\n{text}"


def refuse_taken(out: Path, draft: Path) -> None:
    """Raises OutputError where the copy would land on the original, or on something else that is there."""
    if out.resolve() == draft.resolve() or draft.resolve() in out.resolve().parents:
        raise OutputError("The copy must not lie in the draft itself.", hint="Name another folder with -o.")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file.", hint="Name a folder with -o that is not there yet.")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"There is no folder {out.absolute().parent}.", hint="Make it first, or name another.")
    ours = (POST, CONFIRMATIONS_FILE)
    if out.is_dir() and any(file.name not in ours and not _PICTURE.fullmatch(file.name) for file in out.iterdir()):
        raise taken(out)
