"""Sentences that several formats share, so that they say the same thing in the same words."""

from datetime import date

from postguard.domain.drafts import DRAFT, TEXT
from postguard.domain.evidence import Region
from postguard.domain.report import Verdict
from postguard.rendering.view import ShownDraft, ShownFace, ShownFinding, View

RESPONSIBLE = "The poster remains responsible."
_MEANS = {"alt": "alt text", "name": "file name", "metadata": "metadata", "picture": "words seen in the picture"}
_OUTCOMES = {
    "cleared": "may be shown",
    "confirmed": "confirmed by the poster",
    "waived": "answered for",
    "unconsented": "may not be shown",
    "unknown": "not known",
    "ambiguous": "cannot be told apart",
    "unclear": "cannot be made out",
    "unidentifiable": "too small for anybody",
}
_PAGED = (".tif", ".tiff", ".heic", ".heif", ".hif")
"""Files that hold several pictures side by side, not one after the other."""


def count(number: int, one: str, many: str | None = None) -> str:
    """`count(0, "face")` is "no face", `count(1, "face")` "1 face", `count(2, "face")` "2 faces"."""
    return f"{number or 'no'} {one if number <= 1 else many or one + 's'}"


def listed(words: tuple[str, ...]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def day(on: date) -> str:
    """ "Monday 23 November 2026"."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def verdict_word(verdict: Verdict) -> str:
    return {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.NONE: "NO VERDICT"}[verdict]


def outcome_words(face: ShownFace, *, known_apart: bool) -> str:
    """What was decided of a face; where the reader may not tell outcomes apart, all that stop are "not cleared"."""
    if face.stops and not known_apart:
        return "not cleared"
    return _OUTCOMES.get(face.outcome, face.outcome)


def place(part: str) -> str:
    """ "the post", "the draft", "class.jpg", "class.jpg, alt text", "clip.gif, at 1.5 seconds"."""
    if part == TEXT:
        return "the post"
    if part == DRAFT:
        return "the draft"
    if part == "pictures":
        return "all pictures"
    name, colon, kind = part.rpartition(":")
    if colon and kind in _MEANS:
        return f"{place(name)}, {_MEANS[kind]}"
    name, at, seconds = part.rpartition("@")
    if at and seconds.replace(".", "", 1).isdigit():
        return f"{name}, page {seconds}" if name.lower().endswith(_PAGED) else f"{name}, at {seconds} seconds"
    return part


def face_place(number: int, of: int) -> str:
    return f"face {number} of {max(number, of)} from the left" if of > 1 else "the only face"


def box(region: Region) -> str:
    """A region as numbers: the left and top edge, and its size, in pixels."""
    return f"{region.x},{region.y} {region.width}×{region.height}"


def where(finding: ShownFinding) -> str:
    """Where it stands, without the box."""
    words = [place(finding.part)]
    if finding.field:
        words.append(finding.field)
    if finding.face is not None:
        words.append(face_place(finding.face, finding.faces))
    return ", ".join(words)


def looked_at(draft: ShownDraft) -> str:
    """ "1 picture, 10 faces and 23 words"; "1 of 2 pictures, …" where one could not be opened."""
    opened = sum(picture.opened for picture in draft.pictures)
    if not opened and not draft.words:
        return "nothing"
    words = count(draft.words, "word")
    if not draft.pictures:
        return words
    pictures = count(len(draft.pictures), "picture")
    if opened < len(draft.pictures):
        pictures = f"{opened} of {pictures}" if opened else "no picture"
    faces = count(draft.people, "face")
    if confirmed := sum(face.outcome == "confirmed" for face in draft.faces):
        faces += f" ({confirmed} by the poster's word)"
    return listed((pictures, faces, words))


def means(draft: ShownDraft) -> str:
    """By which engines; each of `draft.means` is a phrase with commas of its own."""
    return f"How: {'; '.join(draft.means)}." if draft.means else ""


def heads(draft: ShownDraft) -> str:
    """What to say of the number of people; empty where there are no pictures."""
    if not draft.pictures:
        return ""
    found = f"{count(draft.people, 'face')} found".capitalize()
    if draft.poster_counted == draft.people:
        return f"{found}, as many as the poster counted."
    if draft.poster_counted is not None:
        return f"{found}; the poster counted {draft.poster_counted}."
    if not draft.people:
        return f"{found}. If anybody can be seen in a picture, backs of heads too, do not post it yet."
    return (
        f"{found}. Please count: is that everybody who can be seen, backs of heads too? "
        "A face that was missed is the one mistake postguard cannot notice."
    )


def headline(view: View) -> str:
    """The verdict on all drafts, in one sentence."""
    drafts, failed = len(view.drafts), sum(d.verdict is not Verdict.PASS for d in view.drafts)
    if not drafts:
        return "Nothing was checked."
    if drafts == 1:
        return "Do not post this draft as it is." if failed else "Nothing was found against this draft."
    if not failed:
        return f"Nothing was found against these {drafts} drafts."
    if failed == drafts:
        return f"Do not post these {drafts} drafts as they are."
    return f"Do not post {failed} of {drafts} drafts as {'it is' if failed == 1 else 'they are'}."
