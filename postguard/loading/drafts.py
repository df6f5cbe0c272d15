"""Drafts: a folder with the words and pictures that somebody wants to post.

Nothing in a draft is skipped in silence: what is not a picture, the text or an alt text becomes a
problem, and a problem fails the draft (PG901). Reasons never hold names of files or people.
"""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from postguard.domain.drafts import DRAFT, TEXT, AltText, Draft, HeadCount, Picture, Present, Unchecked, Visitor
from postguard.domain.errors import NothingToCheck, UsageError
from postguard.domain.people import Roster
from postguard.loading import marked_yaml
from postguard.loading.files import (
    MEDIA,
    NEVER_IN_A_DRAFT,
    ROSTERS,
    WORDS,
    as_typed,
    leaves,
    like_it,
    media_suffix,
    passed_over,
)
from postguard.loading.marked_yaml import Fields, Listing, Mapping, Node, Problems, Scalar, Unreadable
from postguard.loading.text import LONGEST, NotText, decode

POST_KEYS = ("channel", "author", "present", "people", "alt")
MOST_PEOPLE = 10_000
_FENCE = re.compile(r"\s*-{3,}\s*")
_KEY = re.compile(r"\s*(?:channel|author|present|people|alt)\s*:")
_FOR_POSTGUARD = re.compile(
    r"[\s*_]*(?:(?i:channel)[*_]*\s*[:=][\s*_]*[\"']?[a-z]+[\"']?|(?i:people)\s*[:=]\s*(?:[0-9]+|\{.*)|(?i:present|alt)\s*[:=]\s*(?:\{.*)?"
    r"|author\s*[:=].*)\s*"
)
_MEANT_FOR_POSTGUARD = (
    "Lines at the top look as if they told postguard something, and would be published as they are. "
    "Put them at the very top, between two lines of ---, or take them out."
)
_TOP_LINES = 15
_COUNT = re.compile(r"[0-9]{1,6}")


def find_drafts(path: Path) -> tuple[Path, ...]:
    """The draft itself, or the drafts of a batch in the order of their names.

    A folder with anything but folders directly in it is one draft; `load_draft` then says what is mixed.
    Raises UsageError for a path that is not a folder, NothingToCheck for an empty one.
    """
    try:
        if path.is_dir():
            entries = [entry for entry in sorted(path.iterdir()) if not passed_over(entry)]
            is_batch = all(entry.is_dir() for entry in entries)
        elif path.exists():
            raise UsageError(
                f"{path} is a file, and a draft is a folder.",
                hint='Give the folder it is in, or check single pictures with: postguard check --text "…" PICTURE…',
            )
        else:
            raise UsageError(f"There is nothing at {path}.", hint=like_it(path) or "Look how the path is spelt.")
    except OSError as error:
        raise UsageError(f"{path} cannot be opened ({error.strerror}).", hint="Look whether you may read it.") from None
    if _is_the_school(entries):
        raise UsageError(
            f"{path} is the school's folder, not a draft.",
            hint=f"Give one draft, or a folder of drafts: {path / 'drafts'}.",
        )
    if not entries:
        raise NothingToCheck(f"There is nothing in {path}.", hint="Put the post's text and pictures into it.")
    return tuple(entries) if is_batch else (path,)


def _is_the_school(entries: Sequence[Path]) -> bool:
    """Whether a roster lies here and nothing that could be posted. With words or a picture beside it, it is a draft."""
    names = {entry.name.casefold() for entry in entries}
    return bool(names & ROSTERS) and not any(media_suffix(name) in MEDIA | WORDS for name in names)


def load_draft(path: Path) -> Draft:
    """Everything in a draft's folder, with every oddity as a problem. Never raises for what it finds."""
    name = path.resolve().name
    found = _Folder(path)
    if name.startswith("."):
        found.problem(_printable(name), "A hidden folder. Rename it without the dot in front, or remove it.")
    post, texts = _post(found)
    problems = found.problems + post.problems
    alt = _alt_texts(found, post, problems)
    if post.text is None and not found.pictures and not problems:
        problems.append(
            Unchecked(part=DRAFT, reason="There are no words and no pictures here. Remove the folder or fill it.")
        )
    problems += [
        Unchecked(part=_printable(extra.name), reason="A second text. Keep one as the post, and remove the other.")
        for extra in texts[1:]
    ]
    return Draft(
        name=_printable(name),
        path=path,
        channel=post.channel,
        author=post.author,
        text=post.text,
        pictures=tuple(found.pictures),
        alt=alt,
        present=post.present,
        head_counts=post.head_counts,
        problems=tuple(problems),
    )


