"""The invariants that span users and rooms hold whatever happens in whatever order."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from domain.people import NOW, People
from triochat.domain import modes
from triochat.domain.errors import Refused
from triochat.domain.limits import Limits
from triochat.domain.names import fold_ascii as fold
from triochat.domain.room import Room
from triochat.domain.user import User
from triochat.proto import numerics as n

nicks = st.sampled_from(["Alice", "ALICE", "bob", "Bob", "carol", "Dave[x]", "1bad", "", "x" * 40])
rooms = st.sampled_from(["#a", "#A", "#dev", "#lobby", "#日本", "bad", "#x y"])
WIDTHS = (30, 80)


def may_see(viewer: User, user: User, room: Room) -> bool:
    """The rules of +i, for those outside, and of +u: there, plain members are on no list but that of operators."""
    plain = "u" in room.flags and not room.members[user]
    if viewer in room.members:
        return not plain or bool(set("qoh") & set(room.members[viewer]))
    return not plain and "i" not in user.modes


class WorldMachine(RuleBasedStateMachine):
    """People come, go, rename and walk through rooms."""

    present = Bundle("present")

    def __init__(self) -> None:
        super().__init__()
        self.people = People(Limits(rooms_per_user=3))
        self.world = self.people.world
        self.world.add_room("#lobby", NOW, permanent=True)
        self.here: list[User] = []

    @rule(target=present, nick=nicks)
    def arrive(self, nick: str) -> User | None:
        taken = fold(nick) in {fold(user.nick) for user in self.here}
        try:
            self.world.check_nick(nick)
        except Refused as refused:
            assert (refused.numeric == n.ERR_NICKNAMEINUSE) == taken
            return None
        assert not taken
        user = self.people.user(nick)
        self.here.append(user)
        return user

    @rule(user=present, nick=nicks)
    def rename(self, user: User | None, nick: str) -> None:
        if user is None:
            return
        try:
            self.world.check_nick(nick, own=user)
        except Refused:
            return
        self.world.rename(user, nick)
        assert user.source.startswith(f"{nick}!")

    @rule(user=consumes(present))
    def go(self, user: User | None) -> None:
        if user is None:
            return
        were = list(user.rooms)
        assert self.world.remove_user(user) == were
        self.here.remove(user)
        assert not user.rooms and not user.sessions
        with pytest.raises(Refused):
            self.world.find_user(user.nick)

    @rule(user=present, name=rooms)
    def enter(self, user: User | None, name: str) -> None:
        if user is None:
            return
        new = fold(name) not in self.world.rooms
        try:
            room = self.world.enter(user, name, None, now=NOW, seq=1)
        except Refused:
            assert not new or fold(name) not in self.world.rooms
            return
        if room is not None:
            assert room.members[user] == ("o" if new else "")

    @rule(user=present, pick=st.integers(0, 2))
    def leave(self, user: User | None, pick: int) -> None:
        if user is not None and user.rooms:
            self.world.leave(user, list(user.rooms)[pick % len(user.rooms)])

    @rule(user=present, pick=st.integers(0, 2), held=st.sampled_from(["", "o", "v", "vo", "hov", "vq"]))
    def promote(self, user: User | None, pick: int, held: str) -> None:
        if user is not None and user.rooms:
            list(user.rooms)[pick % len(user.rooms)].set_member_modes(user, held)

    @rule(user=present, on=st.booleans())
    def hide(self, user: User | None, on: bool) -> None:
        if user is not None:
            before = modes.INVISIBLE in user.modes
            assert self.world.set_user_mode(user, modes.INVISIBLE, on) == (before != on)

    @rule(user=present, pick=st.integers(0, 2))
    def make_an_auditorium_or_not(self, user: User | None, pick: int) -> None:
        if user is not None and user.rooms:
            list(user.rooms)[pick % len(user.rooms)].flags ^= {modes.AUDITORIUM}

    @rule()
    def ask_for_names(self) -> None:
        """Fill the caches that later changes must keep right."""
        for room in self.world.rooms.values():
            for viewer in self.here:
                for width in WIDTHS:
                    room.roster(width, viewer, every_prefix=False, userhost=False)
                    room.roster(width, viewer, every_prefix=True, userhost=True)

    @invariant()
    def names_are_unique_and_found(self) -> None:
        assert {fold(user.nick): user for user in self.here} == self.world.users
        for user in self.here:
            assert self.world.find_user(user.nick.upper()) is user
        assert {s.id for user in self.here for s in user.sessions} == set(self.world.sessions)
        assert self.world.most_users >= len(self.here)

    @invariant()
    def rooms_and_members_mirror_each_other(self) -> None:
        for name, room in self.world.rooms.items():
            assert name == fold(room.name) == room.folded
            assert all(room in member.rooms and member in self.here for member in room.members)
        for user in self.here:
            assert all(user in room.members and self.world.rooms[room.folded] is room for room in user.rooms)
            assert len(user.rooms) <= 3

    @invariant()
    def empty_rooms_are_gone(self) -> None:
        assert "#lobby" in self.world.rooms
        assert all(room.members or room.permanent for room in self.world.rooms.values())

    @invariant()
    def names_shown_are_the_members_that_the_viewer_may_see(self) -> None:
        for room in self.world.rooms.values():
            for viewer in self.here:
                expected = {user: held for user, held in room.members.items() if may_see(viewer, user, room)}
                for width in WIDTHS:
                    for full in (False, True):
                        chunks = room.roster(width, viewer, every_prefix=full, userhost=full)
                        shown = [name for chunk in chunks for name in chunk.split(" ")]
                        assert shown == [
                            modes.prefix_of(held, every=full) + (user.source if full else user.nick)
                            for user, held in expected.items()
                        ]
                        assert all(len(chunk.encode()) <= width or " " not in chunk for chunk in chunks)

    @invariant()
    def modes_are_counted(self) -> None:
        assert +self.world.modes == Counter(mode for user in self.here for mode in user.modes)

    @invariant()
    def peers_are_those_who_share_a_room(self) -> None:
        for user in self.here:
            sharing = {other for room in user.rooms for other in room.members} - {user}
            assert set(self.world.peers(user)) == sharing


WorldMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestWorld = WorldMachine.TestCase


def test_taken_name_is_refused_with_who_has_it() -> None:
    people = People()
    people.user("Alice")
    with pytest.raises(Refused) as caught:
        people.world.check_nick("alice")
    assert caught.value.numeric == n.ERR_NICKNAMEINUSE
    assert caught.value.text == "Alice is here already: choose another name"


def test_own_name_may_change_its_case() -> None:
    people = People()
    alice = people.user("alice")
    people.world.check_nick("ALICE", own=alice)
    people.world.rename(alice, "ALICE")
    assert people.world.find_user("alice") is alice


def test_name_is_free_when_its_user_has_gone() -> None:
    people = People()
    people.world.remove_user(people.user("Alice"))
    people.world.check_nick("Alice")
    assert people.world.most_users == 1


def test_room_that_ended_and_began_again_is_another_room() -> None:
    people = People()
    alice, bob = people.user("Alice"), people.user("Bob")
    first = people.enter(alice, "#a")
    bob.invited |= {first}
    people.world.leave(alice, first)
    second = people.world.enter(alice, "#a", None, now=NOW, seq=50)
    assert second is not None and second is not first
    assert second.history_from == 50
    second.flags.add("i")
    with pytest.raises(Refused):
        people.enter(bob, "#a")
