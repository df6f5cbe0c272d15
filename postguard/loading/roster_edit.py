"""Changes to a roster's text that touch nothing else: comments, order and layout stay as somebody wrote them.

`edit` is given the people before and the people wanted. It finds the characters to replace, and proves the
result by reading it again: a text that would not load as exactly the people wanted is never handed out.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from postguard.domain.errors import RosterError
from postguard.domain.people import Person, Role, Roster
from postguard.loading import marked_yaml, roster_words
from postguard.loading.marked_yaml import Listing, Mapping, Scalar
from postguard.loading.roster import parse_roster
from postguard.loading.roster_csv import COLUMNS, delimiter
from postguard.loading.roster_words import csv_consent_word, csv_field, yaml_consent_word, yaml_field, yaml_person
from postguard.loading.text import decode

_LISTS = {Role.PUPIL: "pupils", Role.STAFF: "staff"}


class _ByHand(Exception):
    """The text is laid out in a way that nobody foresaw."""


def edit(data: bytes, before: Roster, after: Sequence[Person]) -> tuple[bytes, Roster]:
    """The roster's new bytes, in which `after` stand instead of `before.people`, and what they read as.

    New people go last in their list.

    Raises RosterError where the layout does not allow it without touching anything else.
    """
    after = tuple(after)
    text = decode(data)
    try:
        if before.path.suffix.casefold() == ".csv":
            changed = _edit_csv(text, before, after)
        else:
            changed = _edit_yaml(text, before, after)
        encoded = _as_before(changed, data)
        again = parse_roster(encoded, before.path, empty_too=True)
    except (_ByHand, RosterError) as trouble:
        raise _refused(before, str(trouble)) from None
    if _by_id(again.people) != _by_id(after) or _head(again) != _head(before):
        raise _refused(before, "The result would say something else than was asked for.")
    return encoded, again


def _by_id(people: Sequence[Person]) -> dict[str, Person]:
    return {person.id: person for person in people}


def _head(roster: Roster) -> Roster:
    return replace(roster, people=(), fingerprint="")


def table(roster: Roster) -> str:
    """The whole roster as CSV text: for very many people, whom YAML takes a minute to read."""
    head = [f"# school: {roster.school}", f"# channels: {'|'.join(roster.channels)}"]
    head += [f"# dpia: {roster.dpia}"] if roster.dpia else []
    head += [f"# review_by: {roster.review_by.isoformat()}"] if roster.review_by else []
    head += ["# demo: true"] if roster.demo else []
    columns = [*(c for c in COLUMNS if c != "consent"), *(f"consent:{channel}" for channel in roster.channels)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([line] for line in head)
    writer.writerow(columns)
    writer.writerows(_row(person, columns, roster.channels) for person in roster.people)
    return out.getvalue()


def _refused(roster: Roster, why: str) -> RosterError:
    return RosterError(
        f"{roster.path.name} cannot be changed by a command without touching more than was asked for. "
        f"Nothing was changed. {why}".rstrip(),
        hint="Make this change by hand, and run `postguard roster check` afterwards.",
    )


def _as_before(text: str, data: bytes) -> bytes:
    """The text with the line ends and the encoding that the file had."""
    if b"\r\n" in data or b"\r\0\n\0" in data or b"\0\r\0\n" in data:
        text = text.replace("\n", "\r\n")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.encode("utf-16")
    return text.encode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")


# YAML ------------------------------------------------------------------------------------------------


def _edit_yaml(text: str, before: Roster, after: tuple[Person, ...]) -> str:
    document = _Document(text, before)
    wanted = {person.id: person for person in after}
    known = {person.id for person in before.people}
    for person in before.people:
        if person.id not in wanted:
            document.remove(person.id)
        elif wanted[person.id] != person:
            document.change(person, wanted[person.id])
    for role, key in _LISTS.items():
        new = [person for person in after if person.id not in known and person.role is role]
        if new:
            document.add(key, new)
    return document.text()


class _Document:
    """The text, where each person stands in it, and the replacements asked for so far."""

    def __init__(self, text: str, roster: Roster) -> None:
        self._text = text
        self._roster = roster
        self._splices: list[tuple[int, int, str]] = []
        root = marked_yaml.parse(text)
        if not isinstance(root, Mapping) or root.flow:
            raise _ByHand("It must be written as lines of keys and values.")
        self._root = root
        default = root.value("biometric")
        self._biometric_by_default = isinstance(default, Scalar) and default.text == "granted"
        self._places = {person_id: place for key in _LISTS.values() for person_id, place in self._people(key)}

    def text(self) -> str:
        text = self._text
        for start, end, new in sorted(self._splices, key=lambda splice: splice[:2], reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def change(self, old: Person, new: Person) -> None:
        person = self._places[old.id][0].items[self._places[old.id][1]]
        if not isinstance(person, Mapping) or old.role is not new.role:
            raise _ByHand("")
        for field in (*roster_words.FIELDS, "biometric"):
            if getattr(old, field) == getattr(new, field):
                continue
            if field == "consent":
                self._change_consent(person, old, new)
            elif getattr(new, field) is None:
                raise _ByHand(f"{field} would be removed.")
            else:
                self._set(person, field, yaml_field(new, field, self._roster.channels))

    def remove(self, person_id: str) -> None:
        listing, number = self._places[person_id]
        item = listing.items[number]
        if not listing.flow:
            dash = self._text.rindex("-", 0, item.start)
            if self._text[dash + 1 : item.start].strip():
                raise _ByHand("A comment stands between the dash and the person.")
            self._splices.append((self._line_start(dash), self._line_end(item.end) + 1, ""))
        elif number > 0:
            self._splices.append((listing.items[number - 1].end, item.end, ""))
        else:
            rest = listing.items[1].start if len(listing.items) > 1 else item.end
            self._splices.append((item.start, rest, ""))

    def add(self, key: str, people: Sequence[Person]) -> None:
        """All new people of one list, as lines after its last."""
        lines = [
            yaml_person(person, self._roster.channels, biometric_by_default=self._biometric_by_default)
            for person in people
        ]
        listing = self._root.value(key)
        if listing is None:
            start = "" if self._text.endswith("\n") else "\n"
            new = "".join(f"  - {line}\n" for line in lines)
            self._splices.append((len(self._text), len(self._text), f"{start}{key}:\n{new}"))
        elif isinstance(listing, Listing) and listing.items and listing.flow:
            at = listing.items[-1].end
            self._splices.append((at, at, "".join(f", {line}" for line in lines)))
        elif isinstance(listing, Listing) and listing.items:
            dash = self._text.rindex("-", 0, listing.items[-1].start)
            indent = self._text[self._line_start(dash) : dash]
            at = self._line_end(listing.end)
            self._splices.append((at, at, "".join(f"\n{indent}- {line}" for line in lines)))
        else:  # nothing yet, or [ ]
            at = self._line_end(listing.end)
            self._splices.append((listing.start, listing.end, ""))
            self._splices.append((at, at, "".join(f"\n  - {line}" for line in lines)))

    def _people(self, key: str) -> Iterable[tuple[str, tuple[Listing, int]]]:
        listing = self._root.value(key)
        if isinstance(listing, Listing):
            for number, item in enumerate(listing.items):
                person_id = item.value("id") if isinstance(item, Mapping) else None
                if isinstance(person_id, Scalar):
                    yield person_id.text.strip(), (listing, number)

    def _change_consent(self, person: Mapping, old: Person, new: Person) -> None:
        """One channel at a time where the channels are written out; else the whole word."""
        written = person.value("consent")
        channels = {one.channel for one in new.consent}
        if not isinstance(written, Mapping) or not _names_channels(written, self._roster) or not channels:
            self._set(person, "consent", yaml_field(new, "consent", self._roster.channels) if channels else "{}")
            return
        before = {one.channel: one for one in old.consent}
        if set(before) - channels:
            raise _ByHand("A channel would be removed from somebody's consent.")
        for consent in new.consent:
            if before.get(consent.channel) != consent:
                self._set(written, consent.channel, yaml_consent_word(consent))

    def _set(self, mapping: Mapping, key: str, value: str) -> None:
        """Replace a key's value, or add the key behind the others."""
        entry = mapping.entry(key)
        if entry is not None:
            name, old = entry
            between = self._text[name.end : old.start]
            if "#" in between:
                raise _ByHand("A comment stands where the change would be.")
            start = name.end + len(between.rstrip())  # behind the colon
            self._splices.append((start, len(self._text[: old.end].rstrip()), f" {value}"))
        elif mapping.flow:
            at = len(self._text[: mapping.end - 1].rstrip())
            comma = "" if self._text[at - 1] in "{," else ","
            space = "" if self._text[at - 1] == "{" else " "
            self._splices.append((at, at, f"{comma}{space}{key}: {value}"))
        else:
            first = mapping.entries[0][0].start
            last = len(self._text[: mapping.end].rstrip())
            indent = " " * (first - self._line_start(first))
            at = self._line_end(last)
            self._splices.append((at, at, f"\n{indent}{key}: {value}"))

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end


