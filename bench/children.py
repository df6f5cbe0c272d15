"""Adults' templates made as alike as schoolchildren's: a stand-in while no pictures of real children can be had.

Every template is taken apart into what all faces share, what is the person's and what is the picture's, and put
together again in other proportions. The nine numbers of MIX were fitted (random search on LFW) until the known figures
on children came out: pairs of different schoolchildren (SFace's cosine 0.23 ± 0.11, dlib's 0.894 ± 0.0265), and what
four simple rules did to 70 children aged 3 to 12 with up to three years between pictures (docs/decisions/0006).

    | rule: refused cleared, strangers cleared, consented stopped, % | references | published | here |
    |-|-|-|-|
    | dlib, nearest within 0.6 | 1 | 8.8, 48.6, 8.5 | 7.5, 50.4, 8.1 |
    | dlib, 0.45 and margin 0.05 | 1 | 0.72, 4.3, 33.9 | 0.37, 6.0, 36.5 |
    | SFace, 0.50 and margin 0.08 | 1 | 0.35, 5.3, 18.2 | 0.13, 6.4, 24.7 |
    | both agree (0.50 and 0.55, margin 0.08) | 1 | 0.09, 2.1, 25.1 | 0.00, 1.2, 29.4 |
    | both agree | 3 | 0.02, 2.4, 16.9 | 0.00, 2.2, 14.9 |

What it does not have: brothers and sisters, children of one age who look alike to both encoders at once, poses and
light as in real years. It says where a threshold lies on the way from too strict to too loose, not what will come.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """How large the person's and the picture's parts are beside a shared one of 1, and how few directions people
    differ in (a power of the spectrum)."""

    person: float
    picture: float
    spectrum: float


MIX = {"sface": Part(1.61, 1.13, 3.43), "dlib": Part(0.291, 0.202, 0.233)}
PROBE = 1.28
"""A probe's own part is so many times larger, a reference's smaller: years between, which no more references mend."""
SPREAD = 0.19
"""Of the logarithm of that: some pictures are worse than others."""
TOGETHER = 0.20
"""How much of a person's part is common to both encoders, in SHARED directions."""
SHARED = 16


def as_children(people: list[str], templates: dict[str, Vectors], seed: int = 5) -> tuple[dict[str, Vectors], ...]:
    """Templates as references and as probes, by encoder; rows as given: one for each picture of these people."""
    chance = np.random.default_rng(seed)
    names, rows = np.unique(people, return_inverse=True)
    counts = np.bincount(rows)[rows][:, None]
    worse = PROBE * np.exp(SPREAD * chance.normal(size=(len(people), 1)) - SPREAD**2 / 2)
    common = np.zeros((len(names), 128))
    common[:, :SHARED] = chance.normal(size=(len(names), SHARED)) / np.sqrt(SHARED)
    references, probes = {}, {}
    for name, part in MIX.items():
        means = np.stack([templates[name][rows == n].mean(axis=0) for n in range(len(names))])
        shared = means.mean(axis=0)
        own = (templates[name] - means[rows]) * np.sqrt(counts / np.maximum(counts - 1, 1))
        alone = np.flatnonzero(counts[:, 0] == 1)  # nothing to tell person from picture by: borrow another's
        own[alone] = own[chance.choice(np.flatnonzero(counts[:, 0] > 1), len(alone))]
        strength, axes = np.linalg.eigh(np.cov((means - shared).T))
        narrow = ((means - shared) @ axes) * (np.maximum(strength, 0) / strength.max()) ** (part.spectrum / 2) @ axes.T
        person = np.sqrt(1 - TOGETHER**2) * _of_size_one(narrow) + TOGETHER * common
        base = _unit(shared) + part.person * person[rows]
        own = part.picture * _of_size_one(own)
        references[name], probes[name] = _unit(base + own / PROBE), _unit(base + own * worse)
    return references, probes


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _of_size_one(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.sqrt((vectors**2).sum(axis=1).mean()))
