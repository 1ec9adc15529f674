"""Text on its way to people's eyes, and typed text on its way to the wire."""

from fuzz.pieces import unsafe
from triochat.client.names import another, from_login, problem, room_problem
from triochat.client.splitting import lines_of, split
from triochat.domain import multiline
from triochat.domain.names import Names
from triochat.domain.words import has_words, words_in
from triochat.fanout.plaintext import clean
from triochat.proto.message import byte_length, cut
from triochat.proto.text import visible
from triochat_admin import text as console

_CASEMAPPINGS = (Names("ascii"), Names("precis"))


def text(data: bytes) -> None:
    """Nothing steers a terminal, nothing is lost on the way to the wire, everything stays within its bounds."""
    said = data.decode(errors="surrogateescape")  # as prompts read it
    for shown in (visible(said), clean(said), console.visible(said), *console.visible_lines(said).split("\n")):
        assert not [c for c in unsafe(shown) if not "\udc80" <= c <= "\udcff"]
    _console(data)
    _typed(said)
    _names(said.encode(errors="replace").decode())


def _console(data: bytes) -> None:
    line = console.typed(data)
    assert not unsafe(console.visible(line))
    assert not {"\r", "\n", "\0", "\x1b", "\x85", "\u2028"} & set(line)
    shown = console.visible(line)
    for columns in (2, 9, 40):
        clipped = console.clip(shown, columns)
        assert console.width(clipped) <= columns
        assert console.width(console.pad(clipped, columns)) == columns


def _typed(said: str) -> None:
    lines = lines_of(said)
    for line in lines:
        assert line.strip()
        assert not {"\r", "\n", "\0"} & set(line)
        pieces = split(line, 40)
        assert all(0 < byte_length(piece) <= 40 for piece in pieces)
        assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    text = multiline.join([(line, bool(len(line) % 2)) for line in lines])
    assert [line for line, _ in multiline.split(text)] == (lines or [""])
    assert multiline.combine(text).count(multiline.NEW_LINE) <= max(0, len(lines) - 1)


def _names(name: str) -> None:
    assert cut(name, 10) == name[: len(cut(name, 10))]
    assert byte_length(cut(name, 10)) <= 10
    assert problem(from_login(name)) is None
    assert problem(another(from_login(name), 17)) is None
    for wrong in (problem(name), room_problem(name)):
        assert wrong is None or not unsafe(wrong)
    for names in _CASEMAPPINGS:
        assert names.fold(names.fold(name)) == names.fold(name)
        if names.nick_error(name, 32) is None:
            assert not unsafe(name) and not set(" ,:!@#*?\r\n\0") & set(name)
            assert names.same(name, name)
        if names.room_name_error(name, 64) is None:
            assert not unsafe(name) and not set(" ,\r\n\0\x07") & set(name)
    words = words_in(name)
    assert has_words(name) == bool(words)
    assert words_in(" ".join(words)) == words
