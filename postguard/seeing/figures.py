"""Who in a clip seems to be whom: sights of one person that were followed in pieces, for telling of them together.

Nothing is cleared by it. Each piece is compared and judged by itself, so that a child taken for another here is
still seen.
"""

from collections.abc import Sequence

from postguard.seeing import limits
from postguard.seeing.types import SeenFace


def figures(faces: Sequence[SeenFace]) -> list[int]:
    """For each of one clip's followed faces the number, from 1, of the person that it seems to be.

    Nobody is in two places at one moment. A face is put to the person it is most like, else to the nearest.
    """
    people: list[list[SeenFace]] = []
    numbers = {}
    for place in sorted(range(len(faces)), key=lambda place: faces[place].path[0].at):
        face = faces[place]
        person = _seems(face, [p for p in people if not any(_together(face, other) for other in p)])
        if person is None:
            person = []
            people.append(person)
        person.append(face)
        numbers[place] = next(number for number, p in enumerate(people, 1) if p is person)
    return [numbers[place] for place in range(len(faces))]


def _seems(face: SeenFace, people: Sequence[list[SeenFace]]) -> list[SeenFace] | None:
    like = max(people, key=lambda person: _likeness(person, face), default=None)
    if like is not None and _likeness(like, face) >= limits.FIGURE_LIKENESS:
        return like
    before = [person for person in people if _goes_on(person[-1], face)]
    return min(before, key=lambda person: _way(person[-1], face), default=None)


def _together(face: SeenFace, other: SeenFace) -> bool:
    return not {glance.at for glance in face.path}.isdisjoint(glance.at for glance in other.path)


def _likeness(person: Sequence[SeenFace], face: SeenFace) -> float:
    """The cosine of SFace's templates to the most alike, -1 without any. dlib's are too near each other to tell by."""
    pairs = [(other.templates.get("sface"), face.templates.get("sface")) for other in person]
    return max((float(one @ other) for one, other in pairs if one is not None and other is not None), default=-1.0)


def _goes_on(lost: SeenFace, face: SeenFace) -> bool:
    """Whether a blurred, turned or small face may be the one lost a moment ago. Of plain ones the looks tell."""
    last, first = lost.path[-1], face.path[0]
    small, large = sorted((last.region.height, first.region.height))
    return (
        bool(lost.flaws or face.flaws)
        and 0 < first.at - last.at <= limits.FIGURE_LOST_SECONDS
        and large <= limits.FIGURE_GROWS * small
        and _way(lost, face) <= limits.FIGURE_WAY * large
    )


def _way(lost: SeenFace, face: SeenFace) -> float:
    return lost.path[-1].region.way_to(face.path[0].region)
