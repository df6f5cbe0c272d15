"""Pictures whose faces a test stages: the commands run as they are, only the engines are replaced."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from postguard.assembly import Setup
from postguard.domain.evidence import Candidate, Detection, Photograph, Region, picture_of
from postguard.domain.policy import Thresholds
from postguard.pipeline import Faces
from postguard.seeing.types import SeenFace, SeenFrame, Sight

CLEAR = 0.9
"""A score that clears a face by itself."""
UNSURE = (Thresholds().verify + Thresholds().clear) / 2
"""A score that only a claim can use."""


@dataclass
class Stage:
    """`faces`: picture's name, or a clip's with the moment, to its faces, each a dict of person and score.

    `figures`: a clip's name with the moment to the person whom its faces seem to be.
    """

    faces: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)
    detections: tuple[Detection, ...] = (
        Detection(detector="yunet", score=0.9),
        Detection(detector="centerface", score=0.8),
    )

    def look(self, picture) -> Sight:
        data = Path(picture.path).read_bytes()
        parts = [part for part in self.faces if picture_of(part) == picture.part] or [picture.part]
        frames = tuple(SeenFrame(part=part, faces=self._seen(part)) for part in parts)
        photograph = Photograph(
            part=picture.part,
            sha256=hashlib.sha256(data).hexdigest(),
            width=1000,
            height=500,
            size=len(data),
            format="JPEG",
        )
        return Sight(photograph=photograph, frames=frames)

    def _seen(self, part: str) -> tuple[SeenFace, ...]:
        return tuple(
            SeenFace(
                region=Region(x=100 * number, y=50, width=60, height=80),
                detections=self.detections,
                templates={"staged": scores},
                figure=self.figures.get(part, 0),
            )
            for number, scores in enumerate(self.faces.get(part, []))
        )

    def search(self, templates, floor: float) -> tuple[Candidate, ...]:
        near = sorted(templates["staged"].items(), key=lambda item: -item[1])
        return tuple(Candidate(person=who, score=score) for who, score in near if score >= floor)

    def alike(self, person: str) -> frozenset[str]:
        return frozenset()


def stage(monkeypatch, **faces: list[dict[str, float]]) -> Stage:
    """Put faces into pictures: `stage(monkeypatch, **{"IMG_1.jpg": [{"P07": UNSURE}]})`."""
    stage = Stage(faces=faces)
    engines = Faces(eyes=stage, gallery=stage, stale=frozenset(), without_template=frozenset())
    monkeypatch.setattr(Setup, "engines", lambda self: engines)
    return stage


def refuse(school: Path, person: str) -> None:
    """The family of this person takes its consent back."""
    roster = school / "consent_roster.yaml"
    lines = [
        line.replace("consent: granted", "consent: refused") if f"id: {person}," in line else line
        for line in roster.read_text(encoding="utf-8").splitlines(keepends=True)
    ]
    roster.write_text("".join(lines), encoding="utf-8")
