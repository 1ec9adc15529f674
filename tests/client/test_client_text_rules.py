"""Names, and text that has to fit messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.client import names
from triochat.client.splitting import lines_of, split


def test_other_names_are_counted_up_and_finally_shortened() -> None:
    """Even a server that cuts names at nine characters sees a new one each time."""
    tried = [names.another("Bartholomew", attempt) for attempt in range(2, 30)]
    assert tried[0] == "Bartholomew2"
    assert len({name[:9] for name in tried[4:]}) == len(tried[4:])


@pytest.mark.parametrize(
    ("login", "name"),
    [("bob", "bob"), ("DOM\\bob smith", "DOM\\bobsmith"), ("1und1", "und1"), ("Žofie", "ofie"), ("", "guest")],
)
def test_a_login_becomes_a_name_that_any_server_takes(login: str, name: str) -> None:
    assert names.from_login(login) == name


@pytest.mark.parametrize("name", ["", "a b", "#room", ":x", "a\nb", "a,b", "a!b", "x" * 200])
def test_what_cannot_be_sent_as_a_name_is_explained(name: str) -> None:
    assert names.problem(name)


@pytest.mark.parametrize("name", ["Bob", "Zoë", "[x]", "名前"])
def test_unusual_names_are_left_to_the_server(name: str) -> None:
    assert names.problem(name) is None


@pytest.mark.parametrize(
    ("mapping", "same"), [("ascii", ("Bob", "bOB")), ("rfc1459", ("a[]\\~", "A{}|^")), ("rfc7613", ("ZOË", "zoë"))]
)
def test_names_are_compared_as_the_server_says(mapping: str, same: tuple[str, str]) -> None:
    fold = names.folding(mapping)
    assert fold(same[0]) == fold(same[1])


def test_long_text_is_cut_at_spaces() -> None:
    assert split("the quick brown fox jumps over it", 32) == ["the quick brown fox jumps over", "it"]


def test_a_word_longer_than_a_message_is_cut_between_characters() -> None:
    assert split("ä" * 40, 33) == ["ä" * 16, "ä" * 16, "ä" * 8]


def test_an_accent_stays_with_its_letter() -> None:
    text = "x" * 31 + "e\u0301" + "y" * 31
    assert split(text, 32)[:2] == ["x" * 31, "e\u0301" + "y" * 29]


@given(st.text(), st.integers(min_value=0, max_value=400))
def test_nothing_is_lost_in_cutting_but_spaces_at_the_cuts(text: str, limit: int) -> None:
    text = text.encode(errors="ignore").decode()
    pieces = split(text, limit)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert all(len(piece.encode()) <= max(limit, 32) for piece in pieces)


def test_pasted_text_is_taken_apart_at_every_kind_of_line_end() -> None:
    assert lines_of("one\r\ntwo\rthree\n\n  \nfo\0ur") == ["one", "two", "three", "four"]


def test_typed_bytes_that_are_no_utf8_become_a_sign_that_can_be_sent() -> None:
    assert lines_of(b"caf\xe9".decode(errors="surrogateescape")) == ["caf\ufffd"]
