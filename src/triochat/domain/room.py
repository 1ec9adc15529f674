"""A room (what IRC calls a channel): members, topic, modes and who may do what.

Methods are synchronous from check to change. Checks raise Refused; changes are made by `World` and the commands
that have checked.
"""

from __future__ import annotations

from typing import NamedTuple

from triochat.domain import modes
from triochat.domain.audience import Audience
from triochat.domain.errors import Refused
from triochat.domain.masks import match
from triochat.domain.names import fold
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.message import append_word


class ListedMask(NamedTuple):
    """An entry of a ban, exception or invitation list. *set_at* is seconds since the epoch."""

    mask: str
    set_by: str
    set_at: int


class Topic(NamedTuple):
    """The topic and who set it when (seconds since the epoch)."""

    text: str
    set_by: str
    set_at: int


NO_TOPIC = Topic("", "", 0)


class Room:
    """*history_from* is the seq before which the log belongs to an earlier room of the same name."""

    __slots__ = (
        "audience",
        "audiences",
        "created",
        "flags",
        "history_from",
        "key",
        "limit",
        "lists",
        "logs",
        "members",
        "name",
        "permanent",
        "roster_chunks",
        "topic",
    )

    def __init__(self, name: str, created: int, *, history_from: int = 0, permanent: bool = False) -> None:
        self.name = name
        self.created = created
        self.history_from = history_from
        self.permanent = permanent
        """Stays when the last member leaves."""
        self.audience = Audience(fold(name))
        self.audiences = (self.audience,)
        self.logs = (self.audience.log,)
        self.members: dict[User, str] = {}
        """Each member's modes, such as "ov"."""
        self.topic = NO_TOPIC
        self.flags: set[str] = set(modes.DEFAULT)
        self.key: str | None = None
        self.limit: int | None = None
        self.lists: dict[str, dict[str, ListedMask]] = {}
        self.roster_chunks: dict[tuple[int, bool, bool], list[str]] = {}

    @property
    def log(self) -> str:
        """The name of this room's log."""
        return self.audience.log

    # -- members --

    def add(self, user: User, member_modes: str = "") -> None:
        """Make *user* a member; the names that NAMES shows are kept up, not remade."""
        self.members[user] = member_modes
        for (width, every, userhost), chunks in self.roster_chunks.items():
            append_word(chunks, _shown(user, member_modes, every, userhost), width)

    def remove(self, user: User) -> None:
        """*user* is no member any more."""
        del self.members[user]
        self.roster_chunks.clear()

    def set_member_modes(self, user: User, member_modes: str) -> None:
        """Change what *user* may do here."""
        self.members[user] = "".join(sorted(member_modes, key=modes.RANK.__getitem__, reverse=True))
        self.roster_chunks.clear()

    def rank(self, user: User) -> int:
        """The rank of *user* here: 0 for a plain member or none."""
        return modes.rank_of(self.members.get(user, ""))

    def roster(self, width: int, *, every_prefix: bool, userhost: bool, everybody: bool = True) -> list[str]:
        """The members with their prefixes, as texts of at most *width* bytes each; without those who hide from
        strangers (+i) unless *everybody*."""
        if not everybody:
            shown: list[str] = []
            for user, member_modes in self.members.items():
                if "i" not in user.modes:
                    append_word(shown, _shown(user, member_modes, every_prefix, userhost), width)
            return shown
        key = (width, every_prefix, userhost)
        chunks = self.roster_chunks.get(key)
        if chunks is None:
            chunks = self.roster_chunks[key] = []
            for user, member_modes in self.members.items():
                append_word(chunks, _shown(user, member_modes, every_prefix, userhost), width)
        return chunks

    # -- lists --

    def listed(self, mode: str, user: User) -> bool:
        """True when a mask of list *mode* matches *user*."""
        entries = self.lists.get(mode)
        return bool(entries) and any(match(mask, user.source) for mask in entries or ())

    def is_banned(self, user: User) -> bool:
        """True when a ban, and no exception, matches."""
        return self.listed("b", user) and not self.listed("e", user)

    # -- who may --

    def check_join(self, user: User, key: str | None) -> None:
        """Raise Refused when *user* may not enter."""
        invited = self in user.invited
        if self.key is not None and key != self.key and not invited:
            raise Refused(n.ERR_BADCHANNELKEY, self.name)
        if "i" in self.flags and not invited and not self.listed("I", user):
            raise Refused(n.ERR_INVITEONLYCHAN, self.name)
        if self.is_banned(user) and not invited:
            raise Refused(n.ERR_BANNEDFROMCHAN, self.name)
        if self.limit is not None and len(self.members) >= self.limit and not invited:
            raise Refused(n.ERR_CHANNELISFULL, self.name)

    def check_speak(self, user: User) -> None:
        """Raise Refused when *user* may not send messages to the room."""
        member_modes = self.members.get(user)
        if member_modes:
            return
        if member_modes is None and "n" in self.flags:
            raise Refused(
                n.ERR_CANNOTSENDTOCHAN,
                self.name,
                text="You are not in this room, and it takes no messages from outside",
            )
        if "m" in self.flags:
            raise Refused(n.ERR_CANNOTSENDTOCHAN, self.name, text="This room is moderated, and you have no voice")
        if self.lists and self.is_banned(user):
            raise Refused(n.ERR_CANNOTSENDTOCHAN, self.name, text="You are banned from this room")

    def check_member(self, user: User) -> None:
        """Raise Refused when *user* is not here."""
        if user not in self.members:
            raise Refused(n.ERR_NOTONCHANNEL, self.name)

    def check_rank(self, user: User, rank: int) -> None:
        """Raise Refused when *user* is not here or below *rank*."""
        self.check_member(user)
        if self.rank(user) < rank:
            raise Refused(n.ERR_CHANOPRIVSNEEDED, self.name)

    def is_visible_to(self, user: User) -> bool:
        """False for a secret room that *user* is not in: to them it does not exist."""
        return "s" not in self.flags or user in self.members

    def modes_for(self, user: User | None) -> list[str]:
        """The MODE parameters that describe the room; the key is for members only."""
        letters = "+" + "".join(sorted(self.flags))
        params: list[str] = []
        if self.key is not None:
            letters += modes.KEY
            params.append(self.key if user in self.members else "*")
        if self.limit is not None:
            letters += modes.LIMIT
            params.append(str(self.limit))
        return [letters, *params]


def _shown(user: User, member_modes: str, every_prefix: bool, userhost: bool) -> str:
    prefix = modes.prefix_of(member_modes, every=every_prefix) if member_modes else ""
    return prefix + (user.source if userhost else user.nick)
