"""What people may write for ADDRESS."""

import pytest

from triochat.client.address import Address, BadAddress, parse, without_password


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chat.example.org", Address("chat.example.org", 5000, tls=True)),
        ("chat.example.org:7000", Address("chat.example.org", 7000, tls=True)),
        ("[::1]:7000", Address("::1", 7000, tls=False)),
        ("[::1]", Address("::1", 5000, tls=False)),
        ("::1", Address("::1", 5000, tls=False)),
        (":7000", Address("127.0.0.1", 7000, tls=False)),
        ("localhost#dev", Address("localhost", 5000, tls=False, room="#dev")),
        ("irc://host", Address("host", 6697, tls=True)),
        ("irc://localhost", Address("localhost", 6667, tls=False)),
        ("ircs://host", Address("host", 6697, tls=True)),
        ("ircs://localhost", Address("localhost", 6697, tls=True)),
        ("IRC://localhost:5000/dev", Address("localhost", 5000, tls=False, room="#dev")),
        ("irc://host:5000/#dev", Address("host", 5000, tls=True, room="#dev")),
        ("ircs://host:5000/%23dev", Address("host", 5000, tls=True, room="#dev")),
        ("irc://[::1]:5000/", Address("::1", 5000, tls=False)),
        ("ircs://:a-code@host:5000/dev", Address("host", 5000, tls=True, room="#dev", password="a-code")),
        ("ircs://ann:pa%20ss@host", Address("host", 6697, tls=True, password="pa ss")),
        ("ircs://ann@host", Address("host", 6697, tls=True)),
        ("ircs://:a%0d%0ab@host", Address("host", 6697, tls=True)),
    ],
)
def test_an_address_is_read_in_every_documented_form(text: str, expected: Address) -> None:
    assert parse(text) == expected


def test_the_code_of_an_invitation_is_not_to_be_kept_with_its_address() -> None:
    assert without_password("ircs://:a-code@host:5000/dev@x") == "ircs://host:5000/dev@x"
    assert without_password("ircs://host:5000/dev@x") == "ircs://host:5000/dev@x"
    assert without_password("host:5000") == "host:5000"
    assert "a-code" not in repr(parse("ircs://:a-code@host"))


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.9.8.7", "::1"])
def test_only_what_stays_on_this_machine_is_in_plain_text_by_itself(host: str) -> None:
    assert not parse(f"[{host}]").tls


@pytest.mark.parametrize(
    "host", ["localhost.example.org", "127.0.0.1.example.org", "0.0.0.0", "10.0.0.1", "fe80::1", "127.1"]
)
def test_everything_else_is_encrypted_unless_somebody_says_otherwise(host: str) -> None:
    assert parse(f"[{host}]").tls
    assert not parse(f"[{host}]", tls=False).tls


def test_what_was_said_about_encryption_decides_on_the_usual_port_too() -> None:
    assert parse("irc://host", tls=False) == Address("host", 6667, tls=False)
    assert parse("irc://localhost", tls=True) == Address("localhost", 6697, tls=True)
    with pytest.raises(BadAddress, match="--no-tls forbids it"):
        parse("ircs://localhost", tls=False)


@pytest.mark.parametrize(
    "text",
    ["host:port", "host:0", "host:65536", "host:-1", "[::1", "[::1]x", "http://host", "irc://", "a b", "irc://[::1"],
)
def test_a_bad_address_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress, match=r"\.$"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "ircs://:S3cret@/x",
        "ircs://:S3cret@",
        "ircs://:S3cret@host:port",
        "ircs://:S3cret@host:0",
        "ircs://:S3cret@a b",
        "ircs://:S3cret@[::1",
        "ircs://:S3cret@[::1]x",
        "ircs://:S3cret@host/a b",
        "ircs://:S3/cret@host",
        "ircs://ann:S3cret?@host",
        "https://:S3cret@host",
        ":S3cret@host:5000",
    ],
)
def test_no_complaint_shows_the_password_of_a_link(text: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse(text)
    assert "S3" not in str(caught.value)
    assert "cret" not in str(caught.value)


def test_an_address_with_ipv6_is_printed_so_that_it_can_be_read_again() -> None:
    assert parse(str(Address("::1", 7000, tls=False))) == Address("::1", 7000, tls=False)
