"""The guard against networks must itself work, in this process and in the commands that tests start."""

import socket

import pytest
from network_used import NetworkUsed


def test_a_look_up_fails_the_run() -> None:
    with pytest.raises(NetworkUsed):
        socket.getaddrinfo("example.org", 443)


def test_a_connection_fails_the_run() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as plug, pytest.raises(NetworkUsed):
        plug.connect(("192.0.2.1", 80))
