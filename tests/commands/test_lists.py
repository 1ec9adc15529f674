"""NAMES and LIST."""

import pytest

from commands.harness import NOON, Chat, Person
from triochat.domain.limits import Limits


@pytest.fixture
def alice() -> Person:
    """Alice, with three rooms around her: #one has one member, #two two, #quiet is secret."""
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    bob.types("JOIN #one,#two,#quiet", "MODE #quiet +s", "TOPIC #two :About: two")
    alice.types("JOIN #two")
    return alice


def listed(lines: list[str]) -> list[str]:
    """The rooms that LIST named."""
    assert lines[0] == ":irc.test 321 Alice Channel :Users  Name"
    assert lines[-1] == ":irc.test 323 Alice :End of /LIST"
    return [line.split(" ")[3] for line in lines[1:-1]]


def test_list_shows_the_rooms_that_have_people(alice: Person) -> None:
    assert alice.types("LIST")[1:-1] == [":irc.test 322 Alice #one 1 : ", ":irc.test 322 Alice #two 2 :About: two"]


@pytest.mark.parametrize(
    ("asked", "rooms"),
    [
        ("#TWO", ["#two"]),
        ("#t*", ["#two"]),
        ("#one,#two", ["#one", "#two"]),
        ("#one,#none", ["#one"]),
        ("#one,", ["#one"]),
        (">1", ["#two"]),
        ("<2", ["#one"]),
        (">0,<2", ["#one"]),
        ("#*o*,>1", ["#two"]),
        (">", []),
        (">x", []),
        (">99999999999999999999", []),
        ("#quiet", []),
        (",", ["#one", "#two"]),
        (":", ["#one", "#two"]),
    ],
)
def test_list_is_narrowed_by_names_and_numbers(alice: Person, asked: str, rooms: list[str]) -> None:
    assert listed(alice.types(f"LIST {asked}")) == rooms


@pytest.mark.parametrize("label", ["", "@label=x "])
def test_long_list_is_whole(label: str) -> None:
    """It comes in portions, so that nobody is cut off for not reading it fast enough; not so with a label."""
    chat = Chat(limits=Limits(rooms_per_user=1000))
    alice = chat.user("Alice", "labeled-response batch")
    rooms = [f"#{i}" for i in range(450)]
    alice.types(*(f"JOIN {room}" for room in rooms))
    lines = [line for line in alice.types(f"{label}LIST") if " 322 " in line]
    assert [line.split(" 322 Alice ")[1].split(" ")[0] for line in lines] == rooms


def test_members_see_their_secret_room(alice: Person) -> None:
    alice.types("JOIN #quiet")
    assert "#quiet" in listed(alice.types("LIST"))
    assert alice.types("NAMES #quiet")[0] == ":irc.test 353 Alice @ #quiet :@Bob Alice"


def test_names_of_several_rooms(alice: Person) -> None:
    assert alice.types("NAMES #one,#none,#TWO") == [
        ":irc.test 353 Alice = #one :@Bob",
        ":irc.test 353 Alice = #two :@Bob Alice",
        ":irc.test 366 Alice #one,#none,#TWO :End of /NAMES list",
    ]


@pytest.mark.parametrize("line", ["NAMES", "NAMES :"])
def test_names_of_nothing_end_at_once(alice: Person, line: str) -> None:
    assert alice.types(line) == [":irc.test 366 Alice * :End of /NAMES list"]


def test_names_of_a_crowd_take_several_lines_and_name_each_once() -> None:
    chat = Chat()
    nicks = [f"Person{i:03}" for i in range(120)]
    for nick in nicks:
        chat.user(nick).types("JOIN #crowd")
    *lines, end = chat.user("Alice").types("NAMES #crowd")
    assert end == ":irc.test 366 Alice #crowd :End of /NAMES list"
    assert 2 < len(lines) < 6
    shown = [name for line in lines for name in line.split(" :", 1)[1].split(" ")]
    assert shown == ["@Person000", *nicks[1:]]


@pytest.mark.parametrize(
    ("asked", "rooms"),
    [
        ("!#t*", ["#one"]),
        ("!*o*", []),
        ("#*,!#one", ["#two"]),
        ("C>60", ["#one", "#two"]),
        ("C<60", ["#new"]),
        ("c>60,>1", ["#two"]),
        ("T>60", []),
        ("T<60", ["#two"]),
        ("T<60,C<60", []),
        ("C>", []),
        ("C", []),
        ("!", []),
        ("T>-1", []),
    ],
)
def test_list_is_narrowed_by_times_and_what_is_not_to_match(alice: Person, asked: str, rooms: list[str]) -> None:
    """ELIST=CMNTU: minutes since the room began (C) or the topic was set (T)."""
    chat = alice.chat
    for name in ("#one", "#two"):
        chat.world.rooms[name].created = NOON - 7200
    if "C<" in asked:
        chat.user("Dave").types("JOIN #new")
    assert listed(alice.types(f"LIST {asked}")) == rooms


def test_rooms_that_one_is_invited_to(alice: Person) -> None:
    bob = next(person for person in alice.chat._people.values() if person.user.nick == "Bob")
    assert alice.types("INVITE") == [":irc.test 337 Alice :End of /INVITE list"]
    bob.types("INVITE Alice #one", "INVITE Alice #quiet")
    alice.sees()
    assert sorted(alice.types("INVITE")) == [
        ":irc.test 336 Alice #one",
        ":irc.test 336 Alice #quiet",
        ":irc.test 337 Alice :End of /INVITE list",
    ]
    alice.types("JOIN #one")
    bob.types("PART #quiet")  # the room is gone
    alice.sees()
    assert alice.types("INVITE") == [":irc.test 337 Alice :End of /INVITE list"]