def draft_from_words(text: str | None, pictures: Sequence[Path]) -> Draft:
    """A draft without a folder: words from the command line, pictures from anywhere.

    Raises UsageError for a picture that is not there, NothingToCheck for neither words nor pictures.
    """
    words = text if text is not None and text.strip() else None
    if words is None and not pictures:
        raise NothingToCheck("There are no words and no pictures to check.", hint='Say: postguard check --text "…"')
    taken: set[str] = set()
    kept: list[Picture] = []
    problems: list[Unchecked] = []
    for picture in pictures:
        _refuse_no_file(picture)
        part = _unlike(taken, _printable(picture.name))
        taken.add(part)
        trouble = _trouble(picture, None)
        if trouble is None and media_suffix(picture.name) in MEDIA:
            kept.append(Picture(part=part, path=picture))
        else:
            problems.append(Unchecked(part=part, reason=trouble or _NOT_UNDERSTOOD))
    return Draft(name="post", path=Path(), text=words, pictures=tuple(kept), problems=tuple(problems))


def _refuse_no_file(picture: Path) -> None:
    try:
        there, folder = picture.exists(), picture.is_dir()
    except OSError as error:
        raise UsageError(f"{picture} cannot be opened ({error.strerror}).", hint="Look how it is spelt.") from None
    if not there:
        raise UsageError(f"There is no picture at {picture}.", hint=like_it(picture) or "Look how it is spelt.")
    if folder:
        raise UsageError(f"{picture} is a folder.", hint="Give a folder without --text, or name the pictures in it.")


def _unlike(taken: set[str], part: str) -> str:
    """A part no other picture has: two folders may hold an IMG_1.jpg each."""
    stem, suffix = Path(part).stem, Path(part).suffix
    numbered = (f"{stem}~{number}{suffix}" for number in count(2))
    return part if part not in taken else next(name for name in numbered if name not in taken)


def check_present(draft: Draft, roster: Roster) -> tuple[Unchecked, ...]:
    """What `present` names that the roster does not know."""
    if draft.present is None:
        return ()
    ids = {person.id for person in roster.people}
    unknown = [
        *_ordinals("group", draft.present.groups, roster.groups, "Write it as the roster does."),
        *_ordinals(
            "person", draft.present.people, ids, "Write the person's id; who is not on the roster goes to others."
        ),
    ]
    return tuple(Unchecked(part=TEXT, reason=reason) for reason in unknown)


_NOT_UNDERSTOOD = (
    "Nobody here understands this kind of file. Remove it from the draft, "
    "or save it as a picture (jpg, png) or as text (txt)."
)


def _ordinals(what: str, named: Sequence[str], known: frozenset[str] | set[str], cure: str) -> list[str]:
    return [
        f"{what.capitalize()} number {number} under `present` is not on the roster. {cure}"
        for number, name in enumerate(named, start=1)
        if name not in known
    ]


def _printable(name: str) -> str:
    """A file name as text that can be printed: bytes that are no UTF-8, and control characters, become marks."""
    whole = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() or character == " " else "\ufffd" for character in whole)


def _trouble(entry: Path, folder: Path | None) -> str | None:
    """What keeps a file from being looked at, before it is opened. A pipe, for one, would never end."""
    if folder is not None and leaves(entry, folder):
        return "A link that leads out of the draft, or nowhere. Put the file itself here."
    try:
        mode = entry.stat().st_mode
    except OSError:
        return "This cannot be opened. Look whether you may read it."
    if stat.S_ISDIR(mode):
        return "A folder inside a draft. Move it out; or, if this is a week of drafts, give each post its own folder."
    if not stat.S_ISREG(mode):
        return "This is not an ordinary file. Remove it."
    return None


