"""A room's rules: who may come in, speak and change things, and with which numeric it is refused."""

from collections.abc import Callable

import pytest

from domain.people import NOW, People
from triochat.domain import modes
from triochat.domain.errors import Refused
from triochat.domain.limits import Limits
from triochat.domain.room import ListedMask
from triochat.proto import numerics as n
from triochat.proto.numerics import Numeric


@pytest.fixture
def people() -> People:
    return People()


def refused(action: Callable[[], object]) -> Numeric:
    """The numeric that *action* is refused with."""
    with pytest.raises(Refused) as caught:
        action()
    return caught.value.numeric


def listed(mask: str) -> dict[str, ListedMask]:
    return {mask: ListedMask(mask, "op!o@h", NOW)}


def test_who_makes_a_room_is_its_operator(people: People) -> None:
    alice, bob = people.user("Alice"), people.user("Bob")
    room = people.enter(alice, "#Dev")
    people.enter(bob, "#dev")
    assert room.members == {alice: "o", bob: ""}
    assert room.name == "#Dev"


def test_nobody_is_operator_of_a_permanent_room(people: People) -> None:
    people.world.add_room("#lobby", NOW, permanent=True)
    alice = people.user("Alice")
    assert people.enter(alice, "#lobby").members == {alice: ""}


def test_entering_twice_changes_nothing(people: People) -> None:
    alice = people.user("Alice")
    people.enter(alice, "#a")
    assert people.world.enter(alice, "#A", None, now=NOW, seq=2) is None


def test_user_may_be_in_so_many_rooms_only() -> None:
    people = People(Limits(rooms_per_user=2))
    alice = people.user("Alice")
    people.enter(alice, "#a")
    people.enter(alice, "#b")
    assert refused(lambda: people.enter(alice, "#c")) == n.ERR_TOOMANYCHANNELS
    assert "#c" not in people.world.rooms


@pytest.mark.parametrize("name", ["dev", "#", "#a b", "#" + "x" * 64, ""])
def test_bad_room_name_is_refused(people: People, name: str) -> None:
    alice = people.user("Alice")
    assert refused(lambda: people.enter(alice, name)) == n.ERR_NOSUCHCHANNEL
    assert people.world.rooms == {}


@pytest.mark.parametrize("key", [None, "", "Sesame"])
def test_room_with_a_key_wants_exactly_that_key(people: People, key: str | None) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.key = "sesame"
    bob = people.user("Bob")
    assert refused(lambda: people.enter(bob, "#a", key)) == n.ERR_BADCHANNELKEY
    assert people.enter(bob, "#a", "sesame") is room


def test_closed_room_lets_in_who_is_invited_or_listed(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.flags.add("i")
    bob, carol, dave = people.user("Bob"), people.user("Carol"), people.user("Dave")
    assert refused(lambda: people.enter(bob, "#a")) == n.ERR_INVITEONLYCHAN
    bob.invited |= {room}
    people.enter(bob, "#a")
    room.lists["I"] = listed("carol!*@*")
    people.enter(carol, "#a")
    assert refused(lambda: people.enter(dave, "#a")) == n.ERR_INVITEONLYCHAN


def test_invitation_is_good_once(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.flags.add("i")
    bob = people.user("Bob")
    bob.invited |= {room}
    people.enter(bob, "#a")
    people.world.leave(bob, room)
    assert refused(lambda: people.enter(bob, "#a")) == n.ERR_INVITEONLYCHAN


def test_ban_keeps_out_unless_an_exception_matches(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.lists["b"] = listed("*!*@192.0.2.*")
    bob, carol = people.user("Bob"), people.user("Carol")
    room.lists["e"] = listed("carol!*@*")
    assert refused(lambda: people.enter(bob, "#a")) == n.ERR_BANNEDFROMCHAN
    people.enter(carol, "#a")


def test_full_room_is_full(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.limit = 1
    assert refused(lambda: people.enter(people.user("Bob"), "#a")) == n.ERR_CHANNELISFULL


def test_invitation_opens_every_door(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    room.key, room.limit = "secret", 1
    room.flags.add("i")
    room.lists["b"] = listed("*!*@*")
    bob = people.user("Bob")
    bob.invited |= {room}
    assert people.enter(bob, "#a") is room


def test_outsiders_may_not_speak_unless_the_room_is_open(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    bob = people.user("Bob")
    assert refused(lambda: room.check_speak(bob)) == n.ERR_CANNOTSENDTOCHAN
    room.flags.discard("n")
    room.check_speak(bob)


@pytest.mark.parametrize("held", ["o", "h", "v"])
def test_moderated_room_hears_only_those_with_a_voice(people: People, held: str) -> None:
    room = people.enter(people.user("Alice"), "#a")
    bob = people.user("Bob")
    people.enter(bob, "#a")
    room.check_speak(bob)
    room.flags.add("m")
    assert refused(lambda: room.check_speak(bob)) == n.ERR_CANNOTSENDTOCHAN
    room.set_member_modes(bob, held)
    room.check_speak(bob)


def test_banned_member_may_stay_but_not_speak(people: People) -> None:
    room = people.enter(people.user("Alice"), "#a")
    bob = people.user("Bob")
    people.enter(bob, "#a")
    room.lists["b"] = listed("bob!*@*")
    assert refused(lambda: room.check_speak(bob)) == n.ERR_CANNOTSENDTOCHAN
    room.lists["e"] = listed("*!bob?@*")
    room.check_speak(bob)


def test_rank_is_asked_of_members_only(people: People) -> None:
    alice, bob, carol = people.user("Alice"), people.user("Bob"), people.user("Carol")
    room = people.enter(alice, "#a")
    people.enter(bob, "#a")
    room.check_rank(alice, modes.OPERATOR)
    assert refused(lambda: room.check_rank(bob, modes.HALF_OPERATOR)) == n.ERR_CHANOPRIVSNEEDED
    assert refused(lambda: room.check_rank(carol, modes.HALF_OPERATOR)) == n.ERR_NOTONCHANNEL


def test_half_operator_acts_on_members_but_not_on_those_above(people: People) -> None:
    alice, bob, carol = people.user("Alice"), people.user("Bob"), people.user("Carol")
    room = people.enter(alice, "#a")
    people.enter(bob, "#a")
    people.enter(carol, "#a")
    room.set_member_modes(bob, "h")
    room.set_member_modes(carol, "v")
    people.world.may_moderate(bob, room, carol)
    people.world.may_moderate(alice, room, bob)
    assert refused(lambda: people.world.may_moderate(bob, room, alice)) == n.ERR_CHANOPRIVSNEEDED
    assert refused(lambda: people.world.may_moderate(carol, room, bob)) == n.ERR_CHANOPRIVSNEEDED


def test_secret_room_does_not_exist_for_strangers(people: People) -> None:
    alice, bob = people.user("Alice"), people.user("Bob")
    room = people.enter(alice, "#a")
    room.flags.add("s")
    assert people.world.find_visible_room("#a", alice) is room
    assert refused(lambda: people.world.find_visible_room("#a", bob)) == n.ERR_NOSUCHCHANNEL


def test_key_is_shown_to_members_only(people: People) -> None:
    alice, bob = people.user("Alice"), people.user("Bob")
    room = people.enter(alice, "#a")
    room.key, room.limit = "sesame", 7
    assert room.modes_for(alice) == ["+ntkl", "sesame", "7"]
    assert room.modes_for(bob) == ["+ntkl", "*", "7"]
