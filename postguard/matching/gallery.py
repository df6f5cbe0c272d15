"""The gallery: whom is a face near to? The answer may be nobody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postguard.domain.evidence import Candidate
from postguard.matching.scores import ALIKE, SCALES, fuse
from postguard.seeing.types import Template, Templates


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Enrolled:
    """One reference photo of a person, as templates: encoder name to template. `photo` is the file's SHA-256."""

    person: str
    templates: Templates
    photo: str = ""


class Gallery:
    """Everybody's templates, searched as one matrix product for each encoder.

    `people` are the ids of those who have a template, in order. `encoders` are the encoders that every
    reference was seen by: only these are compared.
    """

    def __init__(self, enrolled: Iterable[Enrolled]) -> None:
        references = sorted(enrolled, key=lambda reference: (reference.person, reference.photo))
        self.references: tuple[Enrolled, ...] = tuple(references)
        self.people: tuple[str, ...] = tuple(dict.fromkeys(r.person for r in references))
        self.encoders: tuple[str, ...] = tuple(
            name for name in SCALES if references and all(name in r.templates for r in references)
        )
        if references and not self.encoders:
            raise ValueError("the references have no encoder in common that postguard knows")
        self._matrices: Mapping[str, NDArray[np.float32]] = {
            name: np.stack([_checked(r.templates[name]) for r in references]) for name in self.encoders
        }
        persons = [reference.person for reference in references]
        self._starts = _starts(persons)
        self._alike: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        """How many people have a template."""
        return len(self.people)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of a report must know of how faces were compared."""
        if len(self.encoders) == 1:
            return ("Faces were compared by one encoder instead of two, so fewer of them can be cleared.",)
        return ()

    def search(self, templates: Templates, floor: float) -> tuple[Candidate, ...]:
        """Everybody whose score with this face is at least `floor` (0 to 1), the nearest first.

        Raises ValueError when the face was seen by none of the gallery's encoders: not compared is not "nobody".
        """
        if not self.people:
            return ()
        rows = {name: self._row(name, templates[name]) for name in self.encoders if name in templates}
        return self._candidates(rows, self.people, self._starts, floor)

    def leave_out(self, *, person: bool = False) -> Iterator[tuple[Enrolled, tuple[Candidate, ...]]]:
        """Each reference photo, and everybody's score with it as if it were not enrolled itself.

        With `person`, as if nothing of its person were: then it is a stranger's. Without, its own person is
        missing among the candidates only when it is that person's only photo.
        """
        persons = np.array([reference.person for reference in self.references])
        for at, reference in enumerate(self.references):
            kept = persons != reference.person if person else np.arange(len(persons)) != at
            others = persons[kept].tolist()
            people = tuple(dict.fromkeys(others))
            if not people:
                yield reference, ()
                continue
            rows = {name: self._row(name, reference.templates[name])[kept] for name in self.encoders}
            yield reference, self._candidates(rows, people, _starts(others), 0.0)

    def alike(self, person: str) -> frozenset[str]:
        """Whom this person's reference photos would be taken for, were they a stranger's: a twin, or the person
        whose photos lie in the wrong folder. Nobody for somebody without references."""
        if person not in self._alike:
            self._alike[person] = self._look_like(person)
        return self._alike[person]

    def _look_like(self, person: str) -> frozenset[str]:
        kept = np.array([reference.person != person for reference in self.references])
        others = [reference.person for reference in self.references if reference.person != person]
        own = [reference for reference in self.references if reference.person == person]
        if not own or not others:
            return frozenset()
        starts = _starts(others)
        scores = [
            fuse({n: _by_person(self._row(n, photo.templates[n])[kept], starts) for n in self.encoders})
            for photo in own
        ]
        near = np.flatnonzero(np.median(scores, axis=0) >= ALIKE)
        return frozenset(others[starts[at]] for at in near)

    def _row(self, encoder: str, template: Template) -> NDArray[np.float32]:
        """The similarity to every reference."""
        similarities: NDArray[np.float32] = self._matrices[encoder] @ _checked(template)
        return similarities

    @staticmethod
    def _candidates(
        rows: Mapping[str, NDArray[np.float32]], people: tuple[str, ...], starts: NDArray[np.intp], floor: float
    ) -> tuple[Candidate, ...]:
        scores = fuse({name: _by_person(row, starts) for name, row in rows.items()})
        near = np.flatnonzero(scores >= floor)
        order = near[np.argsort(-scores[near], kind="stable")]
        return tuple(Candidate(person=people[i], score=float(scores[i])) for i in order)


def _by_person(row: NDArray[np.float32], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """The similarity to each person: half the largest over their references, half the mean.

    The largest alone lets one odd reference speak for a person, and grows with their number; the mean alone forgets
    the one reference that was taken from the same side. Half and half was the best of the three (0006).
    """
    exact = row.astype(np.float64)
    counts = np.diff(np.append(starts, len(exact)))
    similarities: NDArray[np.float64] = 0.5 * (
        np.maximum.reduceat(exact, starts) + np.add.reduceat(exact, starts) / counts
    )
    return similarities


def _starts(persons: Sequence[str]) -> NDArray[np.intp]:
    """Where each person's rows begin, for rows in order of person."""
    return np.array([i for i, who in enumerate(persons) if i == 0 or persons[i - 1] != who], dtype=np.intp)


def _checked(template: Template) -> NDArray[np.float32]:
    vector = np.asarray(template, dtype=np.float32)
    if vector.ndim != 1 or not abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3:  # not `>`: NaN must not get by
        raise ValueError("a template must be one row of numbers of length 1")
    return vector
