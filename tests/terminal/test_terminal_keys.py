"""The table of keys, and choosing from a list."""

import re
from functools import partial
from pathlib import Path

import pytest

import triochat.terminal
from triochat.terminal.colours import PARTS
from triochat.terminal.keytable import ROOM_KEYS, TABLE, Action, BadKey, bound, help_rows, sequence
from triochat.terminal.picking import Choice, Picker, closeness


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("enter", ("enter",)),
        ("alt-enter", ("escape", "enter")),
        ("ctrl-k", ("c-k",)),
        ("Alt-A", ("escape", "a")),
        ("alt-left", ("escape", "left")),
        ("shift-tab", ("s-tab",)),
        ("esc", ("escape",)),
        ("f12", ("f12",)),
        ("ctrl-left", ("c-left",)),
        ("alt-ctrl-k", ("escape", "c-k")),
    ],
)
def test_keys_have_the_names_that_people_use(key: str, sent: tuple[str, ...]) -> None:
    assert sequence(key) == sent


@pytest.mark.parametrize("key", ["", "ctrl-", "alt-", "hyper-x", "ctrl-enter", "ctrl-i", "f99", "ctrl-ä", "\x1b"])
def test_what_is_no_key_is_said_in_a_sentence(key: str) -> None:
    with pytest.raises(BadKey, match=r"\.$"):
        sequence(key)


def test_every_action_has_a_key_and_no_key_two_actions() -> None:
    assert {entry.action for entry in TABLE} == set(Action)
    keys = [sequence(key) for entry in TABLE for key in entry.keys] + [sequence(key) for key in ROOM_KEYS]
    assert all(entry.keys for entry in TABLE)
    assert len(keys) == len(set(keys))


def test_settings_give_an_action_other_keys_and_take_them_from_others() -> None:
    keys = bound({"jump": ["ctrl-n", "alt-k"]})
    assert keys[Action.JUMP] == ("ctrl-n", "alt-k")
    assert keys[Action.NEXT_ACTIVE] == ("alt-a",)
    assert ("ctrl-n alt-k", "jump to a room or person") in help_rows(keys)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fly": ["f3"]}, "no action 'fly'"),
        ({"jump": ["x"]}, "needed for typing"),
        ({"jump": ["alt-3"]}, "goes to a room"),
        ({"jump": ["ctrl-m"]}, "is enter to a terminal"),
    ],
)
def test_impossible_keys_are_refused_in_a_sentence(changes: dict[str, list[str]], said: str) -> None:
    with pytest.raises(BadKey, match=said):
        bound(changes)


def test_the_keys_fit_a_screen_of_80_by_24() -> None:
    rows = help_rows(bound())
    assert len(rows) <= 21
    left = max(len(keys) for keys, _ in rows) + 2
    assert all(left + len(summary) <= 80 for _, summary in rows)


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [("dev", "#dev", "#diverse"), ("al", "Alice", "#total"), ("lob", "#lobby", "#logbook"), ("", "a", "a")],
)
def test_what_stands_together_and_at_the_beginning_fits_better(typed: str, better: str, worse: str) -> None:
    best, other = closeness(typed, better), closeness(typed, worse)
    assert best is not None
    assert other is None or best <= other


def test_letters_in_another_order_do_not_fit() -> None:
    assert closeness("ved", "#dev") is None
    assert closeness("DEV", "#dev") is not None


def test_a_picker_shows_what_fits_and_gives_the_chosen_one() -> None:
    taken: list[int] = []
    names = ("#lobby", "#dev", "#devops")
    picker = Picker("? ", [Choice(name, partial(taken.append, n)) for n, name in enumerate(names)])
    picker.type("dev")
    assert [choice.text for choice in picker.shown] == ["#dev", "#devops"]
    picker.move(5)
    assert picker.accept()
    picker.type("nothing like it")
    assert not picker.accept()
    assert taken == [2]


def test_every_part_that_is_drawn_has_its_look_and_no_look_is_for_nothing() -> None:
    """A style that no rule is made for looks like plain text, and a rule that nothing uses cannot be seen."""
    package = Path(triochat.terminal.__file__).parent
    modules = ("bare", "fullscreen", "laying", "messages", "panes", "popups", "scene", "writing")
    used = {
        part for name in modules for part in re.findall(r"class:([a-z.-]+)", (package / f"{name}.py").read_text())
    }
    assert used == set(PARTS)
