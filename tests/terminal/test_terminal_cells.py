"""Text in cells: how wide, where cut, how broken into rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.terminal.cells import LINK, cut, fit, letters, width, wrap

FAMILY = "👨‍👩‍👧"
texts = st.text(
    st.one_of(st.characters(), st.sampled_from(f"ab \n日語é\u0301\u200d\ufe0f❤👍🏽🇩🇪של\x1b\u202e{FAMILY}")),
    max_size=60,
)


def rows(text: str, first: int, others: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, first, others)]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("abc", 3),
        ("日本", 4),
        (FAMILY, 2),
        ("e\u0301", 1),
        ("❤️", 2),
        ("👍🏽", 2),
        ("שלום", 4),
        ("", 0),
        ("\u0301", 1),
    ],
)
def test_a_grapheme_is_one_or_two_cells_wide(text: str, cells: int) -> None:
    assert sum(size for _, size in letters(text)) == cells


@pytest.mark.parametrize(
    ("text", "most", "result"),
    [
        ("Bartholomew", 5, "Bart…"),
        ("Bob", 3, "Bob"),
        ("日本語", 4, "日…"),
        (f"{FAMILY}ab", 3, f"{FAMILY}…"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_between_graphemes_and_says_so(text: str, most: int, result: str) -> None:
    assert cut(text, most) == result


@given(texts, st.integers(0, 20))
def test_a_fitted_text_takes_exactly_its_cells(text: str, cells: int) -> None:
    assert sum(size for _, size in letters(fit(text, cells))) == cells


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("hello world this is", ["hello", "world", "this is"]),
        ("", [""]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("x" * 20, ["x" * 8, "x" * 8, "x" * 4]),
        ("ab 日本語日本語", ["ab 日本", "語日本語"]),
        (f"{FAMILY}" * 5, [FAMILY * 4, FAMILY]),
        ("  lead", ["  lead"]),
    ],
)
def test_rows_end_between_words(text: str, result: list[str]) -> None:
    assert rows(text, 8, 8) == result


def test_a_link_is_torn_only_where_no_row_could_hold_it() -> None:
    assert rows("see https://a.example/b now", 22, 22) == ["see", "https://a.example/b", "now"]
    assert rows("see https://a.example/b/c/d", 12, 12) == ["see", "https://a.ex", "ample/b/c/d"]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("(see https://a.b/c?d=e#f).", "https://a.b/c?d=e#f"),
        ("www.a.org!", "www.a.org"),
        ("irc://h/#r", "irc://h/#r"),
    ],
)
def test_a_link_ends_before_the_sentence_does(text: str, link: str) -> None:
    assert LINK.findall(text) == [link]


@given(texts, st.integers(1, 12), st.integers(1, 12))
def test_wrapping_loses_nothing_but_spaces_and_tears_no_row_open(text: str, first: int, others: int) -> None:
    text = "".join(c for c in text if c == "\n" or c.isprintable())
    found = rows(text, first, others)
    assert "".join("".join(found).split()) == "".join(text.split())
    for index, row in enumerate(found):
        assert width(row) <= max(2, first if index == 0 else others)