def _names_channels(consent: Mapping, roster: Roster) -> bool:
    return all(isinstance(key, Scalar) and key.text in roster.channels for key, _ in consent.entries)


# CSV -------------------------------------------------------------------------------------------------


def _edit_csv(text: str, before: Roster, after: tuple[Person, ...]) -> str:
    """Rows that do not change keep their characters; a change that needs a new column touches every row."""
    records = _records(text)
    head = next(number for number, (cells, _) in enumerate(records) if cells and not cells[0].strip().startswith("#"))
    written = [cell.strip() for cell in records[head][0]]
    columns = [*written, *_missing_columns(written, before, after)]
    separator = delimiter(records[head][1])
    wanted = {person.id: person for person in after}
    known = {person.id: person for person in before.people}
    out = [raw for _, raw in records[:head]]
    out.append(records[head][1] if columns == written else _line(columns, separator))
    for cells, raw in records[head + 1 :]:
        person_id = cells[written.index("id")].strip() if any(cell.strip() for cell in cells) else None
        if person_id is None:
            out.append(raw)
        elif person_id in wanted:
            old, new = known[person_id], wanted[person_id]
            same = old == new and columns == written
            out.append(raw if same else _line(_changed(cells, old, new, columns, before.channels), separator))
    while out and not out[-1].strip():
        out.pop()
    out += [_line(_row(person, columns, before.channels), separator) for person in after if person.id not in known]
    return "\n".join(out) + "\n"


