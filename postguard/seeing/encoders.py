"""What tells faces apart: two encoders that were trained on different data and err on different people.

A reference is looked at once in a gallery's life and a probe in every check, so a reference's template is the mean of
more views (decision 6).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from postguard.domain.errors import EngineError
from postguard.seeing import limits
from postguard.seeing.detectors import Points
from postguard.seeing.geometry import apply, roll_of
from postguard.seeing.models import DLIB_ENCODER, DLIB_LANDMARKS, SFACE, Models
from postguard.seeing.types import Pixels, Template


class DlibEncoder:
    """face_recognition's encoder: dlib's ResNet on a chip aligned by its five-point predictor (`model="small"`).

    The same two files and the same steps as `face_recognition.face_encodings`, without importing that package:
    its import loads three more networks and can end the process with exit code 0.
    """

    name = "dlib"
    weights = f"{DLIB_ENCODER.sha256}+{DLIB_LANDMARKS.sha256}"
    _CHIP = 150
    _PADDING = 0.25

    def __init__(self, models: Models) -> None:
        import dlib

        self._dlib: Any = dlib
        self._predict = _opened(dlib.shape_predictor, models.open(DLIB_LANDMARKS))
        self._net = _opened(dlib.face_recognition_model_v1, models.open(DLIB_ENCODER))

    def template(self, pixels: Pixels, landmarks: Points) -> Template:
        """A probe's: unit length, shape (128,)."""
        return self._template(pixels, self._shape_of_tilted(pixels, landmarks), mirrored=False)

    def reference(self, pixels: Pixels, landmarks: Points) -> Template:
        """A reference's: the mean of the face's template and its mirror image's, unit length, shape (128,)."""
        return self._template(pixels, self._shape_of_tilted(pixels, landmarks), mirrored=True)

    def template_of_box(self, pixels: Pixels, box: tuple[int, int, int, int]) -> Template:
        """What `face_recognition.face_encodings` makes of a box (top, right, bottom, left), at unit length."""
        top, right, bottom, left = box
        shape = self._predict(pixels, self._dlib.rectangle(left, top, right, bottom))
        return self._template(pixels, shape, mirrored=False)

    def _template(self, pixels: Pixels, shape: Any, *, mirrored: bool) -> Template:
        chip = self._dlib.get_face_chip(pixels, shape, size=self._CHIP, padding=self._PADDING)
        chips = [chip, _mirrored(chip)] if mirrored else [chip]
        return _unit(np.sum([np.asarray(row) for row in self._net.compute_face_descriptor(chips)], axis=0))

    def _shape_of_tilted(self, pixels: Pixels, landmarks: Points) -> Any:
        """The five points of a face at any tilt: the predictor, made for upright faces, is given it upright."""
        roll = roll_of(landmarks)
        centre, side = dlib_square(landmarks)
        if abs(roll) <= limits.PREDICTOR_TILT:
            return self._predict(pixels, _rectangle(self._dlib, centre, side))
        import cv2

        size = int(np.clip(2.0 * side, 64, 400))
        zoom = size / (2.0 * side)
        middle = (float(centre[0]), float(centre[1]))
        turn: NDArray[np.float64] = np.asarray(cv2.getRotationMatrix2D(middle, roll, zoom), dtype=np.float64)
        turn[:, 2] += size / 2 - centre
        upright = cv2.warpAffine(pixels, turn, (size, size), flags=cv2.INTER_AREA)
        points = self._predict(upright, _rectangle(self._dlib, np.array([size / 2, size / 2]), size / 2))
        seen = np.array([(p.x, p.y) for p in points.parts()], dtype=np.float64)
        back = apply(np.asarray(cv2.invertAffineTransform(turn), dtype=np.float64), seen)
        return self._dlib.full_object_detection(
            _rectangle(self._dlib, centre, side), [self._dlib.point(round(x), round(y)) for x, y in back]
        )


class SFaceEncoder:
    """OpenCV's SFace on a 112 × 112 crop aligned by five landmarks."""

    name = "sface"
    weights = f"{SFACE.sha256}+four-views"

    def __init__(self, models: Models) -> None:
        import cv2

        self._net = cv2.FaceRecognizerSF.create(str(models.open(SFACE)), "")

    def template(self, pixels: Pixels, landmarks: Points) -> Template:
        """A probe's: the mean of the face and of its mirror image from farther away, unit length, shape (128,)."""
        near, far = self.aligned(pixels, landmarks), self.aligned(pixels, _farther(landmarks))
        return self._mean(near, _mirrored(far))

    def reference(self, pixels: Pixels, landmarks: Points) -> Template:
        """A reference's: the mean of the face near and farther away, each as it is and mirrored."""
        near, far = self.aligned(pixels, landmarks), self.aligned(pixels, _farther(landmarks))
        return self._mean(near, _mirrored(near), far, _mirrored(far))

    def _mean(self, *views: NDArray[np.uint8]) -> Template:
        return _unit(np.sum([_unit(self._net.feature(view)[0]) for view in views], axis=0))

    def aligned(self, pixels: Pixels, landmarks: Points) -> NDArray[np.uint8]:
        """The face as the network is given it: 112 × 112, blue, green, red."""
        row = np.zeros((1, 15), np.float32)
        row[0, 4:14] = landmarks.reshape(-1)
        picture, row = _around(pixels, landmarks, row)
        return np.asarray(self._net.alignCrop(np.ascontiguousarray(picture[..., ::-1]), row), dtype=np.uint8)


def _mirrored(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(crop[:, ::-1])


def _farther(landmarks: Points) -> Points:
    """Landmarks by which a crop shows the face smaller, and more around it."""
    middle = landmarks.mean(axis=0)
    return np.asarray((landmarks - middle) * limits.FARTHER + middle, dtype=np.float32)


def dlib_square(landmarks: Points) -> tuple[NDArray[np.float64], float]:
    """Centre and side of the square that dlib's HOG detector would draw around a face with these landmarks.

    Whichever detector saw a face, the encoder is so given the same crop of it (`limits`, 0003).
    """
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    reach = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), float(np.linalg.norm(mouth - eyes)))
    centre = eyes + limits.DLIB_SQUARE_DOWN * (mouth - eyes)
    return np.asarray(centre, dtype=np.float64), limits.DLIB_SQUARE_SIDE * reach


def _rectangle(dlib: Any, centre: NDArray[np.float64], side: float) -> Any:
    left, top = (centre - side / 2).round().astype(int).tolist()
    return dlib.rectangle(left, top, left + round(side), top + round(side))


def _around(pixels: Pixels, landmarks: Points, row: NDArray[np.float32]) -> tuple[Pixels, NDArray[np.float32]]:
    # Only the face's surroundings are turned into the encoder's colour order, not 12 megapixels a face.
    reach = 4.0 * float(np.ptp(landmarks, axis=0).max()) + 8.0
    low = np.maximum(np.floor(landmarks.mean(axis=0) - reach), 0).astype(int)
    high = np.ceil(landmarks.mean(axis=0) + reach).astype(int)
    row = row.copy()
    row[0, 4:14] -= np.tile(low, 5)
    return pixels[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)], row


def _unit(vector: NDArray[np.floating]) -> Template:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise EngineError("An encoder gave no usable answer.", hint="Run `postguard doctor`.")
    return np.asarray(vector / length, dtype=np.float32)


def _opened(loader: Any, path: Any) -> Any:
    try:
        return loader(str(path))
    except RuntimeError as error:
        raise EngineError(f"A model file cannot be opened: {path}.", hint="Run `postguard doctor`.") from error
