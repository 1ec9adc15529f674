"""A display for windows, where the machine can give one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from triochat import trust
from triochat.client import remembered


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of an X display of our own."""
    pytest.importorskip("tkinter", reason="this Python has no tkinter")
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    try:
        if not number:
            pytest.skip("Xvfb does not start here")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def on_display(display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows open there, and nothing was kept by others before them."""
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "state" / "last-visit.json"))
    monkeypatch.setenv(trust.VARIABLE, str(tmp_path / "known-servers"))
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("GTK_THEME", raising=False)
