"""MODE changes: read in order, written so that they read the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.domain import modes
from triochat.domain.modes import Change, format_changes, parse

words = st.text("abc*!@", min_size=1, max_size=5)
with_word = st.builds(Change, st.booleans(), st.sampled_from("beIqohvk"), words)
without_word = st.builds(Change, st.booleans(), st.sampled_from("CMRUimnstu"), st.none())
limits = st.builds(Change, st.just(True), st.sampled_from("fl"), words) | st.builds(
    Change, st.just(False), st.sampled_from("fl"), st.none()
)


@given(st.lists(with_word | without_word | limits, max_size=20))
def test_written_changes_are_read_the_same(changes: list[Change]) -> None:
    asked = parse(format_changes(changes))
    assert asked.changes == changes
    assert (asked.queries, asked.unknown, asked.missing) == ([], [], [])


@given(st.lists(st.text(max_size=30), max_size=15))
def test_any_words_are_survived(params: list[str]) -> None:
    asked = parse(params)
    known = set("beIkflCMRUimnstuqohv")
    assert all(change.mode in known for change in asked.changes + asked.missing)
    assert not known & set(asked.unknown)
    assert len(set(asked.unknown)) == len(asked.unknown)


def test_parameters_go_to_the_modes_that_need_one() -> None:
    assert parse(["+ov-b+m", "Alice", "Bob", "*!*@bad"]).changes == [
        Change(True, "o", "Alice"),
        Change(True, "v", "Bob"),
        Change(False, "b", "*!*@bad"),
        Change(True, "m"),
    ]


def test_letters_without_a_sign_are_added() -> None:
    assert parse(["m"]).changes == [Change(True, "m")]


def test_list_mode_without_a_mask_is_a_question_asked_once() -> None:
    assert parse(["+bb-be"]).queries == ["b", "e"]


@pytest.mark.parametrize("letters", ["+q", "+o", "-v", "+k", "+f", "+l"])
def test_mode_that_lacks_its_parameter_is_told(letters: str) -> None:
    asked = parse([letters])
    assert asked.missing == [Change(letters[0] == "+", letters[1])]
    assert asked.changes == []


def test_key_forward_and_limit_go_without_a_parameter() -> None:
    assert parse(["-kfl"]).changes == [Change(False, "k", "*"), Change(False, "f"), Change(False, "l")]


def test_unknown_letters_are_told_once() -> None:
    assert parse(["+zmzy"]).unknown == ["z", "y"]


def test_signs_are_written_only_where_they_change() -> None:
    changes = [
        Change(True, "m"),
        Change(True, "o", "a"),
        Change(False, "t"),
        Change(False, "v", "b"),
        Change(True, "n"),
    ]
    assert format_changes(changes) == ["+mo-tv+n", "a", "b"]


@pytest.mark.parametrize(
    ("held", "highest", "every"),
    [("", "", ""), ("v", "+", "+"), ("ov", "@", "@+"), ("vh", "%", "%+"), ("ohv", "@", "@%+"), ("qov", "~", "~@+")],
)
def test_prefixes_of_a_member(held: str, highest: str, every: str) -> None:
    assert modes.prefix_of(held) == highest
    assert modes.prefix_of(held, every=True) == every


def test_founders_stand_above_operators_above_half_operators_above_voice() -> None:
    assert modes.rank_of("q") > modes.rank_of("ov") > modes.rank_of("h") > modes.rank_of("v") > modes.rank_of("") == 0
