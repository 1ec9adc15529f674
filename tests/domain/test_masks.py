"""Wildcard masks against a simple reference."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.domain.masks import match, normalise


def reference(mask: str, text: str) -> bool:
    r"""The same as a regular expression: `*` any text, `?` one character, `\*` and `\?` themselves."""
    parts = re.findall(r"\\[*?]|.", mask, re.DOTALL)
    translated = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(translated, text, re.DOTALL) is not None


@given(st.text("ab*?\\", max_size=8), st.text("ab*?\\", max_size=8))
def test_masks_match_as_the_reference_says(mask: str, text: str) -> None:
    assert match(mask, text) == reference(mask, text)


@given(st.text(), st.text())
def test_any_mask_is_survived(mask: str, text: str) -> None:
    assert match(mask, text) == reference(mask, text)


@given(st.text(st.characters(exclude_characters="\\")))
def test_text_matches_itself_when_its_wildcards_are_escaped(text: str) -> None:
    assert match(re.sub(r"([*?])", r"\\\1", text), text)


@pytest.mark.parametrize("star", ["*a", "*?", "?*", "**"])
def test_worst_masks_end(star: str) -> None:
    """These take a backtracking matcher longer than the universe has; here mask times text steps at most."""
    assert not match(star * 100 + "b", "a" * 400)


@pytest.mark.parametrize(
    ("mask", "whole"),
    [
        ("alice", "alice!*@*"),
        ("alice!", "alice!*@*"),
        ("alice!a", "alice!a@*"),
        ("alice!a@", "alice!a@*"),
        ("a@host", "*!a@host"),
        ("@host", "*!*@host"),
        ("192.0.2.*", "*!*@192.0.2.*"),
        ("2001:db8::1", "*!*@2001:db8::1"),
        ("", "*!*@*"),
        ("a!b@c", "a!b@c"),
    ],
)
def test_part_of_a_mask_is_completed(mask: str, whole: str) -> None:
    assert normalise(mask) == whole


@given(st.text(st.characters(exclude_characters=" ")))
def test_completed_mask_is_complete(mask: str) -> None:
    whole = normalise(mask)
    nick, _, rest = whole.partition("!")
    user, _, host = rest.partition("@")
    assert nick and user and host
    assert normalise(whole) == whole
