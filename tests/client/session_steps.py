"""Short cuts for tests that play a server's lines to a session or a chat."""

from datetime import UTC, datetime, timedelta

from triochat.client import incoming
from triochat.client.chat import Chat
from triochat.client.events import Event
from triochat.client.line import Line
from triochat.client.session import Session
from triochat.client.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IRCV3 = "batch draft/chathistory echo-message message-tags server-time"


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def hear(session: Session, *lines: str, now: datetime = NOON) -> list[Event]:
    """What the session makes of *lines*."""
    return [event for line in lines for event in incoming.receive(session, line.encode(), now)]


def sent(talker: Session | Chat) -> list[str]:
    """The lines that are to be sent now."""
    return talker.take_outgoing().decode().split("\r\n")[:-1]


def online(caps: str = "", name: str = "Bob", again: bool = False) -> Session:
    """A session that is registered and has sent everything it had to."""
    session = Session(name, NOON, again=again)
    if caps:
        hear(session, f":irc CAP * LS :{caps}", f":irc CAP * ACK :{caps}")
    hear(session, f":irc 001 {name} :Welcome", f":irc 005 {name} CASEMAPPING=ascii CHANTYPES=# :are supported")
    sent(session)
    return session


class Play:
    """A chat with a played server."""

    def __init__(self, caps: str = "", room: str = "#lobby", settings: Settings | None = None) -> None:
        self.chat = Chat("Bob", room, settings=settings)
        self.caps = caps

    def connect(self, name: str = "Bob", now: datetime = NOON) -> list[str]:
        """Connect and be let in as *name*; returns what the person reads."""
        self.chat.connected(now)
        caps = [f":irc CAP * LS :{self.caps}", f":irc CAP * ACK :{self.caps}"] if self.caps else []
        return self.hear(
            *caps, f":irc 001 {name} :Welcome", f":irc 005 {name} CASEMAPPING=ascii CHANTYPES=# :ok", now=now
        )

    def enter_room(self, room: str = "#lobby", people: str = "Alice", now: datetime = NOON) -> list[str]:
        """The server lets us into *room*, where *people* are."""
        me = self.chat.model.me
        return self.hear(
            f":{me}!bob@host JOIN {room}",
            f":irc 353 {me} = {room} :{me} {people}",
            f":irc 366 {me} {room} :End",
            now=now,
        )

    def hear(self, *lines: str, now: datetime = NOON) -> list[str]:
        """Play *lines* of the server; returns the texts that the person reads."""
        for line in lines:
            self.chat.receive(line.encode(), now)
        return [line.text for line in self.chat.take_lines()]

    def type(self, text: str, now: datetime = NOON) -> list[Line]:
        """The person enters *text*; returns what they read."""
        self.chat.enter(text, now)
        return self.chat.take_lines()

    def sent(self) -> list[str]:
        return sent(self.chat)
