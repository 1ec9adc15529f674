"""What a service manager is told."""

import logging
import os
import socket
from pathlib import Path

import pytest

from triochat.observing.readiness import ServiceManager


@pytest.fixture
def manager(tmp_path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(tmp_path / "notify"))
    sock.setblocking(False)
    return sock


def told(manager: socket.socket) -> list[bytes]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(1024))
        except BlockingIOError:
            return messages


def test_it_is_told_when_the_server_is_ready_alive_and_stopping(manager: socket.socket) -> None:
    with manager:
        environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "1000000"}
        service = ServiceManager(environment)
        service.ready(), service.alive(), service.stopping()
        assert told(manager) == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "x"}])
def test_signs_of_life_are_for_who_wants_them_from_this_process(manager: socket.socket, more: dict[str, str]) -> None:
    with manager:
        ServiceManager({"NOTIFY_SOCKET": manager.getsockname(), **more}).alive()
        assert told(manager) == []


def test_an_abstract_socket_is_understood() -> None:
    name = f"triochat-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0{name}")
        sock.setblocking(False)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert told(sock) == [b"READY=1"]


def test_without_a_manager_nothing_happens_and_a_dead_one_is_survived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ServiceManager({}).ready()
    assert caplog.messages == []
    with caplog.at_level(logging.WARNING):
        ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()
    assert caplog.messages == ["cannot tell the service manager READY=1: No such file or directory"]
