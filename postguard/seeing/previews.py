"""Small pictures inside a picture's file: do they show anything that the picture itself does not?

A camera's preview shows the picture. A preview left over from before the picture was cropped or painted over
shows what was meant to go, and goes out with the file.
"""

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from postguard.seeing import limits
from postguard.seeing.types import Pixels, SeenFace

OTHER_PREVIEW = (
    "the file carries a small preview that shows something else than the picture, perhaps what was cropped away; "
    "save the picture as a new file without its notes, or use the copy that “postguard prepare” makes"
)


def shows_something_else(encoded: bytes, picture: Pixels) -> bool:
    """Whether a preview is anything but the picture made small. True as well for one that cannot be read."""
    preview = pixels_of(encoded)
    return preview is None or not alike(preview, picture)


def pixels_of(encoded: bytes) -> Pixels | None:
    """A preview's pixels as they are stored; None where they cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def alike(preview: Pixels, picture: Pixels) -> bool:
    """Whether a preview shows the picture or its middle, whichever way up it lies, with black bars or not."""
    whole = _small(picture)
    return any(
        _alike(_small(turned), whole) or _alike(_small(turned), _small(_middle(picture, turned.shape)))
        for turned in _ways_up(preview, picture.shape)
    )


def _middle(picture: Pixels, shape: tuple[int, ...]) -> Pixels:
    """The largest part from the picture's middle that has this shape: some cameras cut a preview, none adds to it."""
    height, width = picture.shape[:2]
    inner_height, inner_width = round(width * shape[0] / shape[1]), round(height * shape[1] / shape[0])
    if inner_height < height:
        cut = (height - max(inner_height, 1)) // 2
        return picture[cut : height - cut]
    cut = (width - max(inner_width, 1)) // 2
    return picture[:, cut : width - cut]


def without_known(faces: Iterable[SeenFace], known: Sequence[SeenFace], scale: tuple[float, float]) -> list[SeenFace]:
    """Faces of a second picture in the file that are not where the first has one. `scale`: its pixels to the first's.

    Phones keep a brightness map of the same scene as a second picture: a face in it is the same face.
    """
    return [face for face in faces if not any(_same_place(face, other, scale) for other in known)]


def _same_place(face: SeenFace, other: SeenFace, scale: tuple[float, float]) -> bool:
    x, y = (face.region.x + face.region.width / 2) * scale[0], (face.region.y + face.region.height / 2) * scale[1]
    near = other.region
    ratio = face.region.height * scale[1] / near.height
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