class _Folder:
    """A draft's entries, sorted into pictures, words, alt texts and problems."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pictures: list[Picture] = []
        self.texts: list[Path] = []
        self.alt_files: list[tuple[str, Path]] = []
        self.problems: list[Unchecked] = []
        try:
            entries = sorted(path.iterdir())
        except OSError:
            self.problem(_printable(path.name), "This folder cannot be opened. Look whether you may read it.")
            return
        for entry in entries:
            if not passed_over(entry):
                self._take(entry)

    def problem(self, part: str, reason: str) -> None:
        self.problems.append(Unchecked(part=part, reason=reason))

    def _take(self, entry: Path) -> None:
        part = _printable(entry.name)
        suffix, stem = media_suffix(entry.name), entry.name[: -len(entry.suffix)] if entry.suffix else entry.name
        trouble = _trouble(entry, self.path)
        if entry.name.casefold() in NEVER_IN_A_DRAFT:
            self.problem(
                part, "This belongs beside the school's roster. A draft never brings its own consent: move it out."
            )
        elif trouble is not None:
            self.problem(part, trouble)
        elif entry.name.startswith("."):
            self.problem(part, "A hidden file. Remove it, or rename it without the dot in front.")
        elif part != entry.name:
            self.problem(part, "The file's name holds characters that cannot be shown. Rename the file.")
        elif suffix in MEDIA:
            self.pictures.append(Picture(part=part, path=entry))
        elif suffix == "txt" and media_suffix(stem) in MEDIA:
            self.alt_files.append((stem, entry))
        elif suffix in WORDS:
            self.texts.append(entry)
        else:
            self.problem(part, _NOT_UNDERSTOOD)


@dataclass(kw_only=True, slots=True)
class _Post:
    """What the text file says, with its front matter taken apart."""

    text: str | None = None
    channel: str | None = None
    author: str | None = None
    present: Present | None = None
    head_counts: tuple[HeadCount, ...] = ()
    alt: tuple[AltText, ...] = ()
    problems: list[Unchecked]


def _read_words(path: Path) -> str:
    """Raises NotText, with the reason for the user."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError:
        raise NotText("This cannot be opened. Look whether you may read it.") from None
    if len(data) > LONGEST:
        raise NotText("This is far too long for a post. Shorten it.")
    words = decode(data)
    if not words.strip():
        raise NotText("An empty text. Write the words, or remove the file.")
    return words


def _post(found: _Folder) -> tuple[_Post, list[Path]]:
    """The post, and all files that could be it: `post.md` first."""
    texts = sorted(found.texts, key=lambda path: (path.name.casefold() != "post.md", path.name))
    if not texts:
        return _Post(problems=[]), texts
    try:
        words = _read_words(texts[0])
    except NotText as why:
        return _Post(problems=[Unchecked(part=TEXT, reason=str(why))]), texts
    lines = words.split("\n")
    start = next(number for number, line in enumerate(lines) if line.strip())
    if not _begins(lines[start], lines[start + 1 : start + 2]):
        meant = any(_FOR_POSTGUARD.fullmatch(line) for line in lines[start : start + _TOP_LINES])
        problems = [Unchecked(part=TEXT, reason=_MEANT_FOR_POSTGUARD)] if meant else []
        return _Post(text=words, problems=problems), texts
    end = next((number for number in range(start + 1, len(lines)) if _FENCE.fullmatch(lines[number])), None)
    if end is None:
        reason = "The text begins with --- and the part between two lines of --- is never closed. Add the second line."
        return _Post(text=words, problems=[Unchecked(part=TEXT, reason=reason)]), texts
    post = _front_matter("\n".join(lines[start + 1 : end]), start + 2, {picture.part for picture in found.pictures})
    body = "\n".join(lines[end + 1 :])
    if post.problems:
        body = words  # nobody can tell what of it would be published
    return replace(post, text=body if body.strip() else None), texts


def _begins(line: str, following: Sequence[str]) -> bool:
    """Whether a line begins what is meant for postguard. More than three dashes may be there for their looks."""
    if line.strip() == "---":
        return True
    return bool(_FENCE.fullmatch(line)) and any(_KEY.match(after) for after in following)


