"""The whole client without its IO: what the server sends and what the person wants, turned into state and commands.

`link` calls `connected`, `receive`, `lost` and `tick`; whoever reads the person's input calls `enter`, and the other
methods named after what a person does. Afterwards `take_outgoing` holds what the server is to get, the model what
there is to see, and `take_lines` what somebody who reads line by line is to read.
"""

from datetime import datetime, timedelta

from triochat.client import incoming, intents, names, slash
from triochat.client import model as m
from triochat.client.attention import Attention
from triochat.client.catchup import Entrance
from triochat.client.conversation import Conversation, Past
from triochat.client.doing import perform
from triochat.client.drafting import Drafting
from triochat.client.entered import Entered
from triochat.client.events import (
    AccountChanged,
    Dropped,
    Event,
    HistoryRead,
    JoinFailed,
    LoginFailed,
    NamesListed,
    NotSent,
    PartnersListed,
    Refused,
    Registered,
    Renamed,
)
from triochat.client.line import Line, error, status
from triochat.client.saying import say
from triochat.client.session import Session, clean, stamp
from triochat.client.settings import Settings
from triochat.client.speech import for_programs
from triochat.client.splitting import lines_of
from triochat.client.undelivered import Undelivered

__all__ = ["Chat", "Entered"]

_MAIL_SINCE = timedelta(days=30)  # private conversations that were silent longer are not listed by themselves
_MOST_LINES_WAITING = 20_000  # for a view that prints line by line and does not come for them


