"""The whole command set, on the server without sockets of the commands' tests."""

from commands.checks import well_formed
from commands.harness import Chat, Person
from commands.secrecy import COMES_UPON_IT, twins
from commands.soundness import deserted, sound
from fuzz.pieces import unsafe
from triochat.commands.server import Operator
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy
from triochat.proto.caps import NAMES
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import parse_received

_MOST_LINES = 60
_CAPS = " ".join(NAMES)


def commands(data: bytes) -> None:
    """Several people talk at once, come and go: nobody is sent anything malformed, nothing contradicts itself, and
    when all have left nothing is left of them.

    `2:JOIN #a` is said by the third of them, `2!` ends that connection, and another takes its place; a line without
    such a beginning comes from who spoke last."""
    chat = Chat(
        operators={"admin": Operator("admin", password="sesame")},
        limits=Limits(login_attempts=0, metadata_rate=0),
        policy=AccountPolicy(password_min_length=1),
    )
    people = [
        chat.user("Alice", _CAPS, account="Alice"),
        chat.user("Bob"),
        chat.connect(),
        chat.line_user("Carol"),
    ]
    people[0].sends("JOIN #a", "MODE #a +q Alice", "PRIVMSG #a :first")
    people[1].sends("JOIN #a,#lobby")
    speaker = 0
    for line in data.split(b"\n")[:_MOST_LINES]:
        if line[:1].isdigit() and line[1:2] in (b":", b"!"):
            speaker, action, line = int(line[:1]) % len(people), line[1:2], line[2:]
            if action == b"!":
                _end(people[speaker])
                people[speaker] = chat.line_connect() if line == b"nc" else chat.connect()
                continue
        people[speaker].sends(line.removesuffix(b"\r"))
    for person in chat.people:
        _check(person)
    sound(chat)
    for person in chat.people:
        _end(person)
    deserted(chat)


def _end(person: Person) -> None:
    if person.client.closing is None:
        person.vanishes()


def _check(person: Person) -> None:
    if person.client.speaks_irc:
        well_formed(person.sees_bytes())
    else:
        assert not any(unsafe(line) for line in person.sees())


def secrecy(data: bytes) -> None:
    """One stranger in two worlds: in one, people sit in a secret room. Whatever is asked, both answer alike."""
    with_room, without = twins()
    for line in data.split(b"\n")[:_MOST_LINES]:
        try:
            if parse_received(line).command in COMES_UPON_IT:
                continue
        except MalformedMessage:
            pass
        with_room.sends(line)
        without.sends(line)
    assert with_room.sees_bytes() == without.sees_bytes()
