"""The whole client without its IO: what the server sends and what the person types, turned into lines and commands.

`link` calls `connected`, `receive` and `lost`; whoever reads the person's input calls `enter`. Afterwards
`take_outgoing` holds what the server is to get and `take_lines` what the person is to read.
"""

from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from triochat.client import incoming, names, slash
from triochat.client import model as m
from triochat.client.delivery import MOST, Sent
from triochat.client.events import (
    Dropped,
    Event,
    HistoryRead,
    JoinFailed,
    Manner,
    NotSent,
    Refused,
    Registered,
    Renamed,
    Said,
)
from triochat.client.line import Line, error, status
from triochat.client.session import Entrance, Session, clean
from triochat.client.speech import line_of
from triochat.client.splitting import lines_of


class Entered(Enum):
    """What became of a typed text."""

    DONE = auto()
    WRONG = auto()
    """It makes no sense, now or later; the person was told."""
    HELD = auto()
    """It could not be done just now, and should stay where it was typed."""


class Chat:
    """One person's chat, across as many connections as it takes."""

    def __init__(self, name: str, room: str, password: str | None = None) -> None:
        """Be called *name* and enter *room* first."""
        self.model = m.Model(name)
        self.refusal: Refused | None = None
        self.dropped = ""
        """Why the server ended the present connection, if it said so."""
        self.leaving = False
        self.lost_lines = 0
        """Lines that were typed and certainly or possibly did not arrive."""
        self.first_room_failed: str | None = None
        self._room = names.as_room(room)
        self._password = password
        self._wanted = name
        self._registered_before = False
        self._session: Session | None = None
        self._doubtful: list[Sent] = []
        self._lines: list[Line] = []

    # -- queries

    @property
    def online(self) -> bool:
        return self._session is not None and self._session.online

    @property
    def ready(self) -> bool:
        """Typed text would be dealt with now: connected, not between rooms, and back in the current one."""
        if self._session is None or not self._session.online or self._session.moving:
            return False
        room = self.model.current
        return self.model.welcomed and (room is None or room.joined)

    @property
    def sts(self) -> str:
        """What the server says about encryption, as it says it; empty for nothing."""
        return self._session.caps.sts if self._session else ""

    @property
    def outgoing_size(self) -> int:
        """How much `take_outgoing` would hand over, about."""
        return self._session.outgoing_size if self._session else 0

    @property
    def unconfirmed(self) -> int:
        """How many sent lines the server has not confirmed."""
        return len(self._session.unconfirmed) if self._session else 0

    def take_outgoing(self) -> bytes:
        return self._session.take_outgoing() if self._session else b""

    def take_lines(self) -> list[Line]:
        lines, self._lines = self._lines, []
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
        self._session = Session(
            self._wanted, now, rooms=rooms, password=self._password, again=self._registered_before
        )

    def receive(self, line: bytes, now: datetime) -> None:
        """Take in one line of the server."""
        if self._session is not None:
            for event in incoming.receive(self._session, line, now):
                self._apply(event, now)
            self._note_pending()

    def ping(self, now: datetime) -> None:
        """Ask for a sign of life, and for our name if an old connection still holds it."""
        if self._session is not None:
            self._session.ping(now)
            self._session.reclaim()

    def lost(self, now: datetime) -> None:
        """The connection is gone."""
        if self._session is not None:
            self._doubtful += self._session.unconfirmed.lines
            self._session = None
        if self._registered_before:
            self.model.lost(now)
        self._note_pending()

    # -- the person

    def enter(self, text: str, now: datetime) -> Entered:
        """Do what *text* says. Several lines at once were pasted: each is a message, whatever it begins with."""
        lines = lines_of(text)
        if len(lines) == 1:
            return self._perform(slash.parse(lines[0]), now)
        return self._say(None, lines, now) if lines else Entered.DONE

    def leave(self, reason: str = "") -> None:
        """Say goodbye; the server closes the connection when it has sent everything."""
        self.leaving = True
        if self._session is not None:
            self._session.quit(reason)

    def report_lost_lines(self) -> None:
        """Tell the person which lines the server never confirmed."""
        if self._session is not None:
            self._doubtful += self._session.unconfirmed.lines
        doubtful, self._doubtful = self._doubtful, []
        self._report(doubtful)
        self._note_pending()

    def _note_pending(self) -> None:
        sent = self._doubtful + (self._session.unconfirmed.lines if self._session is not None else [])
        self.model.pending = tuple(line for line in sent if not line.shown)

    def _settle(self, undelivered: list[Sent]) -> int:
        """Send these again where that is safe, else tell the person; how many went out."""
        again = 0
        for sent in undelivered:
            if self._session is not None and self._session.say_again(sent):
                again += 1
            else:
                self._report([sent])
        return again

    def _report(self, undelivered: list[Sent]) -> None:
        for sent in undelivered:
            self.lost_lines += 1
            self.model.failed(sent.id)
            self.show(error(f"Perhaps not delivered to {clean(sent.target)}: {sent.text}"))

    def _apply(self, event: Event, now: datetime) -> None:
        if isinstance(event, HistoryRead):
            event = self._compare(event)
        self._lines += self.model.update(event, now)
        match event:
            case Registered():
                if not self._registered_before:
                    self._wanted = event.name
                self._registered_before = True
                again = self._settle([sent for sent in self._doubtful if not self._comes_with_history(sent)])
                self._doubtful = [sent for sent in self._doubtful if self._comes_with_history(sent)]
                if again:
                    self.show(status(f"{again} of your lines {'was' if again == 1 else 'were'} sent again."))
            case Renamed() if event.mine:
                self._wanted = event.new
            case NotSent():
                self.lost_lines += 1
            case Refused():
                self.refusal = self.refusal or event
            case Dropped():
                self.dropped = event.text
            case JoinFailed():
                if not self.model.welcomed:
                    self.first_room_failed = event.text
                self._compare(HistoryRead(event.room, (), full=False))  # none will come
            case _:
                pass

    def _comes_with_history(self, sent: Sent) -> bool:
        return (
            self._session is not None
            and self._session.caps.keeps_history
            and self.model.room(sent.target) is not None
        )

    def _compare(self, history: HistoryRead) -> HistoryRead:
        """Lines whose fate was unknown either stand in the history or did not arrive."""
        fold = self.model.fold
        lines = list(history.lines)
        ours = [index for index, said in enumerate(lines) if said.mine]
        missing, waiting = [], []
        arrived = 0
        for sent in self._doubtful:
            if fold(sent.target) != fold(history.room):
                waiting.append(sent)
            elif (index := next((index for index in ours if lines[index].text == sent.text), None)) is not None:
                ours.remove(index)
                lines[index] = replace(lines[index], sent=sent.id)
                arrived += 1
            else:
                missing.append(sent)
        self._doubtful = waiting
        return replace(history, lines=tuple(lines), sent=arrived + self._settle(missing))

    def _refuse(self, text: str, result: Entered = Entered.WRONG) -> Entered:
        self.show(error(clean(text)))
        return result

    def _perform(self, intent: slash.Intent, now: datetime) -> Entered:
        match intent:
            case slash.Wrong(text):
                return self._refuse(text)
            case slash.ShowHelp():
                self.show(*(status(line) for line in slash.help_lines()))
                return Entered.DONE
            case slash.ShowPeople(name):
                return self._show_people(name)
            case slash.Quit(reason):
                self.leave(reason)
                return Entered.DONE
            case slash.Say(text):
                return self._say(None, [text], now)
            case slash.Act(text):
                return self._say(None, [text], now, Manner.ACTION)
            case slash.Whisper(to, text):
                return self._say(to, [text], now)
            case slash.Topic(None):
                return self._show_topic()
        session = self._session
        if session is None or not session.online:
            return self._refuse("Not connected; try again when the connection is back.", Entered.HELD)
        match intent:
            case slash.ShowRooms():
                session.list_rooms()
            case slash.Join(name, key):
                self._join(session, name, key)
            case slash.Leave(room, reason):
                return self._leave(session, room, reason)
            case slash.Rename(name):
                session.rename(name)
            case slash.Search(words, room, sender):
                if not session.search(words, room=room, sender=sender):
                    return self._refuse("This server cannot search.")
            case slash.Topic(topic):
                if self.model.current is None:
                    return self._refuse("You are in no room. /join ROOM enters one.")
                session.set_topic(self.model.current.name, topic or "")
        return Entered.DONE

    def _say(self, target: str | None, texts: list[str], now: datetime, manner: Manner = Manner.MESSAGE) -> Entered:
        session = self._session
        if session is None or not session.online:
            return self._refuse("Not connected; your line was not sent.", Entered.HELD)
        room = self.model.current
        if target is None and room is None:
            return self._refuse("You are in no room. /join ROOM enters one.", Entered.HELD)
        if target is None and session.moving and room is not None and room.joined:
            return self._refuse("Still between two rooms; your line was not sent.", Entered.HELD)
        if target is None and room is not None and not room.joined:
            return self._refuse(f"Not back in {room.name} yet; your line was not sent.", Entered.HELD)
        if len(texts) > MOST:
            return self._refuse(f"That is {len(texts)} lines; {MOST} can be sent at once.", Entered.HELD)
        if self.unconfirmed + len(texts) > MOST:
            return self._refuse("The server is behind; your line was not sent yet.", Entered.HELD)
        for text in texts:
            saying = session.say(target or (room.name if room else ""), text, now, manner)
            for event in saying.events:
                self._apply(event, now)
            for sent in saying.pending:
                self._expect(sent, manner, now)
        self._note_pending()
        return Entered.DONE

    def _expect(self, sent: Sent, manner: Manner, now: datetime) -> None:
        """Our line stands in its conversation from now on."""
        model = self.model
        private = not model.is_room(sent.target)
        said = Said(clean(sent.target), model.me, sent.text, manner, True, private, now)
        conversation = model.with_person(said.target, now) if private else model.room(sent.target)
        if conversation is not None:
            model.expect(sent, conversation, line_of(model, said, past=False))

    def _join(self, session: Session, name: str, key: str) -> None:
        room = self.model.room(name)
        if room is None:
            if key:
                self.model.keys[self.model.fold(name)] = key
            session.join(name, key)
        else:
            self.model.switch(room)
            self.show(status(f"{self.model.members_sentence(room)}."))

    def _leave(self, session: Session, name: str | None, reason: str) -> Entered:
        room = self.model.current if name is None else self.model.room(name)
        if room is None:
            return self._refuse(f"You are not in {name}." if name else "You are in no room. /quit leaves.")
        session.part(room.name, reason)
        return Entered.DONE

    def _show_people(self, name: str | None) -> Entered:
        room = self.model.current if name is None else self.model.room(name)
        if room is None:
            return self._refuse(f"You are not in {name}." if name else "You are in no room.")
        self.show(status(f"{self.model.members_sentence(room)}."))
        return Entered.DONE

    def _show_topic(self) -> Entered:
        room = self.model.current
        if room is None:
            return self._refuse("You are in no room.")
        self.show(status(f"Topic of {room.name}: {room.topic or 'none'}"))
        return Entered.DONE
