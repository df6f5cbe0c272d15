"""What school systems export: a CSV with a row for each pupil, read by a named mapping or by one's own."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from postguard.domain.errors import UsageError
from postguard.domain.keeping import Told
from postguard.loading import marked_yaml, people
from postguard.loading.marked_yaml import Listing, Problems, Scalar, nearest
from postguard.loading.roster_csv import delimiter
from postguard.loading.text import NotText, decode

FIELDS = (
    "id",
    "name",
    "forename",
    "surname",
    "preferred_forename",
    "preferred_surname",
    "group",
    "school",
    "consent",
    "biometric",
)
"""What a column can be mapped to; also `consent:CHANNEL`."""

_YES = frozenset({"yes", "y", "true", "1", "granted", "given", "agreed", "allowed", "consented", "consent given"})
_NO = frozenset({"no", "n", "false", "0", "refused", "denied", "declined", "withheld", "not given", "withdrawn"})
_TITLE_LINES = 10
"""Reports may begin with a title: the line of column names is looked for in so many lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """`remarks` are for the user: how the file had to be read."""

    pupils: tuple[Told, ...]
    remarks: tuple[str, ...] = ()


def systems() -> tuple[str, ...]:
    """The named mappings."""
    return tuple(_systems())


def read_export(path: Path, *, system: str | None, mapping: Mapping[str, str], channels: Sequence[str]) -> Export:
    """The pupils in an export. `mapping`: field to column, over those of the system.

    Without a system, the first whose columns are there is taken. Raises UsageError naming every bad row.
    """
    _check_mapping(mapping, channels)
    text, remarks = _decoded(path)
    rows = _rows(path, text)
    columns, first = _columns(path, rows, system, mapping)
    unused = [cell for at, cell in enumerate(rows[first - 1][1]) if cell and at not in columns.values()]
    if unused:
        remarks += (f"Columns that are not used: {', '.join(unused)}. --map FIELD=COLUMN uses one.",)
    problems = Problems()
    table = _Table(columns, channels, problems)
    found = [(line, pupil) for line, row in rows[first:] if (pupil := table.pupil(line, row)) is not None]
    pupils = _without_doubles(found, problems)
    if problems.found:
        raise UsageError(
            "\n".join([f"{path.name} cannot be imported:", *(f"  {s}" for s in _shown(problems.sentences()))]),
            hint="Mend the export, or the rows, and run it again. Nothing was written.",
        )
    doubles = len(found) - len(pupils)
    if doubles:
        remarks = (*remarks, f"Rows that say the same as another one, and were taken once: {doubles}.")
    return Export(pupils=pupils, remarks=remarks)


def _shown(sentences: Sequence[str], most: int = 100) -> list[str]:
    rest = len(sentences) - most
    return [*sentences[:most], *([f"… and {rest} more."] if rest > 0 else [])]


def _check_mapping(mapping: Mapping[str, str], channels: Sequence[str]) -> None:
    for field in mapping:
        channel = field.removeprefix("consent:")
        if field in FIELDS or (channel != field and channel in channels):
            continue
        like = nearest(field, FIELDS)
        raise UsageError(
            f"--map knows no field {field}.",
            hint=f"Did you mean {like}?" if like else f"Fields: {', '.join(FIELDS)}, consent:CHANNEL.",
        )


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be opened ({error.strerror}).", hint="Look how the path is spelt.") from None
    try:
        return decode(data), ()
    except NotText:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{path.name} is no CSV file.", hint="Save the table as CSV UTF-8, and import that.")
    said = "The file is not in UTF-8 and was read as Windows-1252. Look whether letters such as é came out right."
    return text.replace("\r\n", "\n").replace("\r", "\n"), (said,)


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    separator = delimiter("\n".join(text.split("\n")[:_TITLE_LINES]))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, [" ".join(cell.split()) for cell in row]) for row in reader]
    except csv.Error:
        raise UsageError(
            f"{path.name}, line {reader.line_num}: the quotation marks do not fit.", hint="Export the table again."
        ) from None
    return [(line, row) for line, row in rows if any(row)]


def _columns(
    path: Path, rows: Sequence[tuple[int, list[str]]], system: str | None, mapping: Mapping[str, str]
) -> tuple[dict[str, int], int]:
    """Field to column number, and the index of the first row behind the column names."""
    candidates = [_systems()[system]] if system else list(_systems().values())
    for number, (_, row) in enumerate(rows[:_TITLE_LINES]):
        headings = {_folded(cell): at for at, cell in reversed(list(enumerate(row)))}
        for candidate in candidates:
            columns = _matched(headings, candidate, mapping)
            if "id" in columns and ("name" in columns or {"forename", "surname"} <= columns.keys()):
                absent = [column for column in mapping.values() if _folded(column) not in headings]
                if absent:
                    raise UsageError(f"{path.name} has no column {absent[0]}.", hint="Look how the column is spelt.")
                return columns, number + 1
    raise UsageError(
        f"{path.name} has no line of column names with an id and a name in it.",
        hint='Say which columns they are: --map "id=Pupil No" --map "name=Pupil". '
        f"Or name the system: --system {', '.join(_systems())}.",
    )


