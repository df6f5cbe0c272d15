"""Eyes for photos that are one colour: the colour says who is in them. Nobody's face, and quick."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from postguard.domain.evidence import Detection, Region
from postguard.seeing.types import Pixels, SeenFace, Template

ENCODERS = {"dlib": "d" * 64, "sface": "s" * 64}


class PretendEyes:
    """Sees what the first pixel says: red is who, green which photo of them, blue what is wrong with it."""

    NOBODY, TWO, SMALL, BLURRED, SPECK = 1, 2, 3, 4, 5

    def __init__(self, encoders: Mapping[str, str] = ENCODERS) -> None:
        self.encoders = dict(encoders)
        self.looked = 0

    def references(self, pixels: Pixels) -> tuple[SeenFace, ...]:
        self.looked += 1
        who, photo, wrong = (int(value) for value in pixels[0, 0])
        face = SeenFace(
            region=Region(x=10, y=10, width=100, height=120),
            detections=(Detection(detector="yunet", score=0.9),),
            sharpness=1.0,
            templates={name: self._template(name, who, photo) for name in self.encoders},
        )
        small = replace(face, region=Region(x=0, y=0, width=30, height=30))
        return {
            self.NOBODY: (),
            self.TWO: (face, replace(face, region=Region(x=200, y=10, width=80, height=90))),
            self.SMALL: (small,),
            self.BLURRED: (replace(face, flaws=("blurred", "turned away")),),
            self.SPECK: (small, face),
        }.get(wrong, (face,))

    @staticmethod
    def _template(name: str, who: int, photo: int) -> Template:
        def direction(seed: int) -> np.ndarray:
            vector = np.random.default_rng([len(name), seed]).normal(size=128)
            return vector / np.linalg.norm(vector)

        own = direction(who) + 0.4 * direction(10_000 + 300 * who + photo)
        share = 0.9 if name == "dlib" else 0.2
        vector = share**0.5 * direction(9_999) + (1 - share) ** 0.5 * own / np.linalg.norm(own)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
