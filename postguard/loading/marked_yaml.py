"""YAML with its lines remembered, and every scalar left as the text that stands there.

An ordinary YAML reader turns the surname No into False, the id 001 into 1, and keeps the last of two
equal keys in silence. Here a file becomes `Scalar`, `Listing` and `Mapping` nodes; `Fields` takes a
mapping apart and notes every problem, with its line, instead of stopping at the first.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import yaml

T = TypeVar("T")

DEEPEST = 20
"""Nesting levels. No file of ours needs more, and libyaml's own composer crashes the process at many."""

_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOTHING = re.compile(r"~|null|Null|NULL|")
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_RESERVED = _TRUE | _FALSE | {"null", "~", ""}
_NUMBER = re.compile(
    r"[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?|0[xo][0-9a-fA-F]+|\d+(:\d+)+|[-+]?\.(inf|nan)", re.I
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong in a file: `line` counts from 1."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """`plain` is text without quotes: what other YAML readers may take for a number, a date or a yes.

    Of every node, `line` counts from 1, and [start, end) is where it stands in the text, in code points.
    """

    text: str
    plain: bool
    line: int
    start: int
    end: int

    @property
    def reserved(self) -> bool:
        """Whether YAML keeps this word for itself (No, Yes, Null, ~) so that it must be quoted to be text."""
        return self.plain and self.text.casefold() in _RESERVED

    @property
    def numeric(self) -> bool:
        return self.plain and _NUMBER.fullmatch(self.text) is not None

    @property
    def nothing(self) -> bool:
        return self.plain and _NOTHING.fullmatch(self.text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """`flow`: written in brackets. Otherwise it ends where its last item ends."""

    items: tuple["Node", ...]
    flow: bool
    line: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """Entries in the file's order; a key may stand there twice."""

    entries: tuple[tuple["Node", "Node"], ...]
    flow: bool
    line: int
    start: int
    end: int

    def entry(self, key: str) -> "tuple[Scalar, Node] | None":
        """The first entry with this key."""
        for name, value in self.entries:
            if isinstance(name, Scalar) and name.text == key:
                return name, value
        return None

    def value(self, key: str) -> "Node | None":
        entry = self.entry(key)
        return entry[1] if entry else None


Node = Scalar | Listing | Mapping


class Unreadable(Exception):
    """The text is not YAML, or not the plain YAML that is understood here. Holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("unreadable YAML")
        self.problems = tuple(problems)


def parse(text: str) -> Node | None:
    """The document as nodes, or None when there is nothing in it. Raises Unreadable."""
    tabs = [
        Problem(line=number, text="a tab stands before the words. Use spaces instead of the tab.")
        for number, line in enumerate(text.split("\n"), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if tabs:
        raise Unreadable(tabs)
    try:
        return _build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise Unreadable([_explained(error, text)]) from None
    except yaml.YAMLError:
        raise Unreadable([_invisible(text)]) from None


def _build(events: Iterator[yaml.Event]) -> Node | None:
    """Nodes from the parser's events, without recursion."""
    root: Node | None = None
    open_nodes: list[tuple[yaml.CollectionStartEvent, list[Node]]] = []
    documents = 0
    for event in events:
        node: Node | None = None
        if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
            documents += isinstance(event, yaml.DocumentStartEvent)
            _refuse_cleverness(event, documents, len(open_nodes))
        if isinstance(event, yaml.ScalarEvent):
            line, start, end = _span(event, event)
            node = Scalar(text=event.value, plain=not event.style, line=line, start=start, end=end)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = _collection(*open_nodes.pop(), event)
        if node is not None and open_nodes:
            open_nodes[-1][1].append(node)
        elif node is not None:
            root = node
    return None if isinstance(root, Scalar) and root.nothing else root


def _collection(opened: yaml.CollectionStartEvent, children: list[Node], closed: yaml.Event) -> Node:
    line, start, end = _span(opened, closed)
    if not opened.flow_style and children:
        end = children[-1].end
    if isinstance(opened, yaml.SequenceStartEvent):
        return Listing(items=tuple(children), flow=bool(opened.flow_style), line=line, start=start, end=end)
    entries = tuple(zip(children[::2], children[1::2], strict=True))
    return Mapping(entries=entries, flow=bool(opened.flow_style), line=line, start=start, end=end)


def _span(first: yaml.Event, last: yaml.Event) -> tuple[int, int, int]:
    """Line, start and end."""
    if first.start_mark is None or last.end_mark is None:
        return 1, 0, 0
    return first.start_mark.line + 1, first.start_mark.index, last.end_mark.index


def _refuse_cleverness(event: yaml.Event, documents: int, depth: int) -> None:
    """What YAML can do and no file of ours needs: it only hides mistakes."""
    line, _, _ = _span(event, event)
    if documents > 1:
        raise _refused(line, "a line --- begins a second document. Remove that line.")
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _refused(line, "& and * (YAML's shortcuts) are not understood here. Write it out, or put it in quotes.")
    if getattr(event, "tag", None) not in (None, "!"):
        raise _refused(line, "! (a YAML tag) is not understood here. Leave it out, or put the words in quotes.")
    if depth > DEEPEST:
        raise _refused(line, "brackets or indentation go deeper than anything here needs.")


def _refused(line: int, text: str) -> Unreadable:
    return Unreadable([Problem(line=line, text=text)])


def _explained(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.split("\n")
    at = lines[mark.line][mark.column : mark.column + 1] if mark and mark.line < len(lines) else ""
    said = str(error.problem)
    if at == "\t" or "tab character" in said:
        return Problem(line=line, text="a tab stands here. Use spaces instead of the tab.")
    if at and at in "@`%":
        return Problem(line=line, text=f'words that begin with {at} must stand in quotes, as in "{at}…".')
    if "mapping values are not allowed" in said:
        return Problem(
            line=line,
            text="a colon stands where none is expected. Put the words in quotes, or line this up with those above.",
        )
    if "end of stream" in said and "quoted" in str(error.context):
        start = error.context_mark.line + 1 if error.context_mark else line
        return Problem(line=start, text="a quotation mark is opened here and never closed.")
    if "flow" in str(error.context) and error.context_mark:
        return Problem(
            line=error.context_mark.line + 1,
            text="a bracket is opened here and not closed, or a comma or a colon is missing after it.",
        )
    return Problem(
        line=line,
        text="this does not fit with the lines above. Look for a missing bracket, quote, comma, colon or space.",
    )


def _invisible(text: str) -> Problem:
    """For PyYAML's ReaderError: a control character, whose place it gives in bytes or characters, as it happens."""
    for number, line in enumerate(text.split("\n"), start=1):
        if yaml.reader.Reader.NON_PRINTABLE.search(line):
            return Problem(
                line=number, text="an invisible control character stands in this line. Write the line again."
            )
    return Problem(line=1, text="this is not plain text that can be read.")


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most like this one, if any is. Among very many words that would take too long."""
    if len(known) > 5_000:
        return None
    spelt = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(word.casefold(), list(spelt), n=1, cutoff=0.6)
    return spelt[found[0]] if found else None


@dataclass(kw_only=True, slots=True)
class Problems:
    """Collects what is wrong. `first_line` is the file's line on which the parsed text begins."""

    first_line: int = 1
    found: list[Problem] = field(default_factory=list)

    def add(self, where: Node | int, text: str) -> None:
        line = where if isinstance(where, int) else where.line
        self.found.append(Problem(line=line + self.first_line - 1, text=text))

    def sentences(self) -> tuple[str, ...]:
        """ "line 4: …", in the file's order, none twice."""
        ordered = sorted(self.found, key=lambda p: p.line)
        return tuple(dict.fromkeys(f"line {p.line}: {p.text}" for p in ordered))


class Fields:
    """One mapping, taken apart key by key. A value that does not fit is noted and reads as absent.

    Keys are never quoted in a problem: what stands there by mistake may be a child's name.
    """

    def __init__(self, node: Node | None, known: Iterable[str], problems: Problems, what: str) -> None:
        self.problems = problems
        self.known = tuple(known)
        self.line = node.line if node is not None else 1
        self._values: dict[str, Node] = {}
        self.is_mapping = isinstance(node, Mapping)
        if not isinstance(node, Mapping):
            problems.add(node or 1, f"{what} must be written as keys and values, such as {self.known[0]}: …")
            return
        for key, value in node.entries:
            self._take(key, value)

    def _take(self, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar) or key.text not in self.known:
            like = nearest(key.text, self.known) if isinstance(key, Scalar) else None
            cure = f"Did you mean {like}?" if like else f"These are known: {', '.join(self.known)}."
            self.problems.add(key, f"this key is not known here. {cure}")
        elif key.text in self._values:
            first = self._values[key.text].line + self.problems.first_line - 1
            self.problems.add(key, f"{key.text} is already given on line {first}. Keep one of the two.")
        else:
            self._values[key.text] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def line_of(self, key: str) -> int:
        """The line of a key's value, or the mapping's own when the key is absent."""
        return self._values[key].line if key in self._values else self.line

    def node(self, key: str) -> Node | None:
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """Words as they stand. A word that YAML keeps for itself must be quoted."""
        return self._scalar(key, lambda scalar: words(scalar, key, self.problems))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words; a single one may stand without brackets."""
        node = self._values.get(key)
        if node is None:
            return ()
        items = node.items if isinstance(node, Listing) else (node,)
        if any(not isinstance(item, Scalar) for item in items):
            self.problems.add(node, f"{key} must be a list of words, as in {key}: [one, another].")
            return ()
        read = [words(item, key, self.problems) for item in items if isinstance(item, Scalar)]
        return tuple(word for word in read if word is not None)

    def day(self, key: str) -> date | None:
        return self._scalar(key, lambda scalar: day(scalar, key, self.problems))

    def flag(self, key: str) -> bool | None:
        return self._scalar(key, self._flag_reader(key))

    def choice(self, key: str, *allowed: str) -> str | None:
        def read(scalar: Scalar) -> str | None:
            if scalar.text.casefold() in allowed:
                return scalar.text.casefold()
            self.problems.add(scalar, f"{key} must be {' or '.join(allowed)}.")
            return None

        return self._scalar(key, read)

    def number(self, key: str, low: float, high: float) -> float | None:
        return self._scalar(key, lambda scalar: number(scalar, key, low, high, self.problems))

    def _flag_reader(self, key: str) -> Callable[[Scalar], bool | None]:
        def read(scalar: Scalar) -> bool | None:
            if scalar.text.casefold() in _TRUE:
                return True
            if scalar.text.casefold() in _FALSE:
                return False
            self.problems.add(scalar, f"{key} must be true or false.")
            return None

        return read

    def _scalar(self, key: str, read: Callable[[Scalar], T | None]) -> T | None:
        node = self._values.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.problems.add(node, f"{key} must be one value, not a list.")
            return None
        return read(node)


def words(scalar: Scalar, key: str, problems: Problems) -> str | None:
    if scalar.plain and not scalar.text:
        problems.add(scalar, f"{key} has nothing after it. Fill it in, or remove the line.")
        return None
    if scalar.reserved:
        problems.add(scalar, f'{key} is a word that YAML keeps for itself. Put it in quotes, as in {key}: "No".')
        return None
    if not scalar.text.strip():
        problems.add(scalar, f"{key} is empty. Fill it in, or remove the line.")
        return None
    return scalar.text.strip()


def day(scalar: Scalar, key: str, problems: Problems) -> date | None:
    read = read_day(scalar.text)
    if read is None:
        problems.add(scalar, f"{key} is not a day that can be read. Write year-month-day, as in {key}: 2026-11-03.")
    return read


def read_day(text: str) -> date | None:
    """Year-month-day and nothing else: 3/11/26 is another day in another country."""
    if not _DATE.fullmatch(text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def number(scalar: Scalar, key: str, low: float, high: float, problems: Problems) -> float | None:
    try:
        value = float(scalar.text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        problems.add(scalar, f"{key} must be a number from {low:g} to {high:g}.")
        return None
    return value
