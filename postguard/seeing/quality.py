"""Whether a face is good enough to say whose it is. The limits are in `limits`, the reasons in plain words."""

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.detectors import Points
from postguard.seeing.types import Pixels

TOO_SMALL = "too small"
BLURRED = "blurred"
TURNED = "turned away"
DARK = "too dark"
BRIGHT = "too bright"
WEAK = "weakly detected"


def flaws(*, height: float, weak: bool, landmarks: Points | None, crop: NDArray[np.uint8] | None) -> tuple[str, ...]:
    """What keeps a face from being identified, gravest first; empty when nothing does.

    `height` is the box's in pixels; `weak`: the detectors doubt it; `crop` is the aligned face, (112, 112, 3).
    """
    found = []
    if height < limits.IDENTIFIABLE_HEIGHT:
        found.append(TOO_SMALL)
    if weak:
        found.append(WEAK)
    if landmarks is None or crop is None:
        return tuple(found) if found else (WEAK,)
    if turned_away(landmarks) > limits.TURNED_AWAY:
        found.append(TURNED)
    grey = crop.mean(axis=2)
    if sharpness(crop, height) < limits.SHARPNESS and height >= limits.IDENTIFIABLE_HEIGHT:
        found.append(BLURRED)
    middle = grey[28:100, 22:90]
    if np.percentile(middle, 95) < limits.DARK:
        found.append(DARK)
    elif np.percentile(middle, 10) > limits.BRIGHT:
        found.append(BRIGHT)
    return tuple(found)


def aligned(pixels: Pixels, landmarks: Points) -> NDArray[np.uint8]:
    """The face upright and centred on 112 × 112: eyes, nose and mouth where every encoder expects them."""
    import cv2

    transform = cv2.estimateAffinePartial2D(landmarks.astype(np.float32), _CANONICAL, method=cv2.LMEDS)[0]
    if transform is None:
        return np.zeros((112, 112, 3), np.uint8)
    return np.asarray(cv2.warpAffine(pixels, transform, (112, 112)), dtype=np.uint8)


_CANONICAL = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where the five landmarks lie on a 112 × 112 face (ArcFace's template, as in OpenCV's alignCrop)."""


def turned_away(landmarks: Points) -> float:
    """How far a head is turned or nodded, from 0 (facing) to 1 and more (profile).

    In the frame of the eyes: how far the nose tip lies from the middle of eyes and mouth, in eye distances;
    in profile the eyes themselves draw together, which makes it grow without bound.
    """
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    across = landmarks[1] - landmarks[0]
    down = mouth - eyes
    width, length = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    if length == 0.0:
        return float("inf")
    axis = np.array([down[1], -down[0]]) / length
    middle = eyes + 0.6 * down
    aside = abs(float((landmarks[2] - middle) @ axis))
    return aside / max(width, 1e-6)


def sharpness(crop: NDArray[np.uint8], height: float) -> float:
    """How much fine detail an aligned face has, 0 to about 0.4, in the direction in which it has least.

    Spread of what a blur by one pixel takes away, along and across, against the spread of the whole; at the
    resolution the face really has (`height` px against the crop's 112), so that a small sharp face is not blurred.
    A hand that shook blurs along one direction only.
    """
    import cv2

    side = int(np.clip(round(height), 24, 112))
    grey = cv2.resize(np.asarray(crop.mean(axis=2), np.float32), (side, side), interpolation=cv2.INTER_AREA)
    inner = (slice(side // 6, -(side // 6)),) * 2
    spread = max(float(grey[inner].std()), 4.0)
    along, across = (grey - cv2.GaussianBlur(grey, size, 1.0) for size in ((7, 1), (1, 7)))
    return min(float(along[inner].std()), float(across[inner].std())) / spread
