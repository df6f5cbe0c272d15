"""One score from two encoders, so that both must agree (docs/decisions/0006-scores-and-thresholds.md).

For one face against everybody in the gallery, each encoder gives a similarity to each person: the cosine of the
templates, over that person's references half the largest and half the mean. What a similarity is worth depends on
the school, for the children of one school are nearer to each other than the adults whom encoders were trained on. So
it is counted in standard deviations above what this face has with everybody *else* in the gallery (test
normalisation, "t-norm": Auckenthaler, Carey and Lloyd-Thomas, Digital Signal Processing 10, 2000). A small gallery
says little about that, so schoolchildren's statistics are counted in as if they were PRETENDED further people:
they decide where hardly anybody is enrolled, and hardly matter where hundreds are.

The two encoders' standard scores are averaged, and the average is held down to what the less sure of the two
says plus SLACK: one encoder alone can never clear a face.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from postguard.seeing.types import Templates

Similarities = NDArray[np.float64]
"""Cosine of one face to every person of the gallery: shape (people,), -1 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """What one face of a child has in common with the faces of other children of a school.

    `mean` and `deviation` of the similarity to each, with three references; `weight`: the encoder's say.
    """

    mean: float
    deviation: float
    weight: float


SCALES: Mapping[str, Scale] = {
    "sface": Scale(mean=0.255, deviation=0.10, weight=0.6),
    "dlib": Scale(mean=0.898, deviation=0.024, weight=0.4),
}
"""Different schoolchildren in one photograph are called the same at cosine 0.363 in 11 % and at 0.50 in 0.7 % of
pairs (SFace), at distance 0.6 in 44 % and at 0.5 in 9.3 % (dlib, whose templates have a length of 1.33 before they
are brought to 1): the normal distributions through these points have means of 0.23 and 0.894 and deviations of 0.11
and 0.0265. For one face and three references the mean lies a quarter (SFace) and a sixth (dlib) of a deviation higher
and the deviation is 0.89 of that (measured on half of LFW, as the weights: 0006)."""

PRETENDED = 10
"""How many people's worth the statistics above are counted in with the gallery's own."""

SLACK = 1.5
"""How far, in standard deviations, the average may lie above the less sure encoder."""

ALONE = 0.5
"""What is taken off, in standard deviations, while there is only one encoder to ask."""

FULL_SCALE = 5.0
"""Standard deviations that a score of 1 stands for."""


NEARLY_THE_SAME: Mapping[str, float] = {"sface": 0.95, "dlib": 0.995}
"""Cosine above which two photos are one, saved twice: of 3,278 pairs of different photos of one person (LFW) the
nearest had 0.92 (SFace) and 0.993 (dlib)."""


ALIKE = 0.55
"""Two people are alike from this median score of one's reference photos with the other. It tells nearly every folder
that holds another's photos, and 1 person in 90 of 150 adults has somebody so alike (0006)."""


def fuse(similarities: Mapping[str, Similarities]) -> NDArray[np.float64]:
    """Each person's score, 0 to 1, from their similarities by encoder; all arrays in the same order of people."""
    if not similarities:
        raise ValueError("no encoder has compared this face")
    standard = np.stack([standardise(values, SCALES[name]) for name, values in similarities.items()])
    if len(standard) == 1:
        fused = standard[0] - ALONE
    else:
        weights = np.array([SCALES[name].weight for name in similarities])
        fused = np.minimum(weights @ standard / weights.sum(), standard.min(axis=0) + SLACK)
    scores: NDArray[np.float64] = np.clip(fused / FULL_SCALE, 0.0, 1.0)
    return scores


def standardise(values: Similarities, scale: Scale) -> NDArray[np.float64]:
    """Standard deviations that each similarity lies above those of everybody else, the pretended included.

    A standard deviation is never taken for smaller than `scale.deviation`: in a gallery whose few people happen to
    be equally unlike this face, a little likeness would otherwise look like a lot.
    """
    values = np.asarray(values, dtype=np.float64)
    others = len(values) - 1
    mean_of_others = (values.sum() - values) / max(others, 1)
    squares = np.maximum(((values**2).sum() - values**2) / max(others, 1) - mean_of_others**2, 0.0)
    mean = (others * mean_of_others + PRETENDED * scale.mean) / (others + PRETENDED)
    variance = (others * squares + PRETENDED * scale.deviation**2) / (others + PRETENDED)
    standard: NDArray[np.float64] = (values - mean) / np.sqrt(np.maximum(variance, scale.deviation**2))
    return standard


def nearly_the_same(one: Templates, other: Templates) -> bool:
    """Whether two photos are nearly one picture: copied, cropped, or taken in the same second."""
    return all(float(one[name] @ other[name]) > NEARLY_THE_SAME[name] for name in one if name in NEARLY_THE_SAME)
