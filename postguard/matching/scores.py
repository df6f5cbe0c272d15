"""One score from two encoders, so that both must agree (docs/decisions/0006-scores-and-thresholds.md).

For one face against everybody in the gallery, each encoder gives a similarity to each person (the cosine of the
templates, the largest over that person's references). How much a similarity says depends on the school: children
of one school are nearer to each other than adults of the world. So each similarity is counted in standard
deviations above what this face has with everybody *else* in the gallery (test normalisation, "t-norm"; Auckenthaler,
Carey and Lloyd-Thomas 2000). A small gallery says little about that, so a fixed number of pretended strangers with the
statistics of schoolchildren is always counted in: with nobody else they decide, with hundreds they no longer matter.

The two encoders' standard scores are averaged, and held down to what the less sure of the two says plus a
little slack: one encoder alone can never clear a face.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Similarities = NDArray[np.float64]
"""Cosine of one face to every person of the gallery: shape (people,), -1 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """What an encoder says of two different schoolchildren: mean and standard deviation of the cosine."""

    mean: float
    deviation: float


SCALES: Mapping[str, Scale] = {
    "sface": Scale(mean=0.23, deviation=0.11),
    "dlib": Scale(mean=0.90, deviation=0.03),
}
"""Different schoolchildren in one photograph are called the same at cosine 0.363 in 11 % and at 0.50 in 0.7 % of
pairs (SFace), at distance 0.6 in 44 % and at 0.5 in 9.3 % (dlib): the normal distribution through both points."""

PRETENDED = 20
"""How many strangers with the statistics above are counted in with the gallery."""

SLACK = 1.5
"""How far, in standard deviations, the average may lie above the less sure encoder."""

ALONE = 1.0
"""What is taken off, in standard deviations, while there is only one encoder to ask."""

FULL_SCALE = 5.0
"""Standard deviations that a score of 1 stands for."""


def fuse(similarities: Mapping[str, Similarities]) -> NDArray[np.float64]:
    """Each person's score, 0 to 1, from their similarities by encoder; all arrays in the same order of people."""
    if not similarities:
        raise ValueError("no encoder has compared this face")
    standard = np.stack([standardise(values, SCALES[name]) for name, values in similarities.items()])
    if len(standard) == 1:
        fused = standard[0] - ALONE
    else:
        fused = np.minimum(standard.mean(axis=0), standard.min(axis=0) + SLACK)
    scores: NDArray[np.float64] = np.clip(fused / FULL_SCALE, 0.0, 1.0)
    return scores


def standardise(values: Similarities, scale: Scale) -> NDArray[np.float64]:
    """Standard deviations that each similarity lies above those of everybody else, the pretended included."""
    values = np.asarray(values, dtype=np.float64)
    others = len(values) - 1 + PRETENDED
    mean = (values.sum() - values + PRETENDED * scale.mean) / others
    squares = ((values**2).sum() - values**2 + PRETENDED * (scale.deviation**2 + scale.mean**2)) / others
    standard: NDArray[np.float64] = (values - mean) / np.sqrt(np.maximum(squares - mean**2, 1e-6))
    return standard
