"""What seeing hands on. Pixels and templates stop at `matching`; nothing here is ever written to a report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from postguard.domain.drafts import Unchecked
from postguard.domain.evidence import Detection, Glance, Passage, Photograph, Region

Pixels = NDArray[np.uint8]
"""An upright picture: shape (height, width, 3), RGB, 0 to 255."""
Template = NDArray[np.float32]
"""What an encoder makes of a face: shape (d,), unit length. Biometric data."""
Templates = Mapping[str, Template]
"""Encoder name to its template of one face."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeenFace:
    """A face found in a picture.

    `landmarks` are five (x, y) points in pixels of the upright picture: the two eyes, nose tip, two mouth
    corners, in the picture's left to right order. `roll` is the head's tilt in degrees, clockwise positive.
    `flaws` is empty when the face is good enough to identify. `templates` is empty when it was too small
    or too poor to encode. `path` is where in a clip the face was seen, in order; `figure` the number of the
    person in it that it seems to be, 0 in a picture.
    """

    region: Region
    detections: tuple[Detection, ...]
    landmarks: tuple[tuple[float, float], ...] = ()
    roll: float = 0.0
    sharpness: float = 0.0
    flaws: tuple[str, ...] = ()
    templates: Templates = field(default_factory=dict)
    path: tuple[Glance, ...] = ()
    figure: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeenFrame:
    """The faces of one picture, or of one moment of a clip (`part` then ends in `@seconds`), left to right."""

    part: str
    faces: tuple[SeenFace, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sight:
    """Everything seen in one file. `photograph` is None when the file could not be opened at all."""

    photograph: Photograph | None
    frames: tuple[SeenFrame, ...] = ()
    passages: tuple[Passage, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    not_looked_at: tuple[str, ...] = ()
