"""The chat port: what a peer is by its first line, and what it may then do, above all with plain lines."""

from commands.checks import well_formed
from commands.harness import Chat, Person
from commands.soundness import deserted, sound
from fuzz.pieces import unsafe
from triochat.net.doors import Door, door_of
from triochat.proto.errors import LineTooLong
from triochat.proto.framing import LineBuffer

LIMIT = 2000
_VERBS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"CONNECT ", b"OPTIONS ", b"TRACE ", b"PATCH ", b"PRI ")


def doors(data: bytes) -> None:
    """Bytes to the chat port: HTTP is never obeyed, and whoever reads plain lines sees no control characters."""
    try:
        lines = LineBuffer(LIMIT).feed(data)
    except LineTooLong as error:
        lines = error.lines
    if not lines:
        return
    chat = Chat()
    alice, carol = chat.user("Alice", "message-tags extended-join away-notify setname"), chat.line_user("Carol")
    alice.sends("JOIN #lobby")
    alice.sees_bytes(), carol.sees_bytes()
    door = door_of(lines[0], chat.world.names, chat.world.limits.nick_length)
    assert (door is Door.HTTP) == lines[0].upper().startswith(_VERBS)
    if door is Door.HTTP:
        return
    peer = chat.line_connect() if door is Door.LINE else chat.connect()
    for line in lines:
        peer.sends(line)
    if door is Door.LINE:
        _reads_well(peer)
    else:
        well_formed(peer.sees_bytes())
    _reads_well(carol)
    well_formed(alice.sees_bytes())
    sound(chat)
    for person in (peer, carol, alice):
        if person.client.closing is None:
            person.vanishes()
    deserted(chat)


def _reads_well(person: Person) -> None:
    for line in person.sees():
        assert line and not unsafe(line), line
