"""What may be a name."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.domain.names import Names, clean_username

ASCII = Names()
fold, nick_error, room_name_error = ASCII.fold, ASCII.nick_error, ASCII.room_name_error


@pytest.mark.parametrize("nick", ["Bob", "b", "[away]", "x-1", "_", "^{|}`\\", "A" * 32])
def test_good_names(nick: str) -> None:
    assert nick_error(nick, 32) is None


@pytest.mark.parametrize(
    "nick", ["", "1st", "-x", "a b", "#a", "a!b", "a@b", "a:b", "a,b", "*", "né", "日本", "a\tb", "a\x1b", "a.b", "٣"]
)
def test_names_that_would_be_misread(nick: str) -> None:
    assert nick_error(nick, 32) == "use letters, digits, - and _, and begin with a letter"


def test_too_long_name_is_told_the_limit() -> None:
    assert nick_error("a" * 33, 32) == "a name has at most 32 characters"


@pytest.mark.parametrize("nick", ["x！y＠192．168．1．1", "a／b", "＃a", "１st", "－x", "a，b"])
def test_full_width_punctuation_is_what_it_folds_to(nick: str) -> None:
    """Else a name could match masks for other people's hosts, and divide the names of logs."""
    assert Names("precis").nick_error(nick, 32) is not None


@given(st.text(max_size=8))
def test_what_a_name_folds_to_is_one_safe_word_where_any_script_goes(nick: str) -> None:
    names = Names("precis")
    if names.nick_error(nick, 32) is None:
        assert not set(" !@:,#*?.+/=") & set(names.fold(nick))


@given(st.text(), st.integers(1, 40))
def test_whatever_passes_for_a_name_is_one_safe_word(nick: str, longest: int) -> None:
    if nick_error(nick, longest) is None:
        assert nick.isascii() and nick.isprintable() and 0 < len(nick) <= longest
        assert not set(" !@:,#*?.+") & set(nick)


@given(st.text())
def test_names_are_the_same_when_they_differ_in_ascii_case_only(name: str) -> None:
    assert fold(name) == "".join(c.lower() if c in string.ascii_uppercase else c for c in name)


@pytest.mark.parametrize(("one", "other"), [("[]\\^", "{}|~"), ("Ä", "ä"), ("#İ", "#i")])
def test_only_a_to_z_fold(one: str, other: str) -> None:
    """Casemapping is `ascii`: neither the brackets of rfc1459 nor letters beyond ASCII are the same."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize("name", ["#a", "##", "#日本", "#a:b", "#" + "x" * 63, "#C++", "#😀"])
def test_good_room_names(name: str) -> None:
    assert room_name_error(name, 64) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "begins with #"),
        ("lobby", "begins with #"),
        ("&local", "begins with #"),
        ("#", "more than the #"),
        ("#a b", "no spaces"),
        ("#a,b", "commas"),
        ("#a\x07", "invisible"),
        ("#a\u200b", "invisible"),
        ("#a\u202e", "invisible"),
        ("#a\u00a0", "no spaces"),
        ("#" + "x" * 64, "at most 64 bytes"),
        ("#" + "日" * 22, "at most 64 bytes"),
    ],
)
def test_room_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    assert reason in (room_name_error(name, 64) or "")


@given(st.text(), st.integers(4, 20))
def test_user_name_fits_a_mask_whatever_the_client_sent(username: str, longest: int) -> None:
    cleaned = clean_username(username, longest)
    assert 0 < len(cleaned.encode()) <= longest
    assert not set(" @!:\0\r\n") & set(cleaned)
    assert cleaned.isprintable()


def test_good_user_name_stays_as_it_is() -> None:
    assert clean_username("~bob", 10) == "~bob"
    assert clean_username("@!: ", 10) == "user"


def test_user_name_has_nothing_that_folds_to_what_divides_masks() -> None:
    """Else `*!*@10.0.0.*` would match whoever is called `＠10．0．0．1`."""
    assert clean_username("x＠10．0．0．1！：", 40) == "x10．0．0．1"
