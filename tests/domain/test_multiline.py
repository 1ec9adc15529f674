"""Messages of several lines as one text."""

from hypothesis import given
from hypothesis import strategies as st

from triochat.domain import multiline

lines = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)


def test_the_specifications_example() -> None:
    text = multiline.join([("hello", False), ("", False), ("how is ", False), ("everyone?", True)])
    assert multiline.combine(text) == "hello\n\nhow is everyone?"
    assert multiline.count(text) == 4


@given(lines, st.lists(st.tuples(lines, st.booleans()), min_size=1))
def test_the_lines_come_back_as_they_were_sent(first: str, more: list[tuple[str, bool]]) -> None:
    text = multiline.join([(first, False), *more])
    assert multiline.has_lines(text)
    assert multiline.split(text) == [(first, False), *more]
    assert multiline.count(text) == 1 + len(more)


@given(lines, st.booleans())
def test_one_line_is_an_ordinary_text(line: str, continued: bool) -> None:
    assert multiline.join([(line, continued)]) == line
    assert not multiline.has_lines(line)
    assert multiline.split(line) == [(line, False)]
    assert multiline.combine(line) == line
