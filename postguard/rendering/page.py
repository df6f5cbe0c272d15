"""One self-contained HTML page: no script, nothing fetched, readable on a phone, in the dark, on paper and aloud."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from postguard.domain.report import Verdict
from postguard.domain.rules import Severity
from postguard.rendering import wording
from postguard.rendering.markup import Child, Markup, tag
from postguard.rendering.view import (
    Audience,
    ShownDraft,
    ShownFace,
    ShownFinding,
    ShownPassage,
    ShownPicture,
    ShownWaiver,
    View,
)

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The browser itself refuses whatever would leave the page."""
_SIGNS = {True: "✕", False: "✓"}
_LEVELS = {Severity.BLOCK: "stops it", Severity.REVIEW: "to be reviewed", Severity.NOTE: "note"}


def render_html(view: View) -> str:
    """The page. Pictures are in it where `with_pictures` put copies into the view."""
    headline = wording.headline(view)
    word = wording.verdict_word(view.verdict)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{word}: {headline} – postguard"),
        tag("style", Markup(_css())),
    )
    several = len(view.drafts) > 1
    body = tag(
        "body",
        tag("a", "Skip to the drafts", class_="skip", href="#drafts"),
        tag(
            "div",
            tag(
                "header",
                tag("p", "postguard", class_="brand"),
                tag("h1", _verdict(view.verdict), tag("span", headline)),
                *(tag("p", tag("strong", remark)) for remark in view.shared_remarks),
                _for_whom(view),
                _contents(view.drafts) if several else None,
            ),
            tag("main", *(_draft(draft, view) for draft in view.drafts), id="drafts", tabindex="-1"),
            _footer(view),
            class_="page",
        ),
    )
    return f'<!DOCTYPE html>\n<html lang="en-GB">{head}{body}</html>\n'


@cache
def _css() -> str:
    return files("postguard.rendering").joinpath("page.css").read_text(encoding="utf-8")


def _for_whom(view: View) -> Markup:
    if view.audience is Audience.TRAVEL:
        return tag(
            "p",
            "Nobody is named on this page, and faces that are not cleared are covered. "
            "The console tells the poster who they are.",
            class_="soft",
        )
    return tag(
        "p",
        tag("strong", "Private."),
        " This page shows faces that must not be shown. Keep it in school, and delete it when the draft is mended.",
        class_="private",
    )


def _contents(drafts: Iterable[ShownDraft]) -> Markup:
    entries = (
        tag("li", tag("a", _verdict(draft.verdict), tag("span", draft.name), href=f"#{_id(draft)}")) for draft in drafts
    )
    return tag("nav", tag("ol", *entries), aria_label="Drafts")


def _footer(view: View) -> Markup:
    roster = f" Permission was read from {view.roster}." if view.roster else ""
    registers = dict.fromkeys(draft.register for draft in view.drafts)
    return tag(
        "footer",
        tag("p", f"A pass means that nothing was found against a draft. {wording.RESPONSIBLE}"),
        tag("p", f"Made by postguard {view.postguard} on the school's own computer.{roster}"),
        tag("p", f"Register: {', '.join(registers)}") if registers else None,
    )


def _verdict(verdict: Verdict) -> Markup:
    return tag("span", wording.verdict_word(verdict), class_=f"verdict {verdict.value}")


def _id(draft: ShownDraft, picture: ShownPicture | None = None) -> str:
    return f"draft-{draft.number}" + (f"-picture-{picture.number}" if picture else "")


# One draft ------------------------------------------------------------------------------------------


def _draft(draft: ShownDraft, view: View) -> Markup:
    told_apart = view.audience.ids
    against = tag("div", *_against(draft))
    shown = tag("div", *_pictures(draft, told_apart=told_apart), *_words(draft))
    return tag(
        "section",
        tag("h2", _verdict(draft.verdict), tag("span", draft.name), id=_id(draft)),
        tag("p", f"{draft.channel} · {wording.day(draft.date)}", class_="soft"),
        *(tag("p", tag("strong", remark)) for remark in view.own_remarks(draft)),
        tag("div", against, shown, class_="two"),
        class_="draft",
        aria_labelledby=_id(draft),
    )


def _against(draft: ShownDraft) -> Iterator[Markup]:
    stops = [_finding(finding, draft) for finding in draft.failing]
    stops += [_unchecked(item.part, item.reason) for item in draft.unexplained]
    if stops:
        yield tag("h3", "What stands against it")
        yield tag("ol", *stops, class_="findings")
    if draft.waived:
        yield tag("h3", "What somebody answers for")
        yield tag("ol", *(_waiver(waiver, draft) for waiver in draft.waived), class_="findings")
    if draft.notes:
        yield tag("h3", "Notes")
        yield tag("ol", *(_finding(finding, draft) for finding in draft.notes), class_="findings")
    yield tag("h3", "What was looked at")
    passed = draft.verdict is Verdict.PASS
    looked = f"Looked at: {wording.looked_at(draft)}."
    yield tag("p", f"Nothing was found against it. {looked}" if passed else looked)
    if draft.means:
        yield tag("p", wording.means(draft), class_="soft")
    if draft.not_looked_at:
        yield tag("p", f"Not looked at: {'; '.join(draft.not_looked_at)}.")
    if passed:
        yield tag("p", " ".join(filter(None, (wording.heads(draft), wording.RESPONSIBLE))))


