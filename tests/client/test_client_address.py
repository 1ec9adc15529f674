"""What people may write for ADDRESS."""

import pytest

from triochat.client.address import Address, BadAddress, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chat.example.org", Address("chat.example.org", 5000)),
        ("chat.example.org:7000", Address("chat.example.org", 7000)),
        ("[::1]:7000", Address("::1", 7000)),
        ("[::1]", Address("::1", 5000)),
        ("::1", Address("::1", 5000)),
        (":7000", Address("127.0.0.1", 7000)),
        ("host#dev", Address("host", 5000, room="#dev")),
        ("irc://host", Address("host", 6667, tls=False)),
        ("ircs://host", Address("host", 6697, tls=True)),
        ("IRC://host:5000/dev", Address("host", 5000, tls=False, room="#dev")),
        ("irc://host:5000/#dev", Address("host", 5000, tls=False, room="#dev")),
        ("ircs://host:5000/%23dev", Address("host", 5000, tls=True, room="#dev")),
        ("irc://[::1]:5000/", Address("::1", 5000, tls=False)),
    ],
)
def test_an_address_is_read_in_every_documented_form(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["host:port", "host:0", "host:65536", "host:-1", "[::1", "[::1]x", "http://host", "irc://", "a b", "irc://[::1"],
)
def test_a_bad_address_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress, match=r"\.$"):
        parse(text)


def test_an_address_with_ipv6_is_printed_so_that_it_can_be_read_again() -> None:
    assert parse(str(Address("::1", 7000))) == Address("::1", 7000)
