"""Killed while it writes, or on a full disk: the gallery and every whole file are the old one or the new one."""

import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from postguard.domain.errors import RecordError
from postguard.records.files import write_whole
from postguard.records.gallery_file import StoredGallery, StoredReference, read_gallery, write_gallery

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process to kill")

ENCODERS = {"sface": "a" * 64}


def gallery(people: int) -> StoredGallery:
    template = np.zeros(128, dtype=np.float32)
    template[0] = 1
    return StoredGallery(
        encoders=ENCODERS,
        references=tuple(
            StoredReference(
                person=f"P{n:02}", sha256="b" * 64, templates={"sface": template}, height=100, sharpness=1.0
            )
            for n in range(people)
        ),
    )


def in_a_child(work) -> tuple[int, int]:
    """Fork: the child runs `work(say)` for ever. Its id, and the end of a pipe on which it says that it works."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            while True:
                work(lambda: os.write(writer, b"."))
        finally:
            os._exit(1)
    os.close(writer)
    return child, reader


def test_a_gallery_is_never_torn(tmp_path: Path):
    rng = random.Random(7)
    path = tmp_path / "gallery.npz"
    write_gallery(path, gallery(3))
    seen = set()

    def work(say) -> None:
        for people in (200, 3):
            say()
            write_gallery(path, gallery(people))

    for _ in range(40):
        child, reader = in_a_child(work)
        for _ in range(rng.randrange(1, 4)):
            os.read(reader, 1)
        time.sleep(rng.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        found = read_gallery(path, ENCODERS)
        assert found.gallery is not None, found.remark
        seen.add(len(found.gallery.references))
    assert seen == {3, 200}


@pytest.mark.parametrize("room", [0, 100, 5000])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, room: int):
    """The limit on a file's size is what a full disk looks like to a program: a part is written, the rest fails."""
    import resource

    paths = {"file": tmp_path / "file", "gallery": tmp_path / "gallery.npz"}
    write_whole(paths["file"], b"old")
    write_gallery(paths["gallery"], gallery(3))
    before = {name: path.read_bytes() for name, path in paths.items()}
    child = os.fork()
    if child == 0:
        failed = 0
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            for write in (
                lambda: write_whole(paths["file"], b"new" * 10_000),
                lambda: write_gallery(paths["gallery"], gallery(200)),
            ):
                try:
                    write()
                except RecordError as error:
                    failed += bool(error.hint)
        finally:
            os._exit(failed)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert {name: path.read_bytes() for name, path in paths.items()} == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".lock") == ["file", "gallery.npz"]