def _finding(finding: ShownFinding, draft: ShownDraft) -> Markup:
    return tag("li", *_said(finding, draft, level=finding.severity.value, words=_LEVELS[finding.severity]))


def _waiver(waiver: ShownWaiver, draft: ShownDraft) -> Markup:
    by = f" by {waiver.by}" if waiver.by else ""
    until = f" until {waiver.until}" if waiver.until else ""
    said = _said(waiver.finding, draft, level="lifted", words="answered for")
    return tag("li", *said, tag("p", f"Answered for{by}{until}."))


def _said(finding: ShownFinding, draft: ShownDraft, *, level: str, words: str) -> Iterator[Markup]:
    yield tag(
        "div",
        tag("span", words, class_=f"level {level}"),
        tag("h4", _where(finding, draft)),
        tag("span", f"{finding.rule} {finding.name}", class_="soft"),
        class_="head",
    )
    who = tag("strong", f"{finding.who.label}: ") if finding.who else None
    yield tag("p", who, finding.message)
    if finding.cure and level != "lifted":
        yield tag("p", tag("strong", "What to do: "), finding.cure, class_="todo")


def _where(finding: ShownFinding, draft: ShownDraft) -> Child:
    where = wording.where(finding)
    picture = draft.picture_of(finding.part)
    return tag("a", where, href=f"#{_id(draft, picture)}") if picture else where


def _unchecked(part: str, reason: str) -> Markup:
    return tag(
        "li",
        tag("div", tag("span", "stops it", class_="level block"), tag("h4", wording.place(part)), class_="head"),
        tag("p", f"Could not be checked: {reason}"),
    )


# Pictures -------------------------------------------------------------------------------------------


def _pictures(draft: ShownDraft, *, told_apart: bool) -> Iterator[Markup]:
    if draft.pictures:
        yield tag("h3", "Pictures" if len(draft.pictures) > 1 else "Picture")
    for picture in draft.pictures:
        faces = [face for face in draft.faces if face.part == picture.part or face.part.startswith(f"{picture.part}@")]
        stopped = sum(face.stops for face in faces)
        caption = f"{picture.part}: {wording.count(len(faces), 'face')}"
        if stopped:
            caption += f", {stopped} of them not cleared"
        yield tag(
            "figure",
            _frame(picture, caption) if picture.image else _withheld(picture),
            tag(
                "figcaption",
                f"{caption}.",
                tag("ol", *(_face(face, picture, told_apart=told_apart) for face in faces), class_="faces")
                if faces
                else None,
            ),
            id=_id(draft, picture),
        )


def _withheld(picture: ShownPicture) -> Markup:
    return tag("p", f"Not shown here: {picture.withheld or 'no copy was made'}.", class_="withheld")


def _frame(picture: ShownPicture, caption: str) -> Markup:
    data = b64encode(picture.image or b"").decode("ascii")
    size = {"width": str(picture.width), "height": str(picture.height)} if picture.width else {}
    return tag(
        "div",
        tag("img", src=f"data:image/jpeg;base64,{data}", alt=caption, **size),
        *(_box(face, picture) for face in picture.faces),
        class_="frame",
    )


def _box(face: ShownFace, picture: ShownPicture) -> Markup:
    """A box on the picture. What it says is in the list below it as well, so it is silent for screen readers."""
    box, wide, high = face.region, picture.width or 1, picture.height or 1
    place = (
        f"left:{100 * box.x / wide:.2f}%;top:{100 * box.y / high:.2f}%;"
        f"width:{100 * box.width / wide:.2f}%;height:{100 * box.height / high:.2f}%"
    )
    kind = "stop" if face.stops else "none-known" if face.outcome == "unidentifiable" else "fine"
    label = tag("span", f"{face.number} {_SIGNS[face.stops]}", class_="tag")
    return tag("span", label, class_=f"box {kind}", style=place, aria_hidden="true")


def _face(face: ShownFace, picture: ShownPicture, *, told_apart: bool) -> Markup:
    moment = f"{wording.place(face.part).removeprefix(picture.part).strip(', ')}, " if face.part != picture.part else ""
    who = f", {face.who.label}" if face.who else ""
    near = "; ".join(f"{c.who.label} {c.score:.2f}" for c in face.candidates)
    words = f"{moment}face {face.number}: {wording.outcome_words(face, known_apart=told_apart)}{who}"
    return tag(
        "li", words, tag("span", f" (nearest: {near})", class_="soft") if near else None, data_sign=_SIGNS[face.stops]
    )


# Words ----------------------------------------------------------------------------------------------


def _words(draft: ShownDraft) -> Iterator[Markup]:
    told = [passage for passage in draft.passages if passage.part == "text" or any(p.mark for p in passage.pieces)]
    if told:
        yield tag("h3", "Words")
    for passage in told:
        field = f", {passage.field}" if passage.field else ""
        yield tag("p", f"{wording.place(passage.part)}{field}:", class_="soft")
        yield tag("p", *_marked(passage), class_="words")


def _marked(passage: ShownPassage) -> Iterator[Child]:
    for piece in passage.pieces:
        if not piece.mark:
            yield piece.text
        else:
            yield tag("mark", piece.text, tag("span", f" ({piece.mark} found)", class_="unseen"))
