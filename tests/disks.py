"""Real file systems that are small, or become read-only."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of its own in memory, mounted at *path*."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink()

    def make_read_only(self) -> None:
        """As after an error of the disk. No file may be open for writing."""
        _run("mount", "-o", "remount,ro", str(self.path))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Two megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system, and only on Linux")
    try:
        _run("mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(path))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"cannot mount a small file system here: {error.stderr.strip()}")
    yield SmallDisk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)
