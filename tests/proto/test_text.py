"""Nothing that a user types can command the terminal of whoever reads it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.proto.text import is_visible, strip_formatting, visible

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
risky = st.text(st.characters() | st.sampled_from("\x1b\x9b\x07\x00\r\n\x7f\x85\u2028\u2029" + BIDI_CONTROLS))


@given(risky)
def test_no_control_character_survives(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in shown)
    assert not set(BIDI_CONTROLS) & set(shown)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"]) | st.just(" ")))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\x00b", "a␀b"),
        ("a\r\nb", "a␍␊b"),
        ("\x7f", "␡"),
        ("\x9b31m", "\\x9b31m"),
        ("exe\u202egnp", "exe\\u202egnp"),
        ("a\u2028b", "a\\u2028b"),
        ("\ufeffa\u200bb", "\\ufeffa\\u200bb"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
    ],
)
def test_control_characters_are_shown_by_a_symbol(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("plain", "plain"),
        ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
        ("\x1f\x1e\x11\x16mixed", "mixed"),
        ("\x034red\x03", "red"),
        ("\x0304,07red on orange", "red on orange"),
        ("\x03123", "3"),
        ("\x034,text", ",text"),
        ("\x03,text", ",text"),
        ("\x03٣ apples", "٣ apples"),
        ("\x04FF0000red", "red"),
        ("\x04ff0000,00FF00red on green", "red on green"),
        ("tail\x03", "tail"),
        ("tail\x03" + "1,", "tail,"),
    ],
)
def test_formatting_is_stripped(text: str, stripped: str) -> None:
    assert strip_formatting(text) == stripped


@given(st.text(st.sampled_from("\x02\x03\x04\x0f,0a9f x")))
def test_no_formatting_code_survives_stripping(text: str) -> None:
    stripped = strip_formatting(text)
    assert not set("\x02\x03\x04\x0f") & set(stripped)
    assert strip_formatting(stripped) == stripped


@pytest.mark.parametrize("character", ["\0", " ", "\u00a0", "\u200d", "\u202e", "\ue000", "\u2028", "\U000e0041"])
def test_what_nobody_sees_has_no_place_in_a_name(character: str) -> None:
    assert not is_visible(character)


@pytest.mark.parametrize("character", ["a", "ß", "日", "😀", "-", "٣"])
def test_what_people_see_may_be_in_a_name(character: str) -> None:
    assert is_visible(character)
