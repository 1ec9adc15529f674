"""What lies in the data directory."""

import stat
from pathlib import Path

import pytest

from triochat.datadir import PASSWORD_FILE, admin_password
from triochat.errors import Failure
from triochat.settings import Settings


def test_a_password_is_made_once(tmp_path: Path) -> None:
    made = admin_password(Settings(), tmp_path / "new", {})
    assert made
    assert admin_password(Settings(), tmp_path / "new", {}) == made


def test_a_password_is_never_put_into_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / PASSWORD_FILE
    path.touch(0o644)
    assert admin_password(Settings(), tmp_path, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_file_that_is_no_text_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match=r"is no text\. Delete it"):
        admin_password(Settings(), tmp_path, {})
