"""Text made safe and measured."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat_admin import render
from triochat_admin.text import clip, duration, milliseconds, number, pad, size, typed, visible, visible_lines, width

anything = st.text(alphabet=st.characters(codec=None))


@given(anything)
def test_visible_text_cannot_steer_a_terminal(text: str) -> None:
    categories = {unicodedata.category(c) for c in visible(text) if c not in "\u200c\u200d"}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert visible(visible(text)) == visible(text)


def test_control_characters_are_shown() -> None:
    assert visible("a\x1b[2J\r\n\x7f\x9b\u202e\u2028") == "a␛[2J␍␊␡\\x9b\\u202e\\u2028"
    assert visible("Zoë 山田 👩\u200d👩") == "Zoë 山田 👩\u200d👩"
    assert visible_lines("a\x07\nb") == "a␇\nb"


@given(st.binary(max_size=100))
def test_what_was_typed_is_one_line_without_controls(data: bytes) -> None:
    text = typed(data)
    assert text.splitlines() == ([text] if text else [])
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


def test_arrow_keys_leave_no_trace() -> None:
    assert typed(b"\x1b[A") == ""
    assert typed(b"li\x1b[1;5Dst\x1bOA") == "list"
    assert typed(b"Zo\xeb") == "Zo\ufffd"


def test_width_counts_columns() -> None:
    assert [width(text) for text in ("abc", "山田", "e\u0301", "👍")] == [3, 4, 1, 2]
    assert pad("山田", 6) == "山田  "


@given(anything.map(visible), st.integers(min_value=1, max_value=20))
def test_clipped_text_fits(text: str, columns: int) -> None:
    clipped = clip(text, columns)
    assert width(clipped) <= columns
    assert clipped == text or clipped.endswith("…")


def test_the_columns_of_a_table_line_up_under_wide_names() -> None:
    lines = render.table(("NAME", "X"), [("山田太郎", "1"), ("Bob", "2"), ("a\nb", "3")]).split("\n")
    assert len(lines) == 4
    assert {width(line[: line.rindex(" ")]) for line in lines} == {11}


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (4.9, "4s"),
        (72, "1m12s"),
        (360, "6m"),
        (8040, "2h14m"),
        (7200, "2h"),
        (270_000, "3d3h"),
        (-1, "0s"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (812, "812 B"),
        (62_000, "61 KB"),
        (1_250_000, "1.2 MB"),
        (1_048_575, "1.0 MB"),
        (43_000_000, "41 MB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert size(count) == shown


def test_small_words() -> None:
    assert [number(1, "user"), number(1204, "user"), number(2, "reply", "replies")] == [
        "1 user",
        "1,204 users",
        "2 replies",
    ]
    assert [milliseconds(None), milliseconds(2.4), milliseconds(1234)] == ["–", "2ms", "1.2s"]


@given(st.dictionaries(st.text(), st.text()))
def test_json_says_the_same_and_is_safe_to_print(value: dict[str, str]) -> None:
    text = render.to_json(value)
    assert json.loads(text) == value
    assert visible(text) == text


def test_json_escapes_what_is_no_text_at_all() -> None:
    assert render.to_json(["Zoë \ud800 \U000e0041\x9b\x7f"]) == '["Zoë \\ud800 \\udb40\\udc41\\u009b\\u007f"]'
