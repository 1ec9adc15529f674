"""Everything the client knows about the chat: conversations, people, what was said. Pure.

`update` takes in events and returns the lines that somebody who reads line by line should see for them; the same
lines stand in the conversations. The rest are queries, and what a view tells. Views never change what they find here.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from itertools import chain, count

from triochat.client import events as ev
from triochat.client import presence, speech
from triochat.client.conversation import Conversation, Past, Sort
from triochat.client.delivery import Sent
from triochat.client.line import Kind, Line, State
from triochat.client.lines import Lines
from triochat.client.names import Fold, folding

_NAMES_SHOWN = 20
_MOST_LOGGED = 20_000  # while the disk is slow
_MOST_LINES = 200_000  # of all conversations together
MOST_ROOMS = 500  # a server may put us into rooms; not into any number
MOST_PRIVATE = 500  # nor may strangers open any number of conversations


class Link(Enum):
    """Where the connection stands."""

    CONNECTING = auto()
    ONLINE = auto()
    WAITING = auto()


class Model:
    """The state. Its methods that change it are called by `Chat` only."""

    def __init__(self, name: str, highlights: tuple[str, ...] = ()) -> None:
        """*highlights* are words that count as mentions, besides our name."""
        self.me = name
        self.account = ""
        """Whom the server knows us as; "" = nobody."""
        self.away: str | None = None
        """Our away message while we are away."""
        self.link = Link.CONNECTING
        self.retry_in = 0
        """Seconds until the next attempt, while WAITING."""
        self.lag: float | None = None
        """Seconds from a ping to its answer."""
        self.rooms: dict[str, Conversation] = {}
        """By folded name, in the order in which they were entered."""
        self.private: dict[str, Conversation] = {}
        """By the folded name of the other, in the order in which they began."""
        self.server = Conversation("*", Sort.SERVER, past=Past.NOT_KEPT)
        self.found: ev.Found | None = None
        """What the last search found."""
        self.ignored: set[str] = set()
        """Folded names of people whose words are not shown."""
        self.muted: set[str] = set()
        """Folded names of conversations that call nobody from the start."""
        self.drafts: dict[str, str] = {}
        """What was typed and not sent, by the folded name of the conversation; the one changed last is the last."""
        self.last_writer = ""
        """Who wrote privately last, for an answer."""
        self.keys: dict[str, str] = {}
        self.welcomed = False
        self.pending: tuple[Sent, ...] = ()
        """Lines of ours that the server has not confirmed and that are not among the shown ones, oldest first."""
        self.fold: Fold = folding("rfc1459")
        self.logged: list[tuple[str, Line]] | None = None
        """Set to a list, it gets every line that belongs into a log, with the name of its conversation."""
        self.revision = 0
        """Grows with every change, those of conversations included."""
        self.lost_at: datetime | None = None
        self.away_seconds: int | None = None
        self.mail_since: datetime | None = None
        """When the connection was lost last; private messages from then on may be missing."""
        self._highlights = highlights
        self._mention = self._compile()
        self._visited: list[str] = []  # folded names; the last is the current conversation
        self._watched: Conversation | None = None
        self._ids = count(1)
        self._ours: dict[str, tuple[Conversation, int]] = {}  # pending lines by the id of their Sent
        self._size = 0

    # -- queries

    @property
    def current(self) -> Conversation | None:
        """The conversation that typed text goes to."""
        return self.conversation(self._visited[-1]) if self._visited else None

    @property
    def conversations(self) -> list[Conversation]:
        """Rooms, then private conversations, in a stable order: that of a list beside the messages."""
        return [*self.rooms.values(), *self.private.values()]

    def room(self, name: str) -> Conversation | None:
        return self.rooms.get(self.fold(name))

    def conversation(self, name: str) -> Conversation | None:
        """The room or the private conversation of this name."""
        key = self.fold(name)
        return self.rooms.get(key) or self.private.get(key)

    @property
    def watched(self) -> Conversation | None:
        """The conversation whose newest lines the person sees."""
        return self._watched

    def is_room(self, name: str) -> bool:
        return name[:1] in ("#", "&", "+", "!")

    def is_me(self, name: str) -> bool:
        return self.fold(name) == self.fold(self.me)

    def people(self) -> list[str]:
        """Names of everybody in sight but ourselves, those in the current room first."""
        rooms = sorted(self.rooms.values(), key=lambda room: room is not self.current)
        names = {self.fold(other.name): other.name for other in self.private.values()}
        names |= {key: member.name for room in reversed(rooms) for key, member in room.members.items()}
        first = self.current.members if self.current else {}
        names.pop(self.fold(self.me), None)
        return sorted(names.values(), key=lambda name: (self.fold(name) not in first, self.fold(name)))

    def members_sentence(self, room: Conversation) -> str:
        """Who is in *room*, as a sentence that stays short in a crowd."""
        me = self.fold(self.me)
        names = [member.name + (" (you)" if key == me else "") for key, member in sorted(room.members.items())]
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        return f"{room.name}, {len(names)} here: {shown}{more}"

    def next_active(self) -> Conversation | None:
        """Where to go next: to a mention or a private word, else to something unread; None when all is read."""
        waiting = [other for other in self.conversations if other.unread and other is not self.current]
        return min(waiting, key=lambda other: (other.muted, not other.mentions, other.first_unread), default=None)

    def previous(self) -> Conversation | None:
        """The conversation that was current before this one."""
        return self.conversation(self._visited[-2]) if len(self._visited) > 1 else None

    @property
    def writing_to(self) -> str:
        """To whom or where goes what is written now; empty: nowhere."""
        return self.current.name if self.current is not None else ""

    def draft(self, conversation: Conversation) -> str:
        """What was typed in *conversation* and not sent."""
        return self.drafts.get(self.fold(conversation.name), "")

    def my_last(self, conversation: Conversation) -> Line | None:
        """The newest line of ours that could be edited or taken back."""
        mine = (line for line in reversed(conversation.lines) if line.mine and line.is_speech and not line.redacted)
        return next((line for line in mine if line.state is State.STORED and line.msgid), None)

    # -- what views tell

    def switch(self, conversation: Conversation) -> None:
        """Make it the current one."""
        if conversation is not self.current:
            if (before := self.current) is not None and not before.unread:
                before.here = 0
            self.touch()
        key = self.fold(conversation.name)
        self._visited = [other for other in self._visited if other != key] + [key]

    def look_at(self, conversation: Conversation | None) -> None:
        """The person sees the newest lines of *conversation*, and goes on seeing them; None: of none."""
        self._watched = conversation
        if conversation is not None:
            conversation.seen()
        self.touch()

    def keep_draft(self, conversation: Conversation, text: str) -> None:
        """*text* was typed in *conversation* and is not sent yet; empty: there is nothing, or not any more."""
        key = self.fold(conversation.name)
        self.drafts.pop(key, None)
        if text:
            self.drafts[key] = text

    # -- changes

    def update(self, event: ev.Event, now: datetime) -> list[Line]:
        """Take in what happened; returns the lines to show."""
        self.touch()
        handler = presence.HANDLERS.get(type(event)) or speech.HANDLERS.get(type(event))
        return handler(self, event, now) if handler is not None else []

    def touch(self) -> None:
        self.revision += 1

    def lost(self, now: datetime) -> None:
        """The connection is gone; rooms stay, to be entered again."""
        self.touch()
        self.lost_at = self.mail_since = self.lost_at or now
        self.lag = None
        self.account = ""
        self.away = None
        for conversation in self.conversations:
            conversation.joined = conversation.sort is Sort.PRIVATE
            conversation.rejoining = True
            if conversation.past is Past.ASKED:
                conversation.past = Past.MORE

    def enter(self, name: str, time: datetime) -> Conversation | None:
        """We are in the room *name* now; None when there are too many."""
        if len(self.rooms) >= MOST_ROOMS:
            return None
        key = self.fold(name)
        room = Conversation(name, Sort.ROOM, self.keys.pop(key, ""), newest=time, muted=key in self.muted)
        self.rooms[key] = room
        if not self.welcomed:  # what was said before there was a room is read there
            for line in self.server.lines:
                room.lines.add(line)
            self.server.lines = Lines()
        self.switch(room)
        return room

    def with_person(self, name: str, time: datetime) -> Conversation | None:
        """The private conversation with *name*, opened if need be; None when there are too many."""
        key = self.fold(name)
        conversation = self.private.get(key)
        if conversation is None and len(self.private) >= MOST_PRIVATE:
            self._make_room()
        if conversation is None and len(self.private) < MOST_PRIVATE and name:
            conversation = Conversation(name, Sort.PRIVATE, newest=time, muted=key in self.muted)
            self.private[key] = conversation
        return conversation

    def _make_room(self) -> None:
        """Close the oldest private conversation in which we never said anything: most likely nobody misses it."""
        unanswered = (
            other
            for other in self.private.values()
            if other is not self.current and other is not self._watched and not any(line.mine for line in other.lines)
        )
        if (oldest := next(unanswered, None)) is not None:
            self.close(oldest)

    def close(self, conversation: Conversation) -> None:
        """Forget it; the one before it becomes current."""
        key = self.fold(conversation.name)
        (self.rooms if conversation.is_room else self.private).pop(key, None)
        self._visited = [other for other in self._visited if other != key]
        self.drafts.pop(key, None)
        self._size -= len(conversation.lines)
        if self._watched is conversation:
            self._watched = None

    def rename_person(self, old: str, new: str) -> None:
        """The private conversation goes on under the new name, unless there is one already."""
        before, after = self.fold(old), self.fold(new)
        if before in self.private and (after == before or after not in self.private):
            self.private = {after if key == before else key: other for key, other in self.private.items()}
            self.private[after].name = new
            self._visited = [after if key == before else key for key in self._visited]
            self.drafts = {after if key == before else key: text for key, text in self.drafts.items()}

    def admitted(self, name: str) -> None:
        """The server let us in as *name*."""
        self.link = Link.ONLINE
        self.named(name)

    def named(self, name: str) -> None:
        """We are called *name* now."""
        self.me = name
        self._mention = self._compile()

    def highlight(self, words: tuple[str, ...]) -> None:
        """Words that count as mentions, besides our name."""
        self._highlights = words
        self._mention = self._compile()

    def mentions_me(self, text: str) -> bool:
        return self._mention.search(text) is not None

    def numbered(self, line: Line) -> Line:
        """*line* as it may stand in a conversation."""
        return replace(line, id=next(self._ids))

    def tell(self, conversation: Conversation, line: Line) -> Line:
        """Put *line* into *conversation*; returns it as it stands there."""
        line = self.numbered(line)
        marker = conversation.read_to if line.past else None  # what comes now was read nowhere
        read = marker is not None and line.time is not None and line.time <= marker
        counts = line.is_speech and not line.mine and not read and conversation is not self._watched
        before = len(conversation.lines)
        conversation.add(line, counts=counts)
        if conversation is self._watched and line.is_speech:
            conversation.seen()
        self._grew(len(conversation.lines) - before, conversation)
        self._log(conversation, line)
        return line

    def _log(self, conversation: Conversation, line: Line) -> None:
        if self.logged is not None and len(self.logged) < _MOST_LOGGED and line.kind not in (Kind.STATUS, Kind.ERROR):
            self.logged.append((conversation.name, line))

    def counted(self, conversation: Conversation) -> None:
        """What is unread in it was counted anew; but what the person looks at is seen."""
        if conversation is self._watched:
            conversation.seen()

    def note(self, line: Line) -> Line:
        """Tell something that belongs to no conversation, where the person looks: in the current one."""
        return self.tell(self.current or self.server, line)

    def expect(self, sent: Sent, conversation: Conversation, line: Line) -> None:
        """Our *line* is on its way as *sent*: it stands in *conversation*, pending."""
        line = self.numbered(replace(line, state=State.PENDING))
        conversation.lines.add_pending(line)
        conversation.revision += 1
        self._ours[sent.id] = conversation, line.id
        self._grew(1, conversation)
        self.touch()

    def arrived(self, sent: str, line: Line) -> Line | None:
        """Our line *sent* was stored as *line*; returns it as it stands in its conversation, None when unknown."""
        conversation, id = self._ours.pop(sent, (None, 0))
        if conversation is None:
            return None
        line = replace(line, id=id)
        conversation.settle(id, line)
        self._log(conversation, line)
        return line

    def failed(self, sent: str) -> None:
        """Our line *sent* did not arrive, as far as is known."""
        conversation, id = self._ours.pop(sent, (None, 0))
        if conversation is not None:
            conversation.fail(id)
            self.touch()

    def expire(self, now: datetime) -> bool:
        """Forget who stopped typing without a word; True when something changed."""
        over = [conversation for conversation in self.conversations if conversation.typists.expire(now)]
        for conversation in over:
            conversation.revision += 1
        if over:
            self.touch()
        return bool(over)

    @property
    def due(self) -> datetime | None:
        """When `expire` has something to do next."""
        return min(filter(None, (other.typists.due for other in self.conversations)), default=None)

    def everywhere(self) -> Iterator[Conversation]:
        return chain(self.conversations, (self.server,))

    def refold(self, fold: Fold) -> None:
        """Names are compared by *fold* from here on."""
        self.fold = fold
        self._visited = [fold(other.name) for key in self._visited if (other := self._by_key(key)) is not None]
        self.rooms = {fold(room.name): room for room in self.rooms.values()}
        self.private = {fold(other.name): other for other in self.private.values()}
        self.keys = {fold(name): key for name, key in self.keys.items()}
        self.drafts = {fold(name): text for name, text in self.drafts.items()}

    def _by_key(self, key: str) -> Conversation | None:
        return self.rooms.get(key) or self.private.get(key)

    def _grew(self, by: int, conversation: Conversation) -> None:
        self._size += by
        if self._size > _MOST_LINES:
            longest = max(self.everywhere(), key=lambda other: (other is not self._watched, len(other.lines)))
            before = len(longest.lines)
            longest.drop(before // 2)
            self._size -= before - len(longest.lines)

    def _compile(self) -> re.Pattern[str]:
        words = "|".join(re.escape(word) for word in (self.me, *self._highlights) if word)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)" if words else r"(?!)", re.IGNORECASE)
