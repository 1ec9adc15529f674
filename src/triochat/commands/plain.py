"""The plain-line door: for people with `nc` or telnet. A name, then lines; a few /words.

A line client is a client like any other: what it types becomes the same commands, what it is told goes the same
way, only written for people.
"""

from collections.abc import Awaitable, Callable, Sequence

from triochat.commands import registration
from triochat.commands.context import Client
from triochat.commands.dispatch import handle
from triochat.commands.newcomer import Registration
from triochat.commands.rooms import enter_room
from triochat.domain.errors import Refused
from triochat.domain.names import DEFAULT_ROOM
from triochat.domain.room import Room
from triochat.fanout.plaintext import clean
from triochat.fanout.render import LINE
from triochat.proto import numerics as n
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import Message, decode
from triochat.proto.numerics import Numeric

REPLAYED_LINES = 20
HELP = (
    "Type a line to say it to the room. A line that begins with // is said with one /.",
    "/users, /msg NAME TEXT, /me TEXT, /nick NAME, /topic [TEXT], /join after a kick, /quit.",
)

_NAMES_SHOWN = 50


class LineClient(Client):
    """A client that reads and writes plain lines, and is in the default room."""

    __slots__ = ()

    speaks_irc = False

    @property
    def not_stored(self) -> bytes:
        """See Client."""
        return b"! Your message could not be stored and was not sent. Try again in a moment.\r\n"

    def numeric(self, numeric: Numeric, *params: str, text: str | None = None) -> str:
        """What a person is told: errors and a few replies by their text, the rest not at all."""
        if numeric is n.RPL_AWAY:
            return f"* {params[0]} is away: {clean(text or '')}"
        if numeric in (n.RPL_LOGGEDIN, n.RPL_LOGGEDOUT):
            return f"* {text or numeric.text}."
        if numeric.code[0] not in "45":
            return ""
        words = " ".join(params)
        said = numeric.text if text is None else text
        return f"! {clean(f'{words}: {said}' if words and text is None else said)}."

    def send(self, command: str, *params: str, tags: str = "") -> None:
        """Protocol lines are not for people, but for what is said in them."""
        if command in ("NOTICE", "NOTE", "REGISTER"):
            self.say(f"* {clean(params[-1])}")

    def fail(self, command: str, code: str, *context: str, text: str) -> None:
        """See Client."""
        self.say(f"! {clean(text)}.")

    def farewell(self, reason: str) -> None:
        """See Client."""
        self.say("Bye." if reason == "Quit" else f"Disconnected: {clean(reason)}.")

    def removed(self, reason: str, by: str = "") -> list[str]:
        """See Client."""
        return [f"Disconnected: {clean(reason)}."]

    def say(self, *lines: str) -> None:
        """Tell this person something."""
        self.send_lines(lines)

    def encode(self, lines: Sequence[str]) -> bytes:
        """Lines as bytes; those that have no form for people are left out."""
        return "".join(f"{line}\r\n" for line in lines if line).encode()


def start(client: Client) -> None:
    """The connection turned out to be plain lines."""
    client.session.sink.flavour = LINE


def handle_plain_line(client: Client, line: bytes) -> Awaitable[None] | None:
    """Do what one typed line says. *client* is a LineClient."""
    assert isinstance(client, LineClient)
    try:
        text = decode(line).rstrip()
    except MalformedMessage as error:
        client.say(f"! {error}: the line was not sent.")
        return None
    if client.registration is not None:
        _take_name(client, client.registration, text.strip())
        return None
    if not text:
        return None
    if text[0] == "/" and text[:2] != "//":
        word, _, rest = text[1:].partition(" ")
        command = _WORDS.get(word.lower())
        if command is None:
            client.say(f"! There is no /{clean(word[:32])}. /help shows what there is.")
            return None
        return command(client, rest.strip())
    return handle(client, Message("PRIVMSG", (DEFAULT_ROOM, text[1:] if text[:2] == "//" else text)))


def _take_name(client: LineClient, waiting: Registration, name: str) -> None:
    if not name:
        return
    waiting.username = waiting.realname = name
    waiting.nick = None
    try:
        client.server.world.check_nick(name)
        if client.server.password is not None:
            client.say("This server wants a password: connect with triochat connect or an IRC client.")
            client.close("Bad password")
            return
        waiting.nick = name
        registration.complete(client, waiting)
        if client.registration is not None:
            return  # banned, or kept out for now
        enter_room(client, DEFAULT_ROOM, introduce=_introduce, replayed=REPLAYED_LINES)
    except Refused as refused:
        client.say(f"{refused.text or refused.numeric.text}. Your name?")


def _users(client: LineClient, rest: str) -> Awaitable[None] | None:
    client.say(_who_is_here(client.server.world.find_room(DEFAULT_ROOM)))
    return None


def _introduce(client: Client, room: Room) -> list[str]:
    topic = [f"Topic: {clean(room.topic.text)}"] if room.topic.text else []
    return [f"You joined the chat. {_who_is_here(room)}. /help shows what you can do.", *topic]


def _who_is_here(room: Room) -> str:
    names = sorted((user.nick for user in room.members), key=str.lower)
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{len(names)} here: {', '.join(names[:_NAMES_SHOWN])}{more}"


def _message(client: LineClient, rest: str) -> Awaitable[None] | None:
    name, _, text = rest.partition(" ")
    if not text:
        client.say("! Whom, and what? /msg NAME TEXT")
        return None
    return handle(client, Message("PRIVMSG", (name, text.strip())))


def _me(client: LineClient, rest: str) -> Awaitable[None] | None:
    return handle(client, Message("PRIVMSG", (DEFAULT_ROOM, f"\x01ACTION {rest}\x01"))) if rest else None


def _nick(client: LineClient, rest: str) -> Awaitable[None] | None:
    return handle(client, Message("NICK", (rest,) if rest else ()))


def _join(client: LineClient, rest: str) -> Awaitable[None] | None:
    room = client.server.world.find_room(DEFAULT_ROOM)
    if client.user in room.members:
        client.say("You are here already; this door leads to one room.")
    else:
        enter_room(client, DEFAULT_ROOM, introduce=_introduce, replayed=REPLAYED_LINES)
    return None


def _topic(client: LineClient, rest: str) -> Awaitable[None] | None:
    if rest:
        return handle(client, Message("TOPIC", (DEFAULT_ROOM, rest)))
    room: Room = client.server.world.find_room(DEFAULT_ROOM)
    client.say(f"Topic: {clean(room.topic.text)}" if room.topic.text else "No topic is set.")
    return None


def _help(client: LineClient, rest: str) -> Awaitable[None] | None:
    client.say(*HELP)
    return None


def _quit(client: LineClient, rest: str) -> Awaitable[None] | None:
    return handle(client, Message("QUIT", (rest,) if rest else ()))


_WORDS: dict[str, Callable[[LineClient, str], Awaitable[None] | None]] = {
    "help": _help,
    "join": _join,
    "me": _me,
    "msg": _message,
    "nick": _nick,
    "quit": _quit,
    "topic": _topic,
    "users": _users,
    "who": _users,
}
