"""What stands in the lists beside the messages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from triochat.client.conversation import Conversation, Member
from triochat.client.model import Model

MOST_PEOPLE = 300
_RANKS = "~&@%+"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a list. *id* is unique in it."""

    id: str
    text: str
    count: str = ""
    tags: tuple[str, ...] = ()


def conversations(model: Model) -> tuple[list[Item], list[Item]]:
    """Rooms and private conversations."""
    rooms = [_conversation(model, key, room) for key, room in model.rooms.items()]
    return rooms, [_conversation(model, key, other) for key, other in model.private.items()]


def _conversation(model: Model, key: str, conversation: Conversation) -> Item:
    tags = []
    if conversation.mentions and not conversation.muted:
        tags.append("mentions")
    elif conversation.unread:
        tags.append("unread")
    if not conversation.joined or conversation.muted:
        tags.append("dim")
    count = f"@{conversation.mentions}" if conversation.mentions and conversation.is_room else ""
    if conversation.unread:
        count = f"{count} {_short(conversation.unread)}".strip()
    return Item(key, conversation.name, count, tuple(tags))


def people(conversation: Conversation | None) -> list[Item]:
    """Who is in a room, those with a rank first; of a crowd, not all."""
    if conversation is None or not conversation.is_room:
        return []
    first: Sequence[tuple[str, Member]] = nsmallest(
        MOST_PEOPLE, conversation.members.items(), key=lambda pair: (_rank(pair[1]), pair[0])
    )
    items = [
        Item(key, f"{member.marks[:1]}{member.name}", tags=("away",) if member.away else ()) for key, member in first
    ]
    if (more := len(conversation.members) - len(items)) > 0:
        items.append(Item("\0more", f"and {more:,} more", tags=("dim",)))
    return items


def _rank(member: Member) -> int:
    place = _RANKS.find(member.marks[:1]) if member.marks else -1
    return place if place >= 0 else len(_RANKS)


def _short(number: int) -> str:
    return str(number) if number < 1000 else "999+"


def title(model: Model, place: str) -> str:
    """What the window is called."""
    waiting = sum(
        other.mentions if other.is_room else other.unread for other in model.conversations if not other.muted
    )
    current = model.current
    count = f"({_short(waiting)}) " if waiting else ""
    return f"{count}{current.name} – {place}" if current is not None else f"{count}{place}"


def typing_sentence(names: Sequence[str]) -> str:
    """Who is typing; empty for nobody."""
    match names:
        case []:
            return ""
        case [one]:
            return f"{one} is typing …"
        case [one, other]:
            return f"{one} and {other} are typing …"
        case [one, other, third]:
            return f"{one}, {other} and {third} are typing …"
    return f"{len(names)} people are typing …"
