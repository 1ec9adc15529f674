"""S20: masks that match more than was meant. Networks have removed most of their users at once by one mistaken mask;
ircd-seven read odd lengths of a prefix as others, one of them as everybody (#123). Bans for the whole server have
tests of their own; these are about the masks themselves, which rooms use."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.harness import Chat, Person
from triochat.domain.masks import match, matches, normalise
from triochat.domain.names import fold_ascii
from triochat.net.proxy import text_of
from triochat.proto.message import split_source

names = st.text(st.sampled_from("abcXYZ019-_[]{}|^`"), min_size=1, max_size=8)
hosts = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True),
)
sources = st.builds(lambda nick, user, host: fold_ascii(f"{nick}!{user}@{host}"), names, names, hosts)
OTHERS = ("bob!b@192.0.2.1", "carol!c@2001:db8::1", "dave!~d@host.example")


def hit(mask: str, *people: str) -> list[str]:
    """Who of *people* is matched by what somebody typed."""
    return [source for source in people if matches(fold_ascii(normalise(mask)), source, None)]


@given(sources)
def test_a_whole_mask_matches_one_and_nobody_else(source: str) -> None:
    """S20: without wildcards a mask is one person."""
    assert hit(source, source, *OTHERS) == [source, *(other for other in OTHERS if other == source)]


@given(sources, st.sampled_from(["nick", "user", "host"]))
def test_a_part_of_a_mask_matches_what_has_that_part(source: str, part: str) -> None:
    """S20: what is completed with wildcards is what was left out, and no more."""
    nick, user, host = split_source(source)
    mask, which = {"nick": (nick, 0), "user": (f"{user}@", 1), "host": (f"*@{host}", 2)}[part]
    people = (source, *OTHERS, f"{nick}x!{user}x@{host}x", f"x{nick}!x{user}@x{host}")
    assert hit(mask, *people) == [who for who in people if split_source(who)[which] == split_source(source)[which]]


@given(st.text(st.characters(exclude_characters="*? \0\r\n"), min_size=1, max_size=30))
def test_only_wildcards_match_everybody(mask: str) -> None:
    """S20: nothing that is typed without `*` or `?` reaches three people who have nothing in common."""
    assert len(hit(mask, *OTHERS)) < len(OTHERS)


@given(sources, st.text(st.sampled_from("*?"), max_size=5))
def test_mutes_and_accounts_match_no_mask(source: str, wild: str) -> None:
    """S20: `m:` alone only mutes, and `a:` looks at accounts, which guests have none of."""
    assert not matches(f"m:{wild}*", source, None)
    assert not matches(f"a:{wild}*", source, None)
    assert matches(f"a:{wild}*", source, "a" * 5)
    assert not matches("a:ann", source, "anna") and matches("a:ann", source, "ann")


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_an_address_in_the_clothes_of_another_kind_is_the_same(address: object, other: object) -> None:
    """S20: 192.0.2.1 is met by its ban also when it comes as ::ffff:192.0.2.1, and 192.0.2.10 is not."""
    shown = text_of(ipaddress.IPv6Address(f"::ffff:{address}"))
    assert shown == str(address)
    assert match(fold_ascii(normalise(str(address))), f"eve!e@{shown}")
    assert match(fold_ascii(normalise(str(address))), f"eve!e@{other}") == (address == other)
    assert not match(fold_ascii(normalise(str(address))), f"eve!e@{shown}0")


@pytest.mark.parametrize("mask", ["", " ", "a:", "m:", "*!*@* x", "m: "])
def test_a_mask_of_nothing_is_refused_and_bans_nobody(mask: str) -> None:
    """S20: what is empty would be completed to everybody."""
    town = Chat()
    ann, bob = town.user("Ann"), town.user("Bob")
    ann.types("JOIN #a", f"MODE #a +b :{mask}")
    assert not town.world.rooms["#a"].lists.get("b")
    assert " JOIN " in bob.types("JOIN #a")[0]


def test_a_ban_of_everybody_is_possible_and_can_be_lifted() -> None:
    """S20: `*!*@*` means what it says; those inside stay, and an exception and the founder come in."""
    town = Chat()
    ann, bob, cid = town.user("Ann", account="Ann"), town.user("Bob"), town.user("Cid")
    bob_in = _joins(bob)
    ann.types("JOIN #a", "MODE #a +q Ann", "MODE #a +b *!*@*", "MODE #a +e Cid", "PART #a", "JOIN #a")
    assert bob_in("#b") and not bob_in("#a") and _joins(cid)("#a")
    assert "#a" in {room.name for room in ann.user.rooms}
    ann.types("MODE #a -b *!*@*")
    assert bob_in("#a")


def _joins(person: Person):  # type: ignore[no-untyped-def]
    return lambda room: any(f" JOIN {room}" in line for line in person.types(f"JOIN {room}"))
