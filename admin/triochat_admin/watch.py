"""What `monitor` shows, and how fast. No IO, no clock: the console hands in events and the time."""

from collections.abc import Callable

from triochat.operations import Event, Monitor
from triochat_admin import render
from triochat_admin.grammar import Call, Filter, UsageError, Watch, nearest
from triochat_admin.text import number, visible

KINDS = (
    "connected",
    "disconnected",
    "message",
    "notice",
    "join",
    "part",
    "quit",
    "nick",
    "topic",
    "mode",
    "kick",
    "invite",
    "rename",
    "typing",
    "reaction",
    "private",
    "account",
    "refused",
    "operator",
    "error",
)
GROUPS = {
    "joins": ("connected", "disconnected", "join", "part", "quit", "kick"),
    "traffic": ("message", "notice", "private"),
    "auth": ("account", "refused", "operator"),
    "errors": ("error",),
}
"""Words for several kinds."""
LEVELS = ("debug", "info", "warning", "error")
RATE = 100
"""Events a second that are shown when nobody says rate=. More than anybody reads, less than what a console can
cost a busy server."""


def monitor(call: Call) -> Watch:
    """Show events until stopped."""
    wanted = Filter(
        user=call.keys.get("user", "").casefold(),
        room=call.keys.get("room", "").casefold().removeprefix("#"),
        kinds=frozenset(kind for word in call.words for kind in GROUPS.get(word.lower()) or (_kind(word),)),
    )
    content = "--content" in call.options
    about = [visible(f"{key}={value}") for key, value in call.keys.items() if key != "rate"] + sorted(wanted.kinds)
    title = f"Watching {' '.join(about) or 'everything'}, texts {'shown' if content else 'hidden'}."
    rate = _rate(call.keys.get("rate", str(RATE)))

    def open_() -> Monitor:
        return call.operations.monitor(kinds=wanted.kinds, user=wanted.user, room=wanted.room, rate=rate)

    return Watch(open_, title, wanted, content, rate)


def log(call: Call) -> Watch:
    """Show the server's own log until stopped."""
    level = _level(call.words[0]) if call.words else "info"
    wanted = Filter(grep=call.keys.get("grep", "").casefold())
    about = f", with {visible(call.keys['grep'])}" if wanted.grep else ""
    rate = _rate(call.keys.get("rate", str(RATE)))
    title = f"Watching the server's log from {level} on{about}."
    return Watch(lambda: call.operations.log(level), title, wanted, True, rate)


def _level(word: str) -> str:
    hits = [level for level in LEVELS if level.startswith(word.lower())]
    if len(hits) != 1:
        raise UsageError(f"No level {visible(word[:40])}. There are: {', '.join(LEVELS)}")
    return hits[0]


def _kind(word: str) -> str:
    kind = word.lower()
    kind = kind if kind in KINDS else kind.removesuffix("s")
    if kind not in KINDS:
        names = (*KINDS, *GROUPS)
        raise UsageError(f"No kind {visible(word[:40])}. {nearest(kind, names) or 'There are: ' + ', '.join(names)}")
    return kind


def _rate(text: str) -> int:
    digits = text.removesuffix("/s")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 6 or not int(digits):
        raise UsageError("rate= wants events a second, such as rate=50.")
    return int(digits)


def matches(wanted: Filter, event: Event) -> bool:
    """Whether *event* is to be shown."""
    return (
        (not wanted.kinds or event.kind in wanted.kinds)
        and (not wanted.user or event.name.casefold() == wanted.user)
        and (not wanted.room or event.room.casefold().removeprefix("#") == wanted.room)
        and (not wanted.grep or wanted.grep in event.text.casefold() or wanted.grep in event.name.casefold())
    )


class Pace:
    """Decides which events are shown and when to own up to those that were not.

    At most *rate* events a second are shown, and at most one notice about the others. An event that does not match
    the filter is neither shown nor missed.
    """

    def __init__(self, watch: Watch, now: float, missed: Callable[[], int]) -> None:
        """*missed* tells how many events were lost before they came here."""
        self._watch = watch
        self._missed = missed
        self._second = now
        self._shown_in_second = 0
        self._over_rate = 0
        self._reported = 0
        self._notice_not_before = now
        self.shown = 0

    @property
    def not_shown(self) -> int:
        """Events that should have been shown and were not."""
        return self._over_rate + self._missed()

    def admit(self, event: Event, now: float) -> bool:
        """Whether to show *event*."""
        if not matches(self._watch.wanted, event):
            return False
        if now - self._second >= 1.0:
            self._second, self._shown_in_second = now, 0
        if self._shown_in_second >= self._watch.rate:
            self._over_rate += 1
            return False
        self._shown_in_second += 1
        self.shown += 1
        return True

    def notice(self, now: float) -> int:
        """How many events to own up to now: 0 when there are none, or when the last notice was just now."""
        news = self.not_shown - self._reported
        if not news or now < self._notice_not_before:
            return 0
        self._reported += news
        self._notice_not_before = now + 1.0
        return news

    def next_notice(self) -> float:
        """When `notice` should be asked again, whatever happens until then; infinity when nothing is owed."""
        return self._notice_not_before if self.not_shown > self._reported else float("inf")

    def summary(self) -> str:
        """The last line."""
        return f"stopped. {number(self.shown, 'event')} shown, {self.not_shown:,} not shown."


def notice(missed: int) -> str:
    """`… 318 events not shown`"""
    return f"… {number(missed, 'event')} not shown"


def line(watch: Watch, event: Event) -> str:
    """*event* as text."""
    return render.event(event, watch.content)


def data(watch: Watch, event: Event) -> dict[str, object]:
    """*event* for programs; what was said only if asked for."""
    told: dict[str, object] = {
        "time_ms": event.time_ms,
        "kind": event.kind,
        "name": event.name,
        "room": event.room,
        "chars": len(event.text),
        "readers": event.readers,
    }
    if event.handed_ms is not None:
        told |= {"stored_ms": event.stored_ms, "handed_ms": event.handed_ms}
    if watch.content or event.kind in render.NOT_SAID:
        told["text"] = event.text
    return told