def _matched(
    headings: Mapping[str, int], system: Mapping[str, tuple[str, ...]], own: Mapping[str, str]
) -> dict[str, int]:
    wanted: dict[str, tuple[str, ...]] = {**system, **{field: (column,) for field, column in own.items()}}
    for heading in headings:  # a table made by hand may name postguard's own columns
        if heading in ("consent", "biometric") or heading.startswith("consent:"):
            wanted.setdefault(heading, (heading,))
    found = {}
    for field, names in wanted.items():
        number = next((headings[_folded(name)] for name in names if _folded(name) in headings), None)
        if number is not None:
            found[field] = number
    return found


def _folded(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading).strip().casefold()


class _Table:
    def __init__(self, columns: Mapping[str, int], channels: Sequence[str], problems: Problems) -> None:
        self._columns = columns
        self._channels = channels
        self._problems = problems

    def pupil(self, line: int, row: Sequence[str]) -> Told | None:
        cells = {field: row[at] if at < len(row) else "" for field, at in self._columns.items()}
        name = _turned(cells.get("name", "")) or " ".join(filter(None, (cells.get("forename"), cells.get("surname"))))
        if not cells["id"]:
            self._problems.add(line, "this row has no id.")
            return None
        people.check_id(cells["id"], line, self._problems)
        if not cells.get("name") and not (cells.get("forename") and cells.get("surname")):
            self._problems.add(line, "this row has no name, or half of one.")
            return None
        return Told(
            id=cells["id"],
            name=name,
            known_as=_known_as(cells),
            group=cells.get("group") or None,
            school=cells.get("school") or None,
            consent=self._consent(cells, line),
            biometric=self._answer(cells.get("biometric", ""), line),
        )

    def _consent(self, cells: Mapping[str, str], line: int) -> tuple[tuple[str, bool], ...]:
        """A channel's own column speaks before the column for every channel."""
        everywhere = self._answer(cells.get("consent", ""), line)
        answers = {}
        for channel in self._channels:
            own = self._answer(cells.get(f"consent:{channel}", ""), line)
            answer = everywhere if own is None else own
            if answer is not None:
                answers[channel] = answer
        return tuple(answers.items())

    def _answer(self, cell: str, line: int) -> bool | None:
        if not cell:
            return None
        if cell.casefold() not in _YES | _NO:
            self._problems.add(line, "consent is neither yes nor no here. Write one of the two, or leave it empty.")
        return cell.casefold() in _YES


def _turned(name: str) -> str:
    """ "MacDonald, Aoife" as people say it."""
    surname, comma, forename = (part.strip() for part in name.partition(","))
    return f"{forename} {surname}" if comma and forename and "," not in forename else name


def _known_as(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Names the pupil goes by, where they are others than the ones in the register."""
    forename, surname = cells.get("preferred_forename", ""), cells.get("preferred_surname", "")
    found = []
    if forename and forename.casefold() != cells.get("forename", "").casefold():
        found.append(forename)
    if surname and surname.casefold() != cells.get("surname", "").casefold():
        found.append(f"{forename or cells.get('forename', '')} {surname}".strip())
    return tuple(found)


def _without_doubles(pupils: Sequence[tuple[int, Told]], problems: Problems) -> tuple[Told, ...]:
    """Rows that say the same count once; two different pupils with one id are a problem."""
    by_id: dict[str, tuple[int, Told]] = {}
    for line, pupil in pupils:
        first, same = by_id.setdefault(pupil.id.casefold(), (line, pupil))
        if same != pupil:
            problems.add(line, f"this row has the id of line {first} and says something else.")
    return tuple(pupil for _, pupil in by_id.values())


@cache
def _systems() -> dict[str, dict[str, tuple[str, ...]]]:
    text = (resources.files("postguard.loading") / "school_systems.yaml").read_text("utf-8")
    root = marked_yaml.parse(text)
    assert isinstance(root, marked_yaml.Mapping)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, fields in root.entries:
        assert isinstance(name, Scalar) and isinstance(fields, marked_yaml.Mapping)
        found[name.text] = {
            field.text: tuple(item.text for item in columns.items if isinstance(item, Scalar))
            for field, columns in fields.entries
            if isinstance(field, Scalar) and isinstance(columns, Listing)
        }
    return found