class Chat:
    """One person's chat, across as many connections as it takes."""

    def __init__(self, name: str, room: str, password: str | None = None, settings: Settings | None = None) -> None:
        """Be called *name* and enter *room* first."""
        self.settings = settings or Settings()
        self.model = m.Model(name, self.settings.notifications.words)
        self.model.ignored |= {self.model.fold(ignored) for ignored in self.settings.notifications.ignored}
        self.model.muted |= {self.model.fold(muted) for muted in self.settings.notifications.muted}
        self.session: Session | None = None
        self.refusal: Refused | None = None
        self.dropped = ""
        """Why the server ended the present connection, if it said so."""
        self.leaving = False
        self.first_room_failed: str | None = None
        self.place = ""
        """What people call the server; told by the link."""
        self.wanted_name = name
        """The name that the person asked for last, whether they got it or not."""
        self.credentials: tuple[str, str] | None = None
        """The account and the password that the person gave while connected."""
        self.exports: list[tuple[str, Conversation]] = []
        """What is to be written to files; `take_exports` hands it over."""
        self.undelivered = Undelivered(self.model, self.show)
        self.events: list[Event] | None = None
        """Set to a list, it gets every event, for a program to take."""
        self.attention = Attention(self.settings)
        self.drafting = Drafting(self.model)
        self._room = names.as_room(room)
        self._password = password
        self._wanted = name
        self._registered_before = False
        self._lines: list[Line] = []
        self._asked_partners = False

    # -- queries

    @property
    def online(self) -> bool:
        return self.session is not None and self.session.online

    @property
    def ready(self) -> bool:
        """Typed text would be dealt with now: connected, not between rooms, and back in the current one."""
        if self.session is None or not self.session.online or self.session.moving:
            return False
        room = self.model.current
        return self.model.welcomed and (room is None or room.joined)

    @property
    def sts(self) -> str:
        """What the server says about encryption, as it says it; empty for nothing."""
        return self.session.caps.sts if self.session else ""

    @property
    def outgoing_size(self) -> int:
        """How much `take_outgoing` would hand over, about."""
        return self.session.outgoing_size if self.session else 0

    @property
    def unconfirmed(self) -> int:
        """How many sent lines the server has not confirmed."""
        return len(self.session.unconfirmed) if self.session else 0

    @property
    def tells_typing(self) -> bool:
        """Others see when we type."""
        return self.attention.tells_typing

    def take_outgoing(self) -> bytes:
        return self.session.take_outgoing() if self.session else b""

    def take_lines(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines

    @property
    def undecided(self) -> frozenset[str]:
        """The ids of our lines of which nobody knows yet whether the server has them."""
        lines = self.session.unconfirmed.lines if self.session is not None else []
        return frozenset(sent.id for sent in (*self.undelivered.lines, *lines))

    @property
    def lost_lines(self) -> int:
        """How many lines were typed and certainly or possibly did not arrive."""
        return self.undelivered.lost

    @property
    def failures(self) -> dict[str, str]:
        """Why lines of ours did not arrive, by the id of their Sent; the last ones."""
        return self.undelivered.failures

    def take_exports(self) -> list[tuple[str, Conversation]]:
        exports, self.exports = self.exports, []
        return exports

    def take_log(self) -> list[tuple[str, Line]]:
        """New lines for the log, with the names of their conversations."""
        if not self.model.logged:
            return []
        lines, self.model.logged = self.model.logged, []
        return lines

    def show(self, *lines: Line) -> None:
        """Give the person *lines* to read, where they look."""
        self._lines += [self.model.note(line) for line in lines]

    # -- the connection

    def connected(self, now: datetime) -> None:
        """A new connection stands; introduce ourselves."""
        rooms = {room.name: Entrance(room.key, room.lines.to_read_on_from()) for room in self.model.rooms.values()}
        if not self._registered_before or (not rooms and not self.model.welcomed):
            rooms = {self._room: Entrance()}
        self.dropped = ""
        self.model.link = m.Link.CONNECTING
        self._asked_partners = False
        again = self._registered_before
        self.session = Session(
            self._wanted, now, rooms=rooms, password=self._password, again=again, credentials=self.credentials
        )

    def receive(self, line: bytes, now: datetime) -> None:
        """Take in one line of the server."""
        if self.session is not None:
            for event in incoming.receive(self.session, line, now):
                self.apply(event, now)
            self.note_pending()
            self._note_read(now)

    def ping(self, now: datetime) -> None:
        """Ask for a sign of life, and for our name if an old connection still holds it."""
        if self.session is not None:
            self.session.ping(now)
            self.session.reclaim()

    def lost(self, now: datetime) -> None:
        """The connection is gone."""
        if self.session is not None:
            self.undelivered.lines += self.session.unconfirmed.lines
            self.session = None
        if self._registered_before:
            self.model.lost(now)
        self.note_pending()

    @property
    def due(self) -> datetime | None:
        """When `tick` has something to do next; None = not before something else happens."""
        times = (self.model.due, self.attention.due if self.online else None)
        return min((time for time in times if time is not None), default=None)

    def tick(self, now: datetime) -> None:
        """Do what is due."""
        self.model.expire(now)
        if self.session is not None and self.session.online:
            self.attention.tick(self.session, self.model, now)

    # -- the person

    def enter(self, text: str, now: datetime) -> Entered:
        """Do what *text* says. Several lines at once were pasted: they are said, whatever they begin with."""
        lines = lines_of(text)
        if len(lines) == 1:
            return self.perform(slash.parse(lines[0]), now)
        return say(self, None, lines, now) if lines else Entered.DONE

    def perform(self, intent: intents.Intent, now: datetime) -> Entered:
        """Do what the person wants."""
        return perform(self, intent, now)

    def switch(self, conversation: Conversation, now: datetime) -> None:
        """The person goes to *conversation*."""
        self.attention.leave(self.session)
        self.model.switch(conversation)

    def look_at(self, conversation: Conversation | None, now: datetime) -> None:
        """The person sees the newest lines of *conversation*, and goes on seeing them; None: of none, as they
        scrolled up or look elsewhere."""
        self.model.look_at(conversation)
        self._note_read(now)

    def leave_rule(self, conversation: Conversation) -> None:
        """Take "you are here" away."""
        conversation.here = 0
        conversation.revision += 1
        self.model.touch()

    def earlier(self, conversation: Conversation, now: datetime) -> bool:
        """Read lines from before those that are here; True when they were asked for and will come."""
        if conversation.past is not Past.MORE or self.session is None or not self.online:
            return False
        if conversation.lines.is_full:
            conversation.past = Past.FULL
            return False
        oldest = next((line for line in conversation.lines if line.msgid and line.time), None)
        places = [f"timestamp={stamp(oldest.time if oldest is not None and oldest.time else now)}"]
        if (msgid := conversation.lines.oldest_msgid) != "":
            places.insert(0, f"msgid={msgid}")
        if not self.session.caps.keeps_history:
            conversation.past = Past.NOT_KEPT
            return False
        if self.session.read_earlier(conversation.name, places):
            conversation.past = Past.ASKED
            self.model.touch()
        return conversation.past is Past.ASKED

    def typed(self, text: str, now: datetime) -> None:
        """The input reads *text* now."""
        self.active(now)
        current = self.model.current
        if self.session is not None and self.session.online and current is not None and current.joined:
            self.attention.typed(self.session, current.name, text, now)

    def active(self, now: datetime) -> None:
        """A key was pressed: the person is there."""
        self.attention.active(self.session if self.online else None, self.model, now)

    def tell_typing(self, on: bool) -> None:
        """Let others see that we type, or not."""
        self.attention.leave(self.session)
        self.attention.tells_typing = on

    def set_away(self, text: str) -> None:
        """Be away with *text*; "" = be back."""
        if self.session is not None:
            self.attention.set_away(self.session, text)

    def leave(self, reason: str = "") -> None:
        """Say goodbye; the server closes the connection when it has sent everything."""
        self.leaving = True
        if self.session is not None:
            self.session.quit(reason)

    def report_lost_lines(self) -> None:
        """Tell the person which lines the server never confirmed."""
        if self.session is not None:
            self.undelivered.lines += self.session.unconfirmed.lines
        self.undelivered.give_up()
        self.note_pending()

    # -- what `doing` asks

    def refuse(self, text: str, result: Entered = Entered.WRONG) -> Entered:
        """Tell the person why not."""
        self.show(error(clean(text)))
        return result

    # -- what came of it

    def note_pending(self) -> None:
        """Keep the model's list of lines on their way."""
        sent = self.undelivered.lines + (self.session.unconfirmed.lines if self.session is not None else [])
        self.model.pending = tuple(line for line in sent if not line.shown)

    def _note_read(self, now: datetime) -> None:
        watched = self.model.watched
        if watched is not None and watched.read_to is not None and self.session is not None:
            self.attention.read(watched.name, watched.read_to, now)

    def apply(self, event: Event, now: datetime) -> None:
        """Something happened."""
        if isinstance(event, HistoryRead):
            event = self.undelivered.compare(self.session, event)
        if self.events is not None:
            self.events += for_programs(self.model, event)
        self._lines += self.model.update(event, now)
        del self._lines[: max(0, len(self._lines) - _MOST_LINES_WAITING)]
        match event:
            case Registered():
                self._registered(event, now)
            case AccountChanged():
                self.wanted_name = event.account or self.wanted_name
                self._list_partners(now)
            case LoginFailed():
                self.credentials = None
            case PartnersListed():
                self._read_mail(event)
            case NamesListed() if self.session is not None:
                self.session.ask_who_is_away(event.room, len(event.names))
            case Renamed() if event.mine:
                self._wanted = self.wanted_name = event.new
            case NotSent():
                self.undelivered.refused(event.sent, event.text)
            case Refused():
                self.refusal = self.refusal or event
            case Dropped():
                self.dropped = event.text
            case JoinFailed():
                if not self.model.welcomed:
                    self.first_room_failed = event.text
                self.undelivered.compare(self.session, HistoryRead(event.room, (), full=False))  # none will come
            case _:
                pass

    def _registered(self, event: Registered, now: datetime) -> None:
        if not self._registered_before:
            self._wanted = event.name
        self._registered_before = True
        if self.session is None:
            return
        if again := self.undelivered.back(self.session):
            self.show(status(f"{again} of your lines {'was' if again == 1 else 'were'} sent again."))
        if self.credentials is not None and not self.model.account:
            self.session.log_in(*self.credentials)
        self.attention.back(self.session)
        self._list_partners(now)

    def _list_partners(self, now: datetime) -> None:
        """Which private conversations went on, or are known to the server from before."""
        if self.session is not None and self.online and self.model.account and not self._asked_partners:
            self._asked_partners = True
            for room in self.model.rooms.values():
                self.session.mark_read(room.name, None)  # those of the account
            self.session.list_partners(self.model.mail_since or now - _MAIL_SINCE)

    def _read_mail(self, event: PartnersListed) -> None:
        for name, _ in event.partners:
            conversation = None if self.model.is_room(name) else self.model.conversation(name)
            if conversation is not None and self.session is not None:
                self.session.mark_read(conversation.name, None)
                self.session.read_missed(conversation.name, conversation.lines.to_read_on_from())
