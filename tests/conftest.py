"""What holds for every test: nothing here may speak to a network."""

import shutil
import sys
from pathlib import Path

import pytest
from network_used import NetworkUsed

ROOT = Path(__file__).resolve().parents[1]

_FORBIDDEN = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto")
_LOCAL = ("127.0.0.1", "::1", "localhost")


def _no_network(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: sees every socket of this process, whoever opens it, libraries in C included."""
    if event == "socket.connect":
        address = args[1]
        if isinstance(address, tuple) and address and address[0] not in _LOCAL:
            raise NetworkUsed(f"{event} to {address!r}")
    elif event in _FORBIDDEN and args and args[0] not in (*_LOCAL, None, ""):
        raise NetworkUsed(f"{event} {args!r}")


sys.addaudithook(_no_network)


@pytest.fixture
def root() -> Path:
    """The repository's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def demo_school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo school's folder, copied: roster and reference photos. Its gallery is made by the first who needs it."""
    folder = tmp_path_factory.mktemp("school")
    shutil.copy(ROOT / "consent_roster.yaml", folder)
    shutil.copytree(ROOT / "faces", folder / "faces")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder
