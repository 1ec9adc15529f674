"""`triochat gui` as a process: how it begins, and how it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.server import Server, clean_environment

pytest.importorskip("tkinter", reason="this Python has no tkinter")

DOUBLE_START = "import sys; sys.modules['tkinter'] = None; from triochat.cli import main; main(['gui', 'localhost'])"


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    return clean_environment(TRIOCHAT_KNOWN_SERVERS=str(tmp_path / "known"), **changes)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_no_display_is_one_sentence(tmp_path: Path) -> None:
    without = {key: value for key, value in environment(tmp_path).items() if key != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "triochat", "gui", "--name", "Bob"], env=without, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("triochat: There is no display for a window")
    assert "triochat connect" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_tkinter_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DOUBLE_START], env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("triochat: The window needs tkinter")
    assert "python3-tk" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[colours]\nlink = "nosuch"', "triochat: The client's settings, [colours]: There is no colour 'nosuch';"),
        ('[colours]\nlnik = "bold"', "unknown key 'lnik' in [colours]"),
        ('[keys]\nnosuch = "f3"', "unknown key 'nosuch' in [keys]"),
    ],
)
def test_settings_that_mean_nothing_are_one_sentence(text: str, sentence: str, display: str, tmp_path: Path) -> None:
    (tmp_path / "client.toml").write_text(text)
    files = environment(tmp_path, DISPLAY=display, TRIOCHAT_CLIENT_CONFIG=str(tmp_path / "client.toml"))
    done = subprocess.run(
        [sys.executable, "-m", "triochat", "gui", "--name", "Bob"], env=files, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_chat_cleanly(number: signal.Signals, display: str, tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        window = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "triochat", "gui", f"localhost:{server.port}", "--name", "Bob"],
            env=environment(tmp_path, DISPLAY=display),
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            server.lines.until(r"^\[NEW CONNECTION\] Bob connected\.")
            window.send_signal(number)
            _, errors = window.communicate(timeout=20)
        finally:
            window.kill()
            window.wait()
        assert (window.returncode, errors) == (0, "")
        server.lines.until(r"^\[DISCONNECTED\] Bob has left the chat\.")
