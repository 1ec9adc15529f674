"""What stands around the messages, as rows: the lists, the title, the status, and what lies over them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import zip_longest

from triochat.client.conversation import Conversation, Member
from triochat.client.model import Link, Model
from triochat.terminal.cells import Row, Span, cut, fit, width
from triochat.terminal.colours import of_name
from triochat.terminal.picking import Picker

_RANKS = "~&@%+"
_MOST_TYPISTS = 3


def scrolled(chosen: int, count: int, height: int) -> int:
    """Which of *count* entries is the first to show, so that the *chosen* one is among *height*."""
    return max(0, min(chosen - height // 2, count - height))


def room_rows(model: Model, columns: int, height: int) -> list[Row]:
    """The conversations with what is unread in them; the current one is always among them."""
    conversations = model.conversations
    current = model.current
    chosen = next((i for i, other in enumerate(conversations) if other is current), 0)
    first = scrolled(chosen, len(conversations), height)
    return [
        _room_row(number, conversation, conversation is current, columns)
        for number, conversation in enumerate(conversations[first : first + height], first + 1)
    ]


def _room_row(number: int, conversation: Conversation, is_current: bool, columns: int) -> Row:
    style = "class:list.mention" if conversation.mentions else "class:list.unread" if conversation.unread else ""
    if is_current:
        style = "class:list.current"
    count = unread_text(conversation)
    key = f"{number} " if number <= 9 else "  "
    name = fit(conversation.name, columns - len(key) - len(count) - 1)
    return (("class:list.current" if is_current else "class:dim", key), (style, f"{name} {count}"))


def unread_text(conversation: Conversation) -> str:
    """`3` for three unread lines, `@1 3` when one of them is for the person."""
    unread = f"{conversation.unread}" if conversation.unread < 1000 else "999+"
    if conversation.mentions and conversation.mentions == conversation.unread:
        return f"@{unread}"
    return f"@{conversation.mentions} {unread}" if conversation.mentions else unread if conversation.unread else ""


class People:
    """Who is in the current room, the highest ranks first. Sorted again only when somebody comes or goes."""

    def __init__(self) -> None:
        self._known: tuple[Conversation, int, int] | None = None
        self._members: list[Member] = []

    def rows(self, model: Model, columns: int, height: int) -> list[Row]:
        room = model.current
        if room is None or not room.is_room:
            return [(("class:dim", fit("nobody else", columns)),)]
        self._sort(room, height)
        rows: list[Row] = [(("class:title", fit(f"{len(room.members)} here", columns)),)]
        for member in self._members[: height - 1]:
            style = "class:list.away" if member.away else of_name(member.name)
            rows.append((("class:dim", member.marks[:1] or " "), (style, fit(member.name, columns - 1))))
        if (more := len(room.members) + 1 - height) > 0 and height > 2:
            rows[height - 1 :] = [(("class:dim", fit(f"… and {more + 1} more", columns)),)]
        return rows

    def _sort(self, room: Conversation, height: int) -> None:
        known = self._known
        if known is not None and known == (room, room.revision, height) and known[0] is room:
            return
        self._known = (room, room.revision, height)
        self._members = nsmallest(max(0, height - 1), room.members.values(), key=_order)


def _order(member: Member) -> tuple[int, str]:
    rank = _RANKS.find(member.marks[:1]) if member.marks else len(_RANKS)
    return (len(_RANKS) if rank < 0 else rank, member.name.casefold())


def title_row(model: Model, columns: int) -> Row:
    """Where the person is, and what that is about."""
    conversation = model.current
    if conversation is None:
        return (("class:title", fit("no room", columns)),)
    name = cut(conversation.name, columns)
    about = f" · {conversation.topic}" if conversation.topic else ""
    return (("class:title", name), ("class:dim", fit(about, columns - width(name))))


def connection_text(model: Model, place: str) -> str:
    match model.link:
        case Link.CONNECTING:
            return f"connecting to {place} …"
        case Link.WAITING:
            return f"not connected · retrying in {model.retry_in} s"
    return place if model.lag is None else f"{place} · lag {model.lag * 1000:.0f} ms"


def typing_text(conversation: Conversation | None, now: datetime) -> str:
    """Who is typing, as a sentence that stays short in a crowd."""
    names = conversation.typists.names(now) if conversation is not None else []
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is typing…"
    shown = ", ".join(names[: _MOST_TYPISTS - 1])
    return f"{shown} and {names[-1] if len(names) <= _MOST_TYPISTS else 'others'} are typing…"


def elsewhere_text(model: Model) -> str:
    """What is unread in other conversations, for when the list of them is hidden."""
    others = [other for other in model.conversations if other.unread and other is not model.current]
    if not others:
        return ""
    mentions = sum(other.mentions for other in others)
    return f"+{sum(other.unread for other in others)}" + (f" @{mentions}" if mentions else "")


def status_row(
    model: Model,
    place: str,
    now: datetime,
    columns: int,
    *,
    below: int = 0,
    notice: str = "",
    rooms_are_shown: bool = True,
    show_typing: bool = True,
) -> Row:
    """One row: the room, who types, what is below, the connection. *notice* is said instead of the room."""
    style = "class:bar" if model.link is Link.ONLINE else "class:bar.trouble"
    conversation = model.current
    left: list[tuple[int, str]] = []  # what matters least has the highest number, and goes first
    if notice:
        left.append((0, notice))
    else:
        name = conversation.name if conversation is not None else "no room"
        left.append((1, name))
        if conversation is not None and conversation.is_room:
            left.append((5, f"{len(conversation.members)} here" if conversation.joined else "not in it now"))
        if not rooms_are_shown and (elsewhere := elsewhere_text(model)):
            left.append((3, elsewhere))
    if below:
        left.append((2, f"↓ {below} below, Esc: newest"))
    if show_typing and (typing := typing_text(conversation, now)):
        left.append((4, typing))
    if model.away is not None:
        left.append((6, "away"))
    right = [(0 if model.link is not Link.ONLINE else 7, connection_text(model, place)), (8, "F1 keys")]
    while sum(width(text) + 3 for _, text in (*left, *right)) > columns + 1 and len(left) + len(right) > 1:
        worst = max((*left, *right))[0]
        if worst == 0:
            break
        left = [part for part in left if part[0] != worst]
        right = [part for part in right if part[0] != worst]
    said = " " + " · ".join(text for _, text in left)
    end = " · ".join(text for _, text in right) + " " if right else ""
    gap = columns - width(said) - width(end)
    return ((style, fit(said + " " * gap + end if gap > 0 or not left else f"{said} · {end}", columns)),)


def menu_rows(texts: Sequence[str], chosen: int | None, height: int, most_columns: int) -> list[Row]:
    """A small list of completions that lies above the word."""
    columns = min(most_columns, max(map(width, texts), default=0) + 2)
    first = scrolled(chosen or 0, len(texts), height)
    return [
        (("class:popup.chosen" if index == chosen else "class:popup", fit(f" {text}", columns)),)
        for index, text in enumerate(texts[first : first + height], first)
    ]


def picker_rows(picker: Picker, columns: int, height: int) -> list[Row]:
    """The choices, the best at the top."""
    if not picker.shown:
        return [(("class:dim", fit(picker.empty, columns)),)]
    first = scrolled(picker.chosen, len(picker.shown), height)
    rows: list[Row] = []
    for index, choice in enumerate(picker.shown[first : first + height], first):
        mark: Span = ("class:popup.chosen", "> ") if index == picker.chosen else ("class:popup", "  ")
        text = cut(choice.text.replace("\n", " ⏎ "), columns - 2)
        rows.append((mark, (mark[0], text), ("class:dim", fit(f" {choice.hint}", columns - 2 - width(text)))))
    return rows


def table_rows(entries: Sequence[tuple[str, str]], columns: int, height: int) -> list[Row]:
    """Keys or commands, and what they do; in two columns if they fit *height* only so, and fit."""
    left = max((width(key) for key, _ in entries), default=0) + 1
    right = max((width(summary) for _, summary in entries), default=0)
    half = columns // 2
    if len(entries) > height and left + right < half + 1:
        rows = [_entry(key, summary, left, half) for key, summary in entries]
        middle = (len(rows) + 1) // 2
        return [(*one, *other) for one, other in zip_longest(rows[:middle], rows[middle:], fillvalue=())]
    return [_entry(key, summary, min(half, left + 1), columns) for key, summary in entries]


def _entry(key: str, summary: str, left: int, columns: int) -> Row:
    return (("class:prompt", fit(key, left)), ("", fit(summary, columns - left)))
