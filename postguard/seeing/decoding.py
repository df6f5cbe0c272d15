"""A file → upright RGB pixels, or a plain reason why not. Pillow decodes; nothing is ever skipped in silence."""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, ImageSequence, UnidentifiedImageError

from postguard.seeing import limits
from postguard.seeing.types import Pixels

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "HEIF": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
}
"""Pillow's name of each format that is looked at, and the extensions such a file may have."""

PICTURE_SUFFIXES = frozenset(suffix for suffixes in EXTENSIONS.values() for suffix in suffixes)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Frame:
    """One picture, or one moment of an animation (`at` in seconds) or one page (`at` counted from 1).

    `views` are the ways in which a reader may see it, all of one size: as shown first; then, where the file
    holds more than is shown (under transparency, in the low bits of 16), with that brought out.
    """

    at: float | None
    views: tuple[Pixels, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Opened:
    """A picture file that could be opened. `frames` decodes as it goes and raises `Undecodable`."""

    image: Image.Image
    data: bytes
    format: str
    width: int
    height: int
    frame_count: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def frames(self) -> Iterator[Frame]:
        """Every distinct frame, in order. Raises Undecodable for a file that ends early or cannot be converted."""
        frames = _frames(self.image, self.frame_count)
        while True:
            try:
                with _strict_pillow():
                    frame = next(frames, None)
            except _BROKEN as error:
                raise Undecodable(_why(error)) from error
            if frame is None:
                return
            yield frame


class Undecodable(Exception):
    """A picture that cannot be looked at. Its text is the reason, in plain words, with what to do."""


def open_picture(path: Path) -> Opened:
    """Open a picture file: read it, tell its format, refuse what is too large, and find its upright size.

    Raises Undecodable with a plain reason. Decodes no pixels yet.
    """
    data = _read(path)
    suffix = path.suffix.lower()
    if _is_heic(data) and not register_heic():
        raise Undecodable(
            "pictures from an iPhone (HEIC) cannot be read on this computer; save it as JPEG, "
            "or install postguard's heic extra"
        )
    try:
        with _strict_pillow():
            image = Image.open(io.BytesIO(data), formats=_formats())
            _refuse_large(image)
            frame_count = int(getattr(image, "n_frames", 1))
            width, height = _upright_size(image)
    except UnidentifiedImageError:
        raise Undecodable(
            "this is not a picture, or one of a kind that postguard cannot read; save it as JPEG or PNG"
        ) from None
    except _BROKEN as error:
        raise Undecodable(_why(error)) from error
    kind = image.format or ""
    if suffix not in EXTENSIONS.get(kind, ()):
        raise Undecodable(
            f"its name says one kind of file, but it is really a {_plain(kind)}: "
            f"rename it so that it ends in {EXTENSIONS[kind][0]}"
        )
    if frame_count > limits.MAX_MOVING_FRAMES:
        raise Undecodable(
            f"it has {frame_count} frames, more than the {limits.MAX_MOVING_FRAMES} postguard looks at; "
            "post a shorter one, or a still picture"
        )
    return Opened(image=image, data=data, format=kind, width=width, height=height, frame_count=frame_count)


def register_heic() -> bool:
    """Make Pillow able to read HEIC. False where the extra is not installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    Warning,
    Image.DecompressionBombError,
)
"""What Pillow and its plug-ins raise on files that are cut short, damaged or made to do harm."""


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size == 0:
            raise Undecodable("the file is empty; copy it from the camera again")
        if size > limits.MAX_FILE_BYTES:
            raise Undecodable(f"the file is larger than {limits.MAX_FILE_BYTES // 1_000_000} MB; save a smaller copy")
        return path.read_bytes()
    except OSError:
        raise Undecodable("the file cannot be opened; check that it is still there and may be read") from None


@contextmanager
def _strict_pillow() -> Iterator[None]:
    """Pillow, refusing files that end early, and treating its warnings about damage as damage."""
    # Other libraries (face_recognition among them) switch this on for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for sign in (".*[Tt]runcat.*", ".*[Cc]orrupt.*"):
            warnings.filterwarnings("error", message=sign)
        yield


def _formats() -> list[str]:
    Image.init()
    return [name for name in EXTENSIONS if name in Image.OPEN]


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and (data[8:12] in _HEIC_BRANDS and b"avif" not in data[8:64])


def _plain(kind: str) -> str:
    return {"MPO": "JPEG", "HEIF": "HEIC"}.get(kind, kind)


def _refuse_large(image: Image.Image) -> None:
    megapixels = image.width * image.height / 1e6
    if megapixels > limits.MAX_MEGAPIXELS:
        raise Undecodable(
            f"the picture has {megapixels:.0f} megapixels, more than the {limits.MAX_MEGAPIXELS} postguard looks at; "
            "save a smaller copy"
        )


def _why(error: BaseException) -> str:
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning | MemoryError):
        return f"it has more than the {limits.MAX_MEGAPIXELS} megapixels postguard looks at; save a smaller copy"
    return "the picture is damaged or cut short; copy it from the camera again, or open it and save it anew"


def _upright_size(image: Image.Image) -> tuple[int, int]:
    sideways = image.getexif().get(0x0112) in (5, 6, 7, 8)
    return (image.height, image.width) if sideways else (image.width, image.height)


def _frames(image: Image.Image, frame_count: int) -> Iterator[Frame]:
    if frame_count == 1:
        image.load()
        yield Frame(at=None, views=_views(ImageOps.exif_transpose(image)))
        return
    seen: set[bytes] = set()
    seconds = 0.0
    timed = image.format in {"GIF", "WEBP", "PNG", "AVIF"}
    for page, frame in enumerate(ImageSequence.Iterator(image), start=1):
        _refuse_large(frame)
        frame.load()
        # Read before the picture is converted: the next frame overwrites it.
        lasts = float(frame.info.get("duration", 0) or 0) / 1000
        if lasts <= 0.01:
            lasts = 0.1  # as browsers show frames without a time
        views = _views(ImageOps.exif_transpose(frame))
        fingerprint = hashlib.sha256(repr(views[0].shape).encode() + b"".join(v.tobytes() for v in views)).digest()
        if fingerprint not in seen:
            seen.add(fingerprint)
            yield Frame(at=seconds if timed else float(page), views=views)
        seconds = round(seconds + lasts, 3)


def _views(image: Image.Image) -> tuple[Pixels, ...]:
    """An upright picture of any mode as RGB: as shown, and with what transparency, 16 bits or faintness would hide."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return _views_of_deep(np.asarray(image, dtype=np.float64), whole_range=mode != "F")
    if mode in {"RGBA", "LA", "PA", "RGBa", "La"} or (mode in {"P", "L", "RGB", "1"} and "transparency" in image.info):
        views = _views_of_transparent(np.asarray(image.convert("RGBA")))
    else:
        views = (np.ascontiguousarray(np.asarray(image.convert("RGB"))),)
    return tuple(look for view in views for look in _with_faint(view))


def _with_faint(view: Pixels) -> tuple[Pixels, ...]:
    """A picture too dark or too pale to see anything in also as anybody can make it plain again."""
    low, high = (float(level) for level in np.percentile(view[::4, ::4], [0.5, 99.5]))
    if not 0 < high - low < limits.FAINT_PICTURE:
        return (view,)
    plain = (view.astype(np.float32) - low) * (255.0 / (high - low))
    return (view, np.clip(plain, 0, 255).astype(np.uint8))


def _views_of_transparent(rgba: NDArray[np.uint8]) -> tuple[Pixels, ...]:
    """On white as a page shows it, on black as others do, and without the transparency: anybody can take it away."""
    colour = np.ascontiguousarray(rgba[..., :3])
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    if alpha.min() == 1.0:
        return (colour,)
    # White drawn on nothing is plain on black and gone on white, black on nothing the reverse.
    views = [np.rint(colour * alpha + paper * (1.0 - alpha)).astype(np.uint8) for paper in (255.0, 0.0)]
    return _distinct([*views, colour])


def _distinct(views: list[Pixels]) -> tuple[Pixels, ...]:
    kept: list[Pixels] = []
    for view in views:
        if not any(np.array_equal(view, other) for other in kept):
            kept.append(view)
    return tuple(kept)


def _views_of_deep(values: NDArray[np.float64], *, whole_range: bool) -> tuple[Pixels, ...]:
    """16 or more bits a pixel: scaled by the whole range as a viewer does, and stretched to what is used."""
    if not np.isfinite(values).all():
        raise ValueError("not numbers")
    low, high = float(values.min()), float(values.max())
    views: list[Pixels] = []
    if whole_range:
        top = 65535.0 if high <= 65535.0 else float(2**31 - 1)
        views.append(_grey(np.clip(values, 0.0, top) / top))
    if high > low and (not views or high - low < 0.7 * top):
        views.append(_grey((values - low) / (high - low)))
    return tuple(views) or (_grey(np.zeros_like(values)),)


def _grey(unit: NDArray[np.float64]) -> Pixels:
    return np.repeat(np.rint(unit * 255.0).astype(np.uint8)[..., None], 3, axis=2)
