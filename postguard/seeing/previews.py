"""Small pictures inside a picture's file: do they show anything that the picture itself does not?

A camera's preview shows the picture. A preview left over from before the picture was cropped or painted over
shows what was meant to go, and goes out with the file.
"""

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from postguard.domain.evidence import Region
from postguard.seeing import limits
from postguard.seeing.detectors import Glimpse
from postguard.seeing.geometry import Sighting
from postguard.seeing.types import Pixels, SeenFace

OTHER_PREVIEW = (
    "the file carries a small preview that shows something else than the picture, perhaps what was cropped away; "
    "save the picture as a new file without its notes, or use the copy that “postguard prepare” makes"
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fit:
    """A preview, upright and without bars, and the part of the picture that it shows: `left` and `top` in pixels of
    the picture, `across` and `down` its pixels for one of the preview's."""

    pixels: Pixels
    left: float = 0.0
    top: float = 0.0
    across: float
    down: float


INSIDE = "picture inside the file"
"""Where words stand that are read in a preview."""


def pixels_of(encoded: bytes) -> Pixels | None:
    """A preview's pixels as they are stored; None where they cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def fit_of(preview: Pixels, picture: Pixels) -> Fit | None:
    """How a preview shows the picture or its middle, whichever way up it lies, with black bars or not; None where it
    shows something else. Something small that was made unrecognisable without leaving a mark goes unnoticed."""
    whole = _small(picture)
    height, width = picture.shape[:2]
    for turned in _ways_up(preview, picture.shape):
        small = _small(turned)
        left, top = _middle(picture.shape, turned.shape)
        if _alike(small, whole):
            left = top = 0
        elif not _alike(small, _small(picture[top : height - top, left : width - left])):
            continue
        across, down = (width - 2 * left) / turned.shape[1], (height - 2 * top) / turned.shape[0]
        return Fit(pixels=np.ascontiguousarray(turned), left=left, top=top, across=across, down=down)
    return None


def _middle(picture: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int]:
    """What is cut off left and right, and above and below, for the largest middle of this shape: some cameras cut a
    preview, none adds to it."""
    height, width = picture[:2]
    inner_height, inner_width = round(width * shape[0] / shape[1]), round(height * shape[1] / shape[0])
    if inner_height < height:
        return 0, (height - max(inner_height, 1)) // 2
    return (width - max(inner_width, 1)) // 2, 0


def without_known(faces: Iterable[SeenFace], known: Sequence[SeenFace], scale: tuple[float, float]) -> list[SeenFace]:
    """Faces of a second picture in the file that are not where the first has one. `scale`: its pixels to the first's.

    Phones keep a brightness map of the same scene as a second picture: a face in it is the same face.
    """

    def known_there(region: Region) -> bool:
        x, y = (region.x + region.width / 2) * scale[0], (region.y + region.height / 2) * scale[1]
        return any(_same_place(x, y, region.height * scale[1], other.region) for other in known)

    return [face for face in faces if not known_there(face.region)]


def shows_more_faces(fit: Fit, picture: Pixels, found: Iterable[Sighting], known: Sequence[Sighting]) -> bool:
    """Whether any face found in a preview is none of those found in the picture, nor looks there as it does here: it
    was covered or blurred."""

    def known_there(face: Glimpse) -> bool:
        x, y = face.centre
        x, y = fit.left + x * fit.across, fit.top + y * fit.down
        return any(_same_place(x, y, face.height * fit.down, other.best) for other in known)

    strange = [seen.best for seen in found if not seen.weak and not known_there(seen.best)]
    if not strange:
        return False
    height, width = fit.pixels.shape[:2]
    box = (fit.left, fit.top, picture.shape[1] - fit.left, picture.shape[0] - fit.top)
    made_small = Image.fromarray(picture).convert("L").resize((width, height), Image.Resampling.BOX, box=box)
    theirs, ours = np.asarray(Image.fromarray(fit.pixels).convert("L"), np.float64), np.asarray(made_small, np.float64)
    return any(_likeness(theirs, ours, face) < limits.PREVIEW_LIKENESS for face in strange)


def _likeness(a: NDArray[np.float64], b: NDArray[np.float64], face: Glimpse) -> float:
    """The correlation of two pictures of one size where a face is: 1 where they show the same."""
    rows = slice(max(0, round(face.y)), max(1, round(face.y + face.height)))
    columns = slice(max(0, round(face.x)), max(1, round(face.x + face.width)))
    mine, other = a[rows, columns] - a[rows, columns].mean(), b[rows, columns] - b[rows, columns].mean()
    spread = float(np.sqrt((mine**2).sum() * (other**2).sum()))
    return float((mine * other).sum()) / spread if spread else 0.0


class _Box(Protocol):
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...


def _same_place(x: float, y: float, height: float, near: _Box) -> bool:
    ratio = height / near.height
    return near.x <= x <= near.x + near.width and near.y <= y <= near.y + near.height and 0.5 <= ratio <= 2.0


def _ways_up(preview: Pixels, shape: tuple[int, ...]) -> Iterator[Pixels]:
    for quarter in range(4):
        turned = np.rot90(preview, quarter)
        yield turned
        # Cameras fill a 4:3 preview of a 3:2 picture up with black bars.
        height, width = turned.shape[:2]
        inner_height, inner_width = round(width * shape[0] / shape[1]), round(height * shape[1] / shape[0])
        if inner_height < height:
            cut = (height - inner_height) // 2
            yield turned[cut : cut + inner_height]
        elif inner_width < width:
            cut = (width - inner_width) // 2
            yield turned[:, cut : cut + inner_width]


def _small(pixels: Pixels) -> NDArray[np.float64]:
    small = Image.fromarray(np.ascontiguousarray(pixels)).convert("L").resize((48, 48), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64)


def _alike(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Alike in every part: something small that was painted over leaves the whole as it was."""
    parts = np.abs((a - a.mean()) - (b - b.mean())).reshape(12, 4, 12, 4).mean(axis=(1, 3))
    return bool(parts.max() <= limits.PREVIEW_DIFFERENCE)
