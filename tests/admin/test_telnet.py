"""The telnet codec: what GNU telnet was seen to send, and any garbage in any pieces."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat_admin.telnet import MAX_SUBNEGOTIATION, Signal, Telnet

CTRL_C = b"\xff\xf4\xff\xfd\x06"
WONT_TIMING_MARK = b"\xff\xfc\x06"
# Bytes that mean something to telnet, far more often than chance would have them.
telnet_bytes = st.lists(
    st.one_of(st.sampled_from([b"\xff", b"\xfa", b"\xf0", b"\xfd", b"\xfb", b"\x06", b"\x01"]), st.binary(max_size=4))
).map(b"".join)


def read(codec: Telnet, pieces: Iterable[bytes]) -> tuple[list[bytes | Signal], bytes]:
    """The items with neighbouring text joined, and the replies."""
    items: list[bytes | Signal] = []
    replies = b""
    for piece in pieces:
        for item in codec.feed(piece):
            if isinstance(item, bytes) and items and isinstance(items[-1], bytes):
                items[-1] += item
            else:
                items.append(item)
        replies += codec.take_outgoing()
    return items, replies


@given(telnet_bytes, st.lists(st.integers(min_value=1, max_value=7), min_size=1))
def test_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    pieces, start = [], 0
    for i in range(len(data)):
        size = sizes[i % len(sizes)]
        pieces.append(data[start : start + size])
        start += size
    assert read(Telnet(), pieces) == read(Telnet(), [data])


@given(telnet_bytes)
def test_replies_are_never_longer_than_what_asked_for_them(data: bytes) -> None:
    _, replies = read(Telnet(), [data])
    assert len(replies) <= len(data)


@given(st.binary(max_size=200).filter(lambda data: b"\xff" not in data))
def test_text_comes_through(data: bytes) -> None:
    assert b"".join(item for item in Telnet().feed(data) if isinstance(item, bytes)) == data


def test_a_doubled_iac_is_one_byte_of_text() -> None:
    assert read(Telnet(), [b"a\xff", b"\xffb"]) == ([b"a\xffb"], b"")


def test_ctrl_c_is_answered_each_time() -> None:
    codec = Telnet()
    for _ in range(3):
        assert read(codec, [CTRL_C]) == ([Signal.INTERRUPT, Signal.TIMING_MARK], WONT_TIMING_MARK)


def test_signals_keep_their_place_in_the_text() -> None:
    assert read(Telnet(), [b"ab\xff\xf7c\xff\xf8"])[0] == [b"ab", Signal.ERASE_CHARACTER, b"c", Signal.ERASE_LINE]


@pytest.mark.parametrize(
    ("asked", "refusal"), [(b"\xff\xfd\x18", b"\xff\xfc\x18"), (b"\xff\xfb\x1f", b"\xff\xfe\x1f")]
)
def test_options_are_refused_once(asked: bytes, refusal: bytes) -> None:
    """Refused, so that the peer need not wait; once, so that two such ends do not talk for ever."""
    codec = Telnet()
    assert read(codec, [asked])[1] == refusal
    assert read(codec, [asked, asked])[1] == b""


def test_refusals_of_ours_are_accepted_silently() -> None:
    assert read(Telnet(), [b"\xff\xfe\x01\xff\xfc\x18"]) == ([], b"")


def test_hiding_asks_and_takes_the_answer_silently() -> None:
    codec = Telnet()
    codec.hide(True)
    codec.hide(True)
    assert codec.take_outgoing() == b"\xff\xfb\x01"
    assert read(codec, [b"\xff\xfd\x01"]) == ([], b"")
    codec.hide(False)
    assert codec.take_outgoing() == b"\xff\xfc\x01"
    assert read(codec, [b"\xff\xfe\x01"]) == ([], b"")


def test_an_echo_that_nobody_offered_is_refused() -> None:
    assert read(Telnet(), [b"\xff\xfd\x01"])[1] == b"\xff\xfc\x01"


def test_subnegotiations_are_left_out() -> None:
    assert read(Telnet(), [b"a\xff\xfa\x1f\x00\x50\xff\xff\x18\xff\xf0b"]) == ([b"ab"], b"")


def test_an_endless_subnegotiation_swallows_only_so_much() -> None:
    items, _ = read(Telnet(), [b"\xff\xfa", b"x" * MAX_SUBNEGOTIATION, b"list\n"])
    assert items == [b"list\n"]
