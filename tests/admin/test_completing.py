"""What Tab offers, from the table of commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.small_server import SmallServer
from triochat_admin.commands import COMMANDS
from triochat_admin.completing import complete
from triochat_admin.grammar import Answer, Command


def offered(before: str) -> list[str]:
    return complete(COMMANDS, SmallServer(), before)[1]


@pytest.mark.parametrize(
    ("before", "choices"),
    [
        ("ki", ["kick"]),
        ("un", ["unban", "uninvite", "unmute"]),
        (
            "kick ",
            ["Alice", "Bob", "Zoë", "account=", "client=", "door=", "from=", "parked=", "room=", "tls=", "user="],
        ),
        ("k b", ["Bob"]),
        ("unban 1 ", []),
        ("show zo", ["Zoë"]),
        ("rooms ", ["#dev", "#lobby", "limit="]),
        ("say #l", ["#lobby"]),
        ("list so", ["sort="]),
        ("list sort=", [f"sort={key}" for key in ("account", "from", "id", "idle", "lag", "name", "queue", "since")]),
        ("top sort=b", ["sort=bytes"]),
        ("list Bob room=#", ["room=#dev", "room=#lobby"]),
        ("monitor user=A", ["user=Alice"]),
        ("monitor no", ["notice"]),
        ("monitor message jo", ["join"]),
        ("monitor --", ["--content", "--json"]),
        ("help do", ["doctor"]),
        ("xyzzy ", []),
        ("quit ", []),
    ],
)
def test_words_are_completed_by_what_they_mean(before: str, choices: list[str]) -> None:
    assert offered(before) == choices


def test_the_beginning_of_nothing_is_every_command() -> None:
    assert offered("") == sorted(command.name for command in COMMANDS)


def test_the_word_begins_behind_the_last_space() -> None:
    assert complete(COMMANDS, SmallServer(), "kick  A") == (6, ["Alice", "account="])


@given(st.text(alphabet="kicklistmonroomhelp #=-\"'é日\x1b", max_size=40))
def test_no_line_breaks_it(before: str) -> None:
    start, choices = complete(COMMANDS, SmallServer(), before)
    assert 0 <= start <= len(before)
    assert all(" " not in choice for choice in choices)


@pytest.mark.parametrize(
    ("usage", "before", "choices"),
    [
        ("lockdown [1|2|3|off] [for=30m]", "lockdown ", ["1", "2", "3", "off", "for="]),
        ("account [list|create] [NAME]", "account c", ["create"]),
        ("account [list|create] [NAME]", "account create A", ["Alice"]),
        ("pause [off]", "pause ", ["off", "for="]),
    ],
)
def test_a_new_command_is_completed_by_its_usage(usage: str, before: str, choices: list[str]) -> None:
    command = Command(usage.split()[0], usage, "", "", lambda call: Answer("", None), words=(0, 2), keys=("for",))
    found = complete([command], SmallServer(), before)[1]
    assert [choice for choice in found if choice != "for=" or "for=" in choices] == choices
