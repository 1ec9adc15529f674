"""The admin console: telnet's bytes, the line being typed, and what it means."""

from admin.small_server import SmallServer
from fuzz.pieces import unsafe, ways
from triochat.operations import OperationError
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import Answer, CommandFailed, Later, Leave, Question, UsageError, Watch, parse
from triochat_admin.lines import Key, Line, Lines
from triochat_admin.telnet import Signal, Telnet
from triochat_admin.text import typed

LIMIT = 80


def telnet(data: bytes) -> None:
    """However the bytes arrive: the same lines and answers, only so much kept, and no command but the one typed."""
    results = [_read(pieces) for pieces in ways(data)]
    assert results[1:] == results[:-1]
    lines, answers = results[0]
    assert len(answers) <= len(data)
    # While a password is hidden only the answers about echo differ: what was typed is the same.
    assert _read([data], hidden=True)[0] == lines
    for line in lines:
        if isinstance(line, Line):
            assert len(line.data) <= LIMIT
            _obey(SmallServer(), typed(line.data))


def _read(pieces: list[bytes], *, hidden: bool = False) -> tuple[list[Line | Key], bytes]:
    codec, lines = Telnet(), Lines(LIMIT)
    codec.hide(hidden)
    assert codec.take_outgoing() == (b"\xff\xfb\x01" if hidden else b"")
    done: list[Line | Key] = []
    answers = b""
    for piece in pieces:
        for item in codec.feed(piece):
            assert isinstance(item, Signal) or item
            done += lines.feed(item)
        answers += codec.take_outgoing()
        assert len(codec._command) <= 2
        assert len(lines.unfinished) <= LIMIT
        assert not set(b"\n\r\0") & set(lines.unfinished)
    return done, answers


def _obey(server: SmallServer, line: str) -> None:
    assert not {"\r", "\n", "\0", "\x1b"} & set(line)
    if not line:
        return
    try:
        command, call = parse(COMMANDS, line, server, "fuzz")
        result = command.run(call)
    except (UsageError, CommandFailed) as error:
        assert str(error) and not unsafe(str(error))
        return
    except OperationError:
        return  # the server's words, made visible by the session
    if isinstance(result, Answer | Question | Leave):
        assert not any(unsafe(part) for part in result.text.split("\n"))
    if isinstance(result, Question):
        answer = result.go()
        assert isinstance(answer, Later) or not any(unsafe(part) for part in answer.text.split("\n"))
    if isinstance(result, Watch):
        assert not unsafe(result.title)
    if not command.changes:
        assert not server.done
