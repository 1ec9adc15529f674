"""Keeps tests away from the files that a client of the person who runs them has."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def no_client_files() -> dict[str, str]:
    """An environment in which a client finds no settings, and remembers for this run only."""
    directory = tempfile.mkdtemp(prefix="triochat-tests-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return {
        "TRIOCHAT_CLIENT_CONFIG": str(Path(directory) / "client.toml"),
        "TRIOCHAT_CLIENT_STATE": str(Path(directory) / "last-visit.json"),
    }
