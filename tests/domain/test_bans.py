"""Whom a ban means, and how long."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.domain import bans
from triochat.domain.bans import BadTarget, Bans, Person, Target, target_of
from triochat.domain.names import Names

NAMES = Names()
NOW = 1_000


PRINT = "4f2a" * 16
"""Of a certificate."""


def person(nick: str = "bob", address: str = "192.0.2.7", account: str | None = None) -> Person:
    """Somebody, at an address."""
    return Person(nick, f"{nick}!u@{address}", account, address, PRINT)


def held(*targets: str, mute: bool = False, until: int = 0) -> Bans:
    """Bans of these targets."""
    kept = Bans(NAMES)
    for text in targets:
        kept.add(target_of(text, NAMES, 32), mute=mute, reason="r", by="op", now=NOW, until=until)
    return kept


def bans_of(text: str) -> bool:
    """Whether a ban of *text* means Bob."""
    return held(text).of(person(account="bobby"), NOW) is not None


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("Bob", "Bob", "name"),
        ("account:Bobby", "account:Bobby", "account"),
        (f"certificate:{PRINT}", f"certificate:{PRINT}", "certificate"),
        (f"CERTIFICATE:{':'.join(['4F', '2A'] * 16)}", f"certificate:{PRINT}", "certificate"),
        ("10.0.0.5", "10.0.0.5/32", "network"),
        ("10.1.2.3/8", "10.0.0.0/8", "network"),  # what is beyond the prefix does not count
        ("2001:db8::1", "2001:db8::/64", "network"),
        ("[2001:db8::1]", "2001:db8::/64", "network"),
        ("2001:db8:1::/48", "2001:db8:1::/48", "network"),
        ("::ffff:10.0.0.5", "10.0.0.5/32", "network"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8", "network"),
        ("*.example.org", "*!*@*.example.org", "mask"),
        ("b?b!*@*", "b?b!*@*", "mask"),
        ("~u@*", "*!~u@*", "mask"),
    ],
)
def test_targets_are_read_as_meant(text: str, shown: str, kind: str) -> None:
    target = target_of(text, NAMES, 32)
    assert (str(target), target.kind) == (shown, kind)
    assert target_of(shown, NAMES, 32) == target  # what is shown can be given again


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0/33", "10.0.0/8", "1.2.3", "a b", "account:", "certificate:4f2a", "#room", "x" * 33]
)
def test_what_can_mean_nobody_is_no_target(text: str) -> None:
    with pytest.raises(BadTarget):
        target_of(text, NAMES, 32)


@pytest.mark.parametrize(
    "text",
    [
        "BOB",
        "account:Bobby",
        f"certificate:{PRINT}",
        "192.0.2.7",
        "192.0.0.0/16",
        "0.0.0.0/0",
        "*@192.0.2.*",
        "b*",
        "*!*@*",
        "a:bobby*",
    ],
)
def test_bob_is_meant(text: str) -> None:
    assert bans_of(text)


@pytest.mark.parametrize(
    "text",
    [
        f"certificate:{PRINT[::-1]}",
        "Bo",
        "account:Bob",
        "192.0.2.8",
        "192.1.0.0/16",
        "::/0",
        "*@192.0.3.*",
        "bob!x@*",
        "a*",
        "m:*!*@*",
    ],
)
def test_bob_is_not_meant(text: str) -> None:
    assert not bans_of(text)


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_a_network_means_exactly_its_addresses(inside: object, address: object, length: int) -> None:
    network = ipaddress.ip_network((inside, min(length, 32 if inside.version == 4 else 128)), strict=False)  # type: ignore[attr-defined]
    kept = Bans(NAMES)
    kept.add(Target("network", str(network)), mute=False, reason="", by="", now=NOW)
    for each in (address, inside):
        real = getattr(each, "ipv4_mapped", None) or each
        assert (kept.of_address(str(each), NOW) is not None) == (real in network)


@pytest.mark.parametrize("address", ["", "local", "::1%eth0", "fe80::1%lo", "1.2.3.4.5"])
def test_where_no_address_is_no_ban_of_addresses_applies(address: str) -> None:
    assert held("10.0.0.0/8").of_address(address, NOW) is None


@pytest.mark.parametrize("text", ["10.0.0.0/8", "0.0.0.0/0", "2001::/16", "*!*@*", "*", "a*", "*@*.d*"])
def test_what_may_mean_very_many_is_wide(text: str) -> None:
    assert target_of(text, NAMES, 32).wide


@pytest.mark.parametrize("text", ["10.0.0.0/16", "2001:db8::1", "Bob", "account:b", "*@*.example.org", "spam*"])
def test_what_means_a_few_is_not(text: str) -> None:
    assert not target_of(text, NAMES, 32).wide


def test_a_ban_ends_by_itself_and_is_dropped() -> None:
    kept = held("Bob", "192.0.2.0/24", "b*", until=2_000)
    kept.add(target_of("Bob", NAMES, 32), mute=True, reason="", by="", now=NOW)
    assert kept.of(person(), 1_999) is not None
    assert kept.of(person(), 2_000) is None
    assert kept.of_address("192.0.2.7", 2_000) is None
    assert [ban.id for ban in kept.drop_expired(2_000)] == [1, 2, 3]
    assert [ban.id for ban in kept.all()] == [4]


def test_bans_and_mutes_are_not_the_same() -> None:
    kept = held("Bob", mute=True)
    assert kept.muting
    assert kept.of(person(), NOW) is None
    assert kept.mute_of(person(), NOW) is not None
    (mute,) = kept.find("bob", mute=True)
    assert kept.find("bob", mute=False) == []
    kept.lift(mute)
    assert not kept.muting


@pytest.mark.parametrize("other", ["b*", "account:bob", "192.0.2.0/24", "Carol"])
def test_there_is_muting_for_as_long_as_anybody_is_muted(other: str) -> None:
    kept = held("Bob", other, mute=True)
    (first,) = kept.find("Bob", mute=True)
    kept.lift(first)
    assert kept.muting
    kept.lift(kept.all()[0])
    assert not kept.muting


def test_a_ban_of_the_same_target_replaces_the_former() -> None:
    kept = held("Bob")
    ban, former = kept.add(target_of("BOB", NAMES, 32), mute=False, reason="new", by="", now=NOW)
    assert former is not None
    assert former.id == 1
    assert kept.all() == [ban]
    kept.lift(former)  # which holds no longer, and so lifts nothing
    assert kept.of(person(), NOW) == ban


@pytest.mark.parametrize("text", ["1", "#1", "192.0.2.9/24", "192.0.2.0/24"])
def test_a_ban_is_found_by_its_number_and_its_target(text: str) -> None:
    kept = held("192.0.2.0/24")
    assert kept.find(text, mute=False) == kept.all()
    kept.lift(kept.all()[0])
    assert kept.find(text, mute=False) == []
    assert kept.of_address("192.0.2.1", NOW) is None


def test_bans_come_back_from_their_records_and_numbers_go_on() -> None:
    kept, again = held("Bob", "10.0.0.0/8", "*@x.example", "account:a"), Bans(NAMES)
    for ban in kept.all():
        value = bans.record(ban).value
        assert value is not None
        bans.restore(again, value)
    assert again.all() == kept.all()
    ban, _ = again.add(target_of("eve", NAMES, 32), mute=False, reason="", by="", now=NOW)
    assert ban.id == 5
    with pytest.raises(ValueError, match="network"):
        bans.restore(again, '{"id":1,"mute":false,"kind":"network","value":"network","reason":"","by":"","made":0}')
