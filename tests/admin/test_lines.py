"""Lines from typed bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat_admin.lines import Key, Line, Lines
from triochat_admin.telnet import Signal


def type_(data: bytes, limit: int = 100) -> list[Line | Key]:
    return Lines(limit).feed(data)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\0", b"\r"])
def test_every_kind_of_enter_ends_one_line(end: bytes) -> None:
    assert type_(b"list" + end + b"rooms" + end + end) == [Line(b"list"), Line(b"rooms"), Line(b"")]


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\0", b"\x03", b"\x04", b"\x7f", b"\x15", b"\xc3\xab"])))
def test_pieces_make_no_difference(pieces: list[bytes]) -> None:
    lines = Lines(5)
    in_pieces = [item for piece in pieces for byte in piece for item in lines.feed(bytes((byte,)))]
    assert in_pieces == type_(b"".join(pieces), 5)


@given(st.binary(max_size=300))
def test_no_line_is_longer_than_the_limit(data: bytes) -> None:
    lines = Lines(10)
    for item in lines.feed(data):
        assert not isinstance(item, Line) or len(item.data) <= 10
    assert len(lines.unfinished) <= 10


def test_a_line_at_the_limit_is_fine_and_one_byte_more_is_not() -> None:
    assert type_(b"12345\n", 5) == [Line(b"12345")]
    assert type_(b"123456789\nlist\n", 5) == [Key.TOO_LONG, Line(b"list")]


def test_editing_keys() -> None:
    assert type_(b"lisz\x7ft\n") == [Line(b"list")]
    assert type_(b"Zo\xc3\xab\x08x\n") == [Line(b"Zox")]
    assert type_(b"wrong\x15right\n") == [Line(b"right")]
    assert type_(b"\x7f\x7fok\n") == [Line(b"ok")]


def test_ctrl_c_drops_the_line() -> None:
    assert type_(b"kick Bo\x03list\n") == [Key.INTERRUPT, Line(b"list")]


def test_ctrl_d_leaves_only_from_an_empty_line() -> None:
    assert type_(b"\x04") == [Key.END]
    assert type_(b"li\x04st\n") == [Line(b"list")]


def test_telnet_signals_edit_like_their_keys() -> None:
    lines = Lines(100)
    typed: list[Line | Key] = []
    for item in (b"kicx", Signal.ERASE_CHARACTER, b"k\n", b"junk", Signal.ERASE_LINE, b"a", Signal.INTERRUPT, b"b\n"):
        typed += lines.feed(item)  # type: ignore[arg-type]
    assert typed == [Line(b"kick"), Key.INTERRUPT, Line(b"b")]
