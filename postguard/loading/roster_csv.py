"""A roster as a table, for an authority's 100,000 pupils: YAML takes a quarter of a minute for so many.

Lines that begin with # come first and say what the top of the YAML says (`# school: …`, `# review_by: …`,
`# demo: true`, `# dpia: …`, `# biometric: granted`). Then one line of column names, then one line a person.
Lists are separated by |. Consent is `consent` for every channel or `consent:CHANNEL` for one, and reads
`granted`, `refused`, or `granted 2026-08-20 until 2027-06-30 by parent withdrawn 2026-11-02`. The channels
are those the columns name, in their order, or those of a line `# channels: twitter|website`.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from postguard.domain.people import Consent, Person, Role, Roster
from postguard.loading import people
from postguard.loading.marked_yaml import Problems, nearest, read_day

HEAD_KEYS = ("school", "demo", "dpia", "review_by", "channels", "biometric")
COLUMNS = (
    "id",
    "name",
    "role",
    "known_as",
    "group",
    "school",
    "handles",
    "parent_handles",
    "biometric",
    "photographed",
    "consent",
    "high_risk",
    "look_alikes",
)
_FLAGS = {"true": True, "yes": True, "false": False, "no": False, "": False}
_WORD = re.compile(
    r"(?P<word>granted|refused)(?:\s+(?P<since>[\d-]+))?(?:\s+until\s+(?P<until>[\d-]+))?"
    r"(?:\s+by\s+(?P<by>.+?))?(?:\s+withdrawn\s+(?P<withdrawn>[\d-]+))?",
    re.IGNORECASE,
)


def read(text: str, path: Path, fingerprint: str, problems: Problems) -> Roster:
    """The roster, with what is wrong noted in `problems`."""
    rows = list(_rows(text, problems))
    head, rows = _head(rows, problems)
    line, names = rows[0] if rows else (1, [])
    columns = _columns(names, line, problems)
    channels = _channels(head, columns)
    people.check_channels(channels, line, problems)
    table = _Table(names, channels, head.get("biometric", "").casefold() == "granted", problems)
    found = [(at, table.person(at, row)) for at, row in rows[1:]] if {"id", "name"} <= columns.keys() else []
    people.check_together(found, problems)
    return Roster(
        school=head.get("school", ""),
        people=tuple(person for _, person in found),
        channels=channels,
        dpia=head.get("dpia"),
        review_by=read_day(head.get("review_by", "")),
        demo=_FLAGS.get(head.get("demo", "").casefold(), False),
        path=path,
        fingerprint=fingerprint,
    )


def delimiter(header: str) -> str:
    """Comma, semicolon (Excel in much of Europe) or tab: whichever the line of column names holds most of."""
    return max(",;\t", key=header.count)


def _rows(text: str, problems: Problems) -> list[tuple[int, list[str]]]:
    """Rows that hold anything, each with the line on which it ends."""
    header = next((line for line in text.split("\n") if line.strip() and not line.lstrip('" ').startswith("#")), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(header), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error:
        problems.add(reader.line_num, "the quotation marks of this row do not fit. Save the table again as CSV UTF-8.")
    return rows


def _head(rows: list[tuple[int, list[str]]], problems: Problems) -> tuple[dict[str, str], list[tuple[int, list[str]]]]:
    head: dict[str, str] = {}
    while rows and rows[0][1][0].startswith("#"):
        line, cells = rows.pop(0)
        words = ", ".join(cell for cell in cells if cell).lstrip("# ")
        key, colon, value = (part.strip() for part in words.partition(":"))
        if not colon:
            continue  # a remark
        if key not in HEAD_KEYS:
            like = nearest(key, HEAD_KEYS)
            problems.add(line, f"this key is not known here. {f'Did you mean {like}?' if like else ''}".rstrip())
        elif key in head:
            problems.add(line, f"{key} is given twice. Keep one of the two.")
        head[key] = value
    _check_head(head, problems)
    return head, rows


def _check_head(head: dict[str, str], problems: Problems) -> None:
    if not head.get("school"):
        problems.add(1, "the school's name is missing. Add a first line: # school: Example Primary School")
    if "review_by" in head and read_day(head["review_by"]) is None:
        problems.add(1, "review_by is not a day that can be read. Write year-month-day: # review_by: 2027-06-30")
    if head.get("demo", "").casefold() not in _FLAGS:
        problems.add(1, "demo must be true or false.")
    if head.get("biometric", "granted").casefold() not in ("granted", "refused"):
        problems.add(1, "biometric must be granted or refused.")


def _columns(names: Sequence[str], line: int, problems: Problems) -> dict[str, int]:
    columns: dict[str, int] = {}
    for number, name in enumerate(names):
        if name in columns:
            problems.add(line, f"the column {name} is there twice. Remove one.")
        elif name not in COLUMNS and not name.startswith("consent:"):
            like = nearest(name, COLUMNS)
            cure = f"Did you mean {like}?" if like else f"These are known: {', '.join(COLUMNS)}, consent:CHANNEL."
            problems.add(line, f"column {number + 1} has a name that is not known here. {cure}")
        columns[name] = number
    for name in ("id", "name"):
        if name not in columns:
            problems.add(line, f"there is no column {name}.")
    return columns


def _channels(head: dict[str, str], columns: dict[str, int]) -> tuple[str, ...]:
    if "channels" in head:
        named = [c.strip() for c in head["channels"].replace(",", "|").split("|") if c.strip()]
    else:
        named = []
    of_columns = [c.removeprefix("consent:").strip() for c in columns if c.startswith("consent:")]
    return tuple(dict.fromkeys([*named, *of_columns])) or ("twitter",)


class _Table:
    """Reads rows by their columns. Equal consent cells are read once: 100,000 rows share a few."""

    def __init__(self, columns: Sequence[str], channels: tuple[str, ...], by_default: bool, problems: Problems) -> None:
        self._columns = columns
        self._by_default = by_default
        self._problems = problems
        self._said = [(channel, f"consent:{channel}") for channel in channels]
        self._read_consent = lru_cache(maxsize=10_000)(_consent)

    def person(self, line: int, row: Sequence[str]) -> Person:
        if len(row) > len(self._columns):
            self._problems.add(line, "this row has more cells than there are columns. Put text with commas in quotes.")
        cells = {column: cell for column, cell in zip(self._columns, row, strict=False) if cell}
        role = cells.get("role", "pupil")
        if role not in ("pupil", "staff"):
            self._problems.add(line, "role must be pupil or staff.")
        person_id, name = cells.get("id", ""), cells.get("name", "")
        if not person_id:
            self._problems.add(line, "this person has no id.")
        else:
            people.check_id(person_id, line, self._problems)
        if not name:
            self._problems.add(line, "this person has no name.")
        everywhere = cells.get("consent", "")
        said = tuple((channel, cells.get(column, everywhere)) for channel, column in self._said)
        consent, troubles = self._read_consent(said)
        for trouble in troubles:
            self._problems.add(line, trouble)
        return Person(
            id=person_id,
            name=name,
            role=Role.STAFF if role == "staff" else Role.PUPIL,
            known_as=_list(cells, "known_as"),
            group=cells.get("group"),
            school=cells.get("school"),
            handles=_list(cells, "handles"),
            parent_handles=_list(cells, "parent_handles"),
            biometric=self._biometric(cells, line),
            photographed=self._day(cells, "photographed", line),
            consent=consent,
            high_risk=self._flag(cells, "high_risk", line),
            look_alikes=_list(cells, "look_alikes"),
        )

    def _biometric(self, cells: Mapping[str, str], line: int) -> bool:
        cell = cells["biometric"].casefold() if "biometric" in cells else None
        if cell not in (None, "granted", "refused"):
            self._problems.add(line, "biometric must be granted or refused.")
        return cell == "granted" or (cell is None and self._by_default)

    def _day(self, cells: Mapping[str, str], column: str, line: int) -> date | None:
        cell = cells.get(column)
        day = read_day(cell) if cell else None
        if cell and day is None:
            self._problems.add(line, f"{column} is not a day that can be read. Write year-month-day: 2026-11-03.")
        return day

    def _flag(self, cells: Mapping[str, str], column: str, line: int) -> bool:
        cell = cells.get(column, "").casefold()
        if cell not in _FLAGS:
            self._problems.add(line, f"{column} must be true or false.")
        return _FLAGS.get(cell, True)


def _list(cells: Mapping[str, str], column: str) -> tuple[str, ...]:
    cell = cells.get(column)
    return tuple(part for piece in cell.split("|") if (part := piece.strip())) if cell else ()


def _consent(said: tuple[tuple[str, str], ...]) -> tuple[tuple[Consent, ...], tuple[str, ...]]:
    """The consent in some cells, each with its channel; and what is wrong with them."""
    problems = Problems()
    found = []
    for channel, cell in said:
        if not cell:
            continue
        consent, trouble = _word(cell, channel)
        if consent is None:
            problems.add(1, trouble)
        else:
            people.check_days(consent, 1, problems)
            found.append(consent)
    return tuple(found), tuple(problem.text for problem in problems.found)


def _word(cell: str, channel: str) -> tuple[Consent | None, str]:
    """A cell's consent, or what is wrong with it."""
    found = _WORD.fullmatch(cell)
    if not found:
        return None, (
            "consent must be granted or refused, or more fully: "
            "granted 2026-08-20 until 2027-06-30 by parent withdrawn 2026-11-02."
        )
    days = {key: read_day(found[key]) for key in ("since", "until", "withdrawn") if found[key]}
    if None in days.values():
        return None, "consent holds a day that cannot be read. Write year-month-day: 2026-11-03."
    consent = Consent(channel=channel, granted=found["word"].casefold() == "granted", by=found["by"], **days)
    return consent, ""
