"""A secret room does not exist for those outside it: not one byte tells it from a room that is not there."""

import pytest

from commands.harness import Chat, Person
from triochat.commands.table import COMMANDS

# JOIN may open the room, and then it is no secret any more. QUIT has no room.
ASKING = sorted(COMMANDS.keys() - {"JOIN", "QUIT"})


def stranger(*, secret: bool) -> Person:
    """Alice, in a world where Bob and Carol sit in #lounge, or in no room at all."""
    chat = Chat()
    alice = chat.user("Alice", "draft/chathistory multi-prefix")
    bob, carol = chat.user("Bob", username="bob"), chat.user("Carol")
    if secret:
        bob.types("JOIN #Lounge", "MODE #Lounge +s", "TOPIC #Lounge :Plans", "MODE #Lounge +b *!*@*")
        carol.user.invited |= set(bob.user.rooms)
        carol.types("JOIN #Lounge")
        bob.types("MODE #Lounge +l 2", "PRIVMSG #Lounge :hush")
    alice.types("JOIN #open")
    return alice


@pytest.mark.parametrize("command", ASKING)
def test_no_command_tells_a_secret_room_from_none(command: str) -> None:
    with_room, without = stranger(secret=True), stranger(secret=False)
    for words in (
        "#lounge",
        "#LOUNGE",
        "#lounge :text",
        "#lounge +o Bob",
        "#lounge b",
        "#lounge Bob :reason",
        "#lounge,#open",
        "#open,#lounge,#none :text",
        "Bob #lounge",
        "LATEST #lounge * 10",
        "BETWEEN #lounge * * 10",
        "#l*",
        ">1",
        "Bob",
        "Bob Bob",
        "*",
        "",
    ):
        line = f"{command} {words}".rstrip()
        answers = [person.types(line) for person in (with_room, without)]
        assert answers[0] == answers[1], line


def test_newcomers_are_greeted_the_same() -> None:
    greetings = [
        stranger(secret=secret).chat.connect().types("NICK Dave", "USER d 0 * :D") for secret in (True, False)
    ]
    assert greetings[0] == greetings[1]


def test_nothing_is_seen_of_what_happens_inside() -> None:
    alice = stranger(secret=True)
    bob = alice.chat.connect()
    bob.types("NICK Mole", "USER m 0 * :M", "JOIN #burrow", "MODE #burrow +s", "NICK Mole2", "AWAY :x", "QUIT")
    assert alice.sees() == []


def test_invited_guest_who_joins_sees_it() -> None:
    alice = stranger(secret=True)
    room = alice.chat.world.rooms["#lounge"]
    alice.user.invited |= {room}
    assert alice.types("JOIN #lounge")[0] == ":Alice!u@192.0.2.1 JOIN #Lounge"
    assert ":irc.test 319 Alice Bob :@#Lounge" in alice.types("WHOIS Bob")