def _records(text: str) -> list[tuple[list[str], str]]:
    """Each record's cells and its characters, blank lines too."""
    lines = text.split("\n")
    header = next((line for line in lines if line.strip() and not line.lstrip('" ').startswith("#")), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(header), strict=True)
    records = []
    done = 0
    for cells in reader:
        records.append((cells, "\n".join(lines[done : reader.line_num])))
        done = reader.line_num
    return records


def _missing_columns(columns: Sequence[str], before: Roster, after: Sequence[Person]) -> list[str]:
    """Columns the roster has to grow before it can say what is wanted."""
    known = {person.id: person for person in before.people}
    absent = [field for field in COLUMNS if field not in columns and field != "consent"]
    needed: dict[str, None] = {}
    for person in after:
        old = known.get(person.id, _BLANK)
        if old == person:
            continue
        for field in absent:
            value = getattr(person, field)
            if value != getattr(old, field) and (value not in (None, (), False) or field == "biometric"):
                needed[field] = None
        if old.consent != person.consent:
            needed |= dict.fromkeys(f"consent:{one.channel}" for one in person.consent)
    return [column for column in needed if column not in columns]


_BLANK = Person(id="", name="")
"""What a row says that is not there yet."""


def _line(cells: Sequence[str], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="").writerow(cells)
    return out.getvalue()


def _row(person: Person, columns: Sequence[str], channels: Sequence[str]) -> list[str]:
    consent = _consent_cells(person, channels)
    return [consent[column] if column in consent else csv_field(person, column) for column in columns]


def _changed(
    cells: Sequence[str], old: Person, new: Person, columns: Sequence[str], channels: Sequence[str]
) -> list[str]:
    """The row's cells, only those that change written anew."""
    row = [*cells, *[""] * (len(columns) - len(cells))]
    consent = _consent_cells(new, channels)
    for number, column in enumerate(columns):
        if column in consent:
            row[number] = consent[column] if old.consent != new.consent else row[number]
        elif getattr(old, column) != getattr(new, column):
            row[number] = csv_field(new, column)
    return row


def _consent_cells(person: Person, channels: Sequence[str]) -> dict[str, str]:
    """Column to cell. What is said for each channel leaves nothing for the column that speaks for all."""
    cells = {"consent": ""} | dict.fromkeys((f"consent:{channel}" for channel in channels), "")
    return cells | {f"consent:{one.channel}": csv_consent_word(one) for one in person.consent}
