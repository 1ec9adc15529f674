"""What the server and others are told of the person by the way: typing, having read, being away. Pure."""

from datetime import datetime, timedelta

from triochat.client.keyboard import Keyboard, Notice
from triochat.client.model import Model
from triochat.client.session import Session
from triochat.client.settings import Settings

_MARK_EVERY = timedelta(seconds=2)
_MOST_MARKS = 100


class Attention:
    """Says little: typing as seldom as others can do with, markers together, being away once."""

    def __init__(self, settings: Settings) -> None:
        self.tells_typing = settings.typing.send
        self._after = timedelta(minutes=settings.away.after_minutes)
        self._away_text = settings.away.text
        self._keyboard = Keyboard()
        self._active: datetime | None = None  # a program has no keys, and is never away by itself
        self._wanted = ""
        """The away message that the person gave."""
        self._by_itself = False
        self._marked: dict[str, datetime] = {}
        self._unmarked: dict[str, datetime] = {}
        self._mark_at: datetime | None = None

    @property
    def due(self) -> datetime | None:
        """When `tick` has something to do."""
        mark = self._mark_at if self._unmarked else None
        times = (self._keyboard.due, mark, self._away_at)
        return min((time for time in times if time is not None), default=None)

    @property
    def _away_at(self) -> datetime | None:
        if not self._after or self._active is None or self._by_itself or self._wanted:
            return None
        return self._active + self._after

    def tick(self, session: Session, model: Model, now: datetime) -> None:
        self._tell(session, self._keyboard.tick(now))
        if self._unmarked and self._mark_at is not None and now >= self._mark_at:
            for target, time in self._unmarked.items():
                session.mark_read(target, time)
            self._marked |= self._unmarked
            self._unmarked.clear()
            self._mark_at = now + _MARK_EVERY
        if (since := self._away_at) is not None and now >= since:
            self._by_itself = True
            session.set_away(self._away_text or "away")

    # -- typing

    def typed(self, session: Session, target: str, text: str, now: datetime) -> None:
        is_command = text.startswith("/") and not text.startswith(("//", "/me "))
        if self.tells_typing:
            self._tell(session, self._keyboard.typed(target, "" if is_command else text, now))

    def said(self) -> None:
        self._keyboard.said()

    def leave(self, session: Session | None) -> None:
        """What was being typed is given up."""
        notices = self._keyboard.left()
        if session is not None and session.online:
            self._tell(session, notices)

    def _tell(self, session: Session, notices: list[Notice]) -> None:
        for target, state in notices:
            session.tell_typing(target, state)

    # -- having read

    def read(self, target: str, time: datetime, now: datetime) -> None:
        """The person has read *target* up to *time*."""
        if self._marked.get(target) == time or len(self._unmarked) >= _MOST_MARKS:
            return
        self._unmarked[target] = time
        self._mark_at = max(self._mark_at or now, now)

    # -- being there

    def active(self, session: Session | None, model: Model, now: datetime) -> None:
        self._active = now
        if self._by_itself and session is not None:
            self._by_itself = False
            session.set_away("")

    def set_away(self, session: Session, text: str) -> None:
        """The person says so."""
        self._wanted, self._by_itself = text, False
        session.set_away(text)

    def back(self, session: Session) -> None:
        """A new connection: what the last one was told is to be told again."""
        self._keyboard.said()
        self._marked.clear()
        text = self._wanted or (self._away_text if self._by_itself else "")
        if text:
            session.set_away(text)
