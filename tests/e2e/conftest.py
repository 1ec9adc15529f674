"""A running server for tests that need no particular one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """`triochat serve` with a fresh data directory."""
    with Server(tmp_path) as running:
        yield running
