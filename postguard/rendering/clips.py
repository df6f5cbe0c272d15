"""A clip may show one person in several pieces. Each is judged by itself; readers are told of them once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from postguard.domain.evidence import Face, picture_of
from postguard.rendering.view import ShownFinding
from postguard.rendering.wording import listed


def one_a_person(findings: Iterable[ShownFinding], faces: Mapping[tuple[str, int], Face]) -> tuple[ShownFinding, ...]:
    """The findings, where the first of what seems to be one person in a clip tells of the others, which are left out.

    `faces`: by the part and the number that the reader sees. Looks put findings together, and what this reader sees
    of them keeps them apart, so that two reports differ no more than their findings do.
    """
    told = dict(enumerate(findings))
    people: dict[tuple[object, ...], list[int]] = {}
    for place, finding in told.items():
        face = faces.get((finding.part, finding.face or 0))
        if face is not None and face.figure:
            alike = (picture_of(face.part), face.figure, finding.rule, finding.severity, finding.who)
            people.setdefault(alike, []).append(place)
    for first, *others in people.values():
        again = [told.pop(other).part for other in others]
        told[first] = replace(told[first], message=told[first].message + _at(again))
    return tuple(told.values())


def _at(parts: Sequence[str]) -> str:
    seconds = tuple(dict.fromkeys(part.rpartition("@")[2] for part in parts))
    if len(seconds) > 3:
        return f" It seems to be the same person {len(seconds)} times more, the last time at {seconds[-1]} seconds."
    return f" It seems to be the same person at {listed(seconds)} seconds." if seconds else ""
