"""A room (what IRC calls a channel): members, topic, modes and who may do what.

Methods are synchronous from check to change. Checks raise Refused; changes are made by `World` and the commands
that have checked.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import NamedTuple

from triochat.domain import modes
from triochat.domain.audience import Audience
from triochat.domain.errors import Refused
from triochat.domain.masks import MUTE, matches
from triochat.domain.names import Names
from triochat.domain.user import Session, User
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
        "ended",
        "flags",
        "folded",
        "forward",
        "founders",
        "history_from",
        "key",
        "limit",
        "lists",
        "logs",
        "members",
        "metadata",
        "name",
        "names",
        "permanent",
        "renamed_at",
        "roster_chunks",
        "topic",
    )

    def __init__(
        self,
        name: str,
        names: Names,
        created: int,
        *,
        history_from: int = 0,
        permanent: bool = False,
        log: str | None = None,
    ) -> None:
        self.name = name
        self.folded = names.fold(name)
        """The form of the name by which rooms are found."""
        self.names = names
        self.created = created
        self.history_from = history_from
        self.permanent = permanent
        """Stays when the last member leaves."""
        self.audience = Audience(log or self.folded)
        self.audiences = (self.audience,)
        self.logs = (self.audience.log,)
        self.ended = False
        """True when there is no such room any more."""
        self.renamed_at: float | None = None
        """When it got its present name, by the server's clock; None = it has had no other since the start."""
        self.metadata: dict[str, str] | None = None
        self.members: dict[User, str] = {}
        """Each member's modes, such as "ov"."""
        self.topic = NO_TOPIC
        self.flags: set[str] = set(modes.DEFAULT)
        self.key: str | None = None
        self.limit: int | None = None
        self.forward: str | None = None
        """The room to which those are led who may not enter."""
        self.founders: dict[str, str] = {}
        """Accounts that own the room, by folded name. A room with founders does not end."""
        self.lists: dict[str, dict[str, ListedMask]] = {}
        self.roster_chunks: dict[tuple[int, bool, bool], list[str]] = {}

    @property
    def log(self) -> str:
        """The name of this room's log, which stays the same whatever the room is called."""
        return self.audience.log

    @property
    def history_after(self) -> int:
        """The seq up to which the log belongs to an earlier room of the same name: where reading it begins."""
        return max(0, self.history_from - 1)

    def rename(self, name: str, now: float) -> None:
        """Call the room *name*."""
        self.name = name
        self.folded = self.names.fold(name)
        self.renamed_at = now
        self.roster_chunks.clear()  # what fits a line is another now

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

    def roster(self, width: int, viewer: User, *, every_prefix: bool, userhost: bool) -> list[str]:
        """The members that *viewer* may see with their prefixes, as texts of at most *width* bytes each."""
        if viewer not in self.members or not self.tells(viewer):
            shown: list[str] = []
            for user, member_modes in self.members.items():
                if viewer in self.members and self.hides(user):
                    continue  # in an auditorium not even oneself
                if self.shows(user, viewer):
                    append_word(shown, _shown(user, member_modes, every_prefix, userhost), width)
            return shown
        key = (width, every_prefix, userhost)
        chunks = self.roster_chunks.get(key)
        if chunks is None:
            chunks = self.roster_chunks[key] = []
            for user, member_modes in self.members.items():
                append_word(chunks, _shown(user, member_modes, every_prefix, userhost), width)
        return chunks

    # -- who is seen --

    def tells(self, member: User) -> bool:
        """True when *member* sees everybody here: always, but in an auditorium."""
        return modes.AUDITORIUM not in self.flags or self.rank(member) >= modes.HALF_OPERATOR

    def hides(self, member: User) -> bool:
        """True when only operators see that *member* is here."""
        return modes.AUDITORIUM in self.flags and not self.members.get(member)

    def witnesses(self, user: User) -> Iterator[Session]:
        """The sessions of all members who see what *user*, a member or one until just now, does here."""
        hidden = self.hides(user)
        for member in self.members:
            if not hidden or self.tells(member):
                yield from member.sessions

    def shows(self, member: User, viewer: User) -> bool:
        """True when *viewer* may know that *member* is in this room."""
        if member is viewer:
            return True
        if viewer not in self.members:
            return self.is_visible_to(viewer) and modes.INVISIBLE not in member.modes and not self.hides(member)
        return not self.hides(member) or self.tells(viewer)

    # -- lists --

    def listed(self, mode: str, user: User) -> bool:
        """True when a mask of list *mode* matches *user*."""
        entries = self.lists.get(mode)
        if not entries:
            return False
        source, account = self._identity(user)
        return any(matches(mask, source, account) for mask in entries)

    def is_banned(self, user: User) -> bool:
        """True when a ban, and no exception, matches."""
        return self.listed("b", user) and not self.listed("e", user)

    def is_muted(self, user: User) -> bool:
        """True when *user* may be here but not speak: a ban or a mute, and no exception from either, matches."""
        if self.is_banned(user):
            return True
        source, account = self._identity(user)

        def mutes(mode: str) -> bool:
            masks = [mask[len(MUTE) :] for mask in self.lists.get(mode, ()) if mask.startswith(MUTE)]
            return any(matches(mask, source, account) for mask in masks)

        return mutes("b") and not mutes("e") and not self.listed("e", user)

    def _identity(self, user: User) -> tuple[str, str | None]:
        fold = self.names.fold
        return fold(user.source), fold(user.account) if user.account is not None else None

    # -- who may --

    def check_join(self, user: User, key: str | None) -> None:
        """Raise Refused when *user* may not enter."""
        invited = self in user.invited or self.is_founder(user)
        if not invited and not self._opens(key):
            raise Refused(n.ERR_BADCHANNELKEY, self.name)
        if "i" in self.flags and (self.members or self.founders) and not invited and not self.listed("I", user):
            raise Refused(n.ERR_INVITEONLYCHAN, self.name)
        if self.is_banned(user) and not invited:
            raise Refused(n.ERR_BANNEDFROMCHAN, self.name)
        if modes.REGISTERED in self.flags and user.account is None and not invited:
            raise Refused(n.ERR_NEEDREGGEDNICK, self.name, text="Only people who are logged in may join this room")
        if self.limit is not None and len(self.members) >= self.limit and not invited:
            raise Refused(n.ERR_CHANNELISFULL, self.name)

    def _opens(self, key: str | None) -> bool:
        """True when there is no key, or *key* is it. How long it takes tells nothing of it."""
        return self.key is None or hmac.compare_digest((key or "").encode(), self.key.encode())

    def is_founder(self, user: User) -> bool:
        """True when *user* is logged in as one who owns the room."""
        return bool(self.founders) and user.account is not None and self.names.fold(user.account) in self.founders

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
        if modes.MODERATED_FOR_GUESTS in self.flags and user.account is None:
            raise Refused(n.ERR_CANNOTSENDTOCHAN, self.name, text="Only people who are logged in may speak here")
        if self.lists and self.is_muted(user):
            raise Refused(n.ERR_CANNOTSENDTOCHAN, self.name, text="You are banned from speaking in this room")

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
        if self.forward is not None:
            letters += modes.FORWARD
            params.append(self.forward)
        return [letters, *params]


def _shown(user: User, member_modes: str, every_prefix: bool, userhost: bool) -> str:
    prefix = modes.prefix_of(member_modes, every=every_prefix) if member_modes else ""
    return prefix + (user.source if userhost else user.nick)
