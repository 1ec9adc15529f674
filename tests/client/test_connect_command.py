"""`triochat connect` as a command: arguments, exit statuses, and what it imports."""

import subprocess
import sys

import pytest


def run(*arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process with *input* on a pipe."""
    command = [sys.executable, "-m", "triochat", "connect", *arguments]
    return subprocess.run(command, input=input, capture_output=True, timeout=20, check=False)


def imported_by(code: str) -> set[str]:
    """The modules that are loaded after *code*."""
    script = f"import sys\ntry:\n {code}\nexcept SystemExit: pass\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=20, check=True)
    return set(process.stderr.decode().split())


def test_help_needs_neither_trio_nor_prompt_toolkit() -> None:
    modules = imported_by("from triochat.cli import main; main(['connect', '--help'])")
    assert "triochat.cli.connect" in modules
    assert not modules & {"trio", "prompt_toolkit", "asyncio"}


def test_plain_mode_needs_no_prompt_toolkit() -> None:
    modules = imported_by("import triochat.terminal.plain")
    assert "trio" in modules
    assert "prompt_toolkit" not in modules


def test_the_client_decides_without_io() -> None:
    modules = imported_by("import triochat.client.chat, triochat.client.completing, triochat.client.address")
    assert not modules & {"trio", "prompt_toolkit", "asyncio", "socket", "ssl", "selectors"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["host:port"], b"port is not a port"),
        (["http://host"], b"http:// is not an address of a chat"),
        (["--name", "a b"], b"cannot be a name"),
        (["--room", "a b"], b"cannot be a room"),
        (["ircs://host", "--no-tls"], b"--no-tls forbids it"),
        (["host", "--trust", "AB" * 32, "--no-tls"], b"--no-tls forbids it"),
        (["host", "--trust", "AB:CD"], b"AB:CD is no SHA-256 fingerprint"),
        (["--nonsense"], b"No such option"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(arguments: list[str], complaint: bytes) -> None:
    process = run(*arguments)
    assert process.returncode == 2
    assert complaint in process.stderr


def test_closed_standard_streams_are_no_trouble() -> None:
    """The first socket must not become standard input."""
    command = f"{sys.executable} -m triochat connect 127.0.0.1:1 --name Bob --password-stdin <&- >&-"
    process = subprocess.run(command, shell=True, stderr=subprocess.PIPE, timeout=20, check=False)
    assert process.returncode == 1
    assert process.stderr.startswith(b"triochat: Nobody answers at 127.0.0.1:1.")


def test_nobody_at_the_address_exits_with_1_and_one_sentence() -> None:
    """Port 1 of the loopback interface is nobody's."""
    process = run("127.0.0.1:1", "--name", "Bob", input=b"hello\n")
    assert process.returncode == 1
    assert process.stdout == b""
    assert process.stderr == b"triochat: Nobody answers at 127.0.0.1:1. Is the server running? (triochat serve)\n"
