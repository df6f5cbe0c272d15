"""What is installed, and what it is good for: the facts behind `postguard doctor`."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from postguard.domain.errors import PostguardError
from postguard.seeing.decoding import register_heic
from postguard.seeing.models import ALL_WEIGHTS, Models, Weights, locate, models_folder, sha256_of


class State(Enum):
    OK = "ok"
    ABSENT = "not installed"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something postguard uses. Without a `required` one there is no verdict; `cure` says what to do."""

    topic: str
    name: str
    state: State
    detail: str = ""
    licence: str = ""
    required: bool = True
    cure: str = ""

    @property
    def prevents_verdicts(self) -> bool:
        return self.required and self.state is not State.OK


_SET_UP_AGAIN = "Run the set-up command from the README again."

_LIBRARIES = (
    ("Pillow", "pillow", "MIT-CMU", "opens pictures"),
    ("OpenCV", "opencv-python", "Apache-2.0", "runs YuNet, CenterFace and SFace"),
    ("dlib", "dlib-bin", "BSL-1.0", "runs face_recognition's networks"),
    ("face_recognition", "face_recognition", "MIT", "its models' interface"),
    ("face_recognition_models", "face_recognition_models", "MIT", "carries dlib's models"),
    ("RapidOCR", "rapidocr", "Apache-2.0", "reads words in pictures"),
)
"""Name, distribution, licence, what for."""


def examine(folder: Path | None = None) -> tuple[Item, ...]:
    """Look at everything postguard needs or could use. `folder` serves as the models' folder, if given.

    Imports the engines and tries them, so that it takes seconds. Never raises for what is missing.
    """
    return (*_libraries(), *_weights(models_folder(folder)), _engines(folder), _heic(), _clips())


def _libraries() -> Iterator[Item]:
    yield Item(topic="Libraries", name="Python", state=State.OK, detail=platform.python_version(), licence="PSF-2.0")
    for name, distribution, licence, purpose in _LIBRARIES:
        try:
            found = version(distribution)
        except PackageNotFoundError:
            # dlib built from source is as good as its wheel.
            if distribution == "dlib-bin" and find_spec("dlib") is not None:
                found = "built from source"
            else:
                yield Item(topic="Libraries", name=name, state=State.ABSENT, detail=purpose, cure=_SET_UP_AGAIN)
                continue
        yield Item(topic="Libraries", name=name, state=State.OK, detail=f"{found}, {purpose}", licence=licence)


def _weights(folder: Path | None) -> Iterator[Item]:
    for weights in ALL_WEIGHTS:
        yield _weight_file(weights, locate(weights, folder))


def _weight_file(weights: Weights, path: Path | None) -> Item:
    state, detail, cure = State.OK, f"{weights.purpose}: {path}", ""
    if path is None:
        state, detail = State.ABSENT, f"{weights.purpose}: {weights.file_name}"
        cure = _SET_UP_AGAIN
        if not weights.required:
            cure = f"Without it postguard is stricter and stops more drafts. {_SET_UP_AGAIN}"
    elif sha256_of(path) != weights.sha256:
        state, cure = State.BROKEN, f"The file is not the one postguard was made for. {_SET_UP_AGAIN}"
    required = weights.required or state is State.BROKEN
    return Item(
        topic="Models",
        name=weights.key,
        state=state,
        detail=detail,
        licence=weights.licence,
        required=required,
        cure=cure,
    )


def _engines(folder: Path | None) -> Item:
    """Whether the engines start and answer: an empty picture must be looked at and hold nobody."""
    import numpy as np

    from postguard.seeing.eyes import Eyes

    name = "engines"
    try:
        seen = Eyes(Models.find(folder)).faces(np.full((240, 320, 3), 200, np.uint8))
    except PostguardError as error:
        return Item(topic="Faces", name=name, state=State.BROKEN, detail=error.message, cure=error.hint)
    except (ImportError, SystemExit) as error:
        return Item(topic="Faces", name=name, state=State.BROKEN, detail=str(error), cure=_SET_UP_AGAIN)
    if seen:
        return Item(
            topic="Faces", name=name, state=State.BROKEN, detail="they see a face where none is", cure=_SET_UP_AGAIN
        )
    return Item(topic="Faces", name=name, state=State.OK, detail="they start and answer")


def _heic() -> Item:
    name, topic = "HEIC pictures (iPhone)", "Extras"
    if register_heic():
        detail = f"pillow-heif {version('pillow-heif')}"
        return Item(topic=topic, name=name, state=State.OK, detail=detail, licence="GPL-2.0", required=False)
    return Item(
        topic=topic,
        name=name,
        state=State.ABSENT,
        detail="such pictures stop a draft, they are not skipped",
        required=False,
        cure="Save them as JPEG, or install the extra: uv sync --extra heic (its licence is the GPL).",
    )


def _clips() -> Item:
    name, topic = "Video clips", "Extras"
    try:
        import av
    except ImportError:
        return Item(
            topic=topic,
            name=name,
            state=State.ABSENT,
            detail="clips stop a draft, they are not skipped",
            required=False,
            cure="Install the extra: uv sync --extra clips (its licence is the GPL).",
        )
    detail = f"PyAV {av.__version__}"
    return Item(topic=topic, name=name, state=State.OK, detail=detail, licence="GPL", required=False)