def _front_matter(text: str, first_line: int, pictures: set[str]) -> _Post:
    problems = Problems(first_line=first_line)
    post = _Post(problems=[])
    try:
        root = marked_yaml.parse(text)
    except Unreadable as error:
        for problem in error.problems:
            problems.add(problem.line, problem.text)
    else:
        if root is not None:
            fields = Fields(root, POST_KEYS, problems, "the part between the two lines of ---")
            post.channel = fields.text("channel")
            post.author = fields.text("author")
            post.present = _present(fields.node("present"), problems)
            post.head_counts = _head_counts(fields.node("people"), pictures, problems)
            post.alt = _alt(fields.node("alt"), problems)
    post.problems = [Unchecked(part=TEXT, reason=_sentence(words)) for words in problems.sentences()]
    return post


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _present(node: Node | None, problems: Problems) -> Present | None:
    if node is None:
        return None
    fields = Fields(node, ("groups", "people", "others"), problems, "present")
    others = fields.node("others")
    if others is not None and not isinstance(others, Listing):
        problems.add(others, "others must be a list, as in others: [{name: visiting author, permission: e-mail}].")
        others = None
    visitors = [_visitor(item, problems) for item in others.items] if isinstance(others, Listing) else []
    return Present(groups=fields.texts("groups"), people=fields.texts("people"), others=tuple(visitors))


def _visitor(node: Node, problems: Problems) -> Visitor:
    fields = Fields(node, ("name", "permission"), problems, "each of the others")
    for key in ("name", "permission"):
        if key not in fields:
            problems.add(node, f"each of the others needs a {key}.")
    return Visitor(name=fields.text("name") or "", permission=fields.text("permission") or "")


def _head_counts(node: Node | None, pictures: set[str], problems: Problems) -> tuple[HeadCount, ...]:
    """`people: 10` counts all pictures together; `people: {IMG_1.jpg: 10}` counts each."""
    if node is None:
        return ()
    if isinstance(node, Scalar):
        count = _count(node, problems)
        return (HeadCount(part=None, people=count),) if count is not None else ()
    if not isinstance(node, Mapping):
        problems.add(node, "people must be a number, or one for each picture, as in {IMG_1.jpg: 10}.")
        return ()
    here = {as_typed(part): part for part in pictures}
    counts: dict[str, HeadCount] = {}
    for key, value in node.entries:
        part = here.get(as_typed(key.text)) if isinstance(key, Scalar) else None
        count = _count(value, problems)
        if part is None:
            problems.add(key, "people counts a picture that is not here. Write its name as the file's.")
        elif part in counts:
            problems.add(key, "people counts this picture twice. Keep one.")
        elif count is not None:
            counts[part] = HeadCount(part=part, people=count)
    return tuple(counts.values())


def _count(node: Node, problems: Problems) -> int | None:
    if isinstance(node, Scalar) and _COUNT.fullmatch(node.text) and int(node.text) <= MOST_PEOPLE:
        return int(node.text)
    problems.add(node, "people must be a whole number, as in people: 10.")
    return None


def _alt(node: Node | None, problems: Problems) -> tuple[AltText, ...]:
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        problems.add(node, "alt must name each picture, as in alt: {IMG_1.jpg: Children planting a tree}.")
        return ()
    texts = []
    for key, value in node.entries:
        if not isinstance(key, Scalar) or not isinstance(value, Scalar):
            problems.add(key, "alt must name a picture and its words, as in IMG_1.jpg: Children planting a tree.")
        elif not value.text.strip():
            problems.add(value, "this alt text is empty. Write it, or remove the line.")
        else:
            texts.append(AltText(part=key.text, text=value.text))
    return tuple(texts)


def _alt_texts(found: _Folder, post: _Post, problems: list[Unchecked]) -> tuple[AltText, ...]:
    """Alt texts from the front matter and from files, for pictures that are there."""
    texts = [(TEXT, alt) for alt in post.alt]
    for part, path in found.alt_files:
        try:
            texts.append((path.name, AltText(part=part, text=_read_words(path))))
        except NotText as why:
            problems.append(Unchecked(part=path.name, reason=str(why)))
    here = {as_typed(picture.part): picture.part for picture in found.pictures}
    kept: dict[str, AltText] = {}
    for where, alt in texts:
        name = here.get(as_typed(alt.part))
        if name is None:
            reason = "An alt text for a picture that is not here. Add the picture, or remove the alt text."
            problems.append(Unchecked(part=where, reason=reason))
        elif name in kept:
            problems.append(Unchecked(part=where, reason="A second alt text for the same picture. Keep one."))
        else:
            kept[name] = AltText(part=name, text=alt.text)
    return tuple(kept.values())
