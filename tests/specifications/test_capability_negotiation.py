"""https://ircv3.net/specs/extensions/capability-negotiation

Not here: servers without negotiation or without capabilities; NEW and DEL, as this server has the same capabilities
as long as it runs.
"""

import pytest

from commands.harness import Chat, Identity
from specifications.example import person, play, server
from triochat.proto.caps import NAMES
from triochat.proto.message import parse


@pytest.fixture
def chat() -> Chat:
    return server()


@pytest.mark.parametrize("negotiation", ["C: CAP LS 302\n...", "C: CAP LS\n..."])
def test_registration_with_negotiation(chat: Chat, negotiation: str) -> None:
    """Section "Connection Registration", the first and second example."""
    play(
        f"""
        {negotiation}
        C: NICK dan
        C: USER d * 0 :This is a really good name
        ...
        C: CAP REQ :multi-prefix
        S: CAP dan ACK multi-prefix
        C: CAP END
        S: 001 dan :Welcome to the Internet Relay Network dan
        ...
        """,
        chat.connect(),
    )


def test_registration_without_a_list(chat: Chat) -> None:
    """Section "Connection Registration", the third example."""
    play(
        """
        C: CAP REQ multi-prefix
        S: CAP * ACK multi-prefix
        C: NICK dan
        C: USER d * 0 :This is a really good name
        C: CAP END
        S: 001 dan :Welcome to the Internet Relay Network dan
        ...
        """,
        chat.connect(),
    )


def test_registration_without_negotiation(chat: Chat) -> None:
    """Section "Connection Registration", the last example."""
    play(
        """
        C: NICK dan
        C: USER d * 0 :This is a really good name
        S: 001 dan :Welcome to the Internet Relay Network dan
        ...
        """,
        chat.connect(),
    )


def test_unknown_subcommand(chat: Chat) -> None:
    """Section "The CAP command"."""
    play(
        """
        C: CAP FOO
        S: :irc.example.com 410 jw FOO :Invalid CAP command
        """,
        person(chat, "jw!user@host"),
    )
    play(
        """
        C: CAP FOO
        S: :irc.example.com 410 * FOO :Invalid CAP command
        """,
        chat.connect(),
    )


def test_values_are_for_version_302(chat: Chat) -> None:
    """Sections "CAP LS Version" and "Multiline replies to CAP LS and CAP LIST"."""
    client = chat.connect()
    for version in ("302", "307"):
        listed = play(
            f"""
            C: CAP LS {version}
            S: CAP * LS * :<first>
            S: CAP * LS :<last>
            """,
            client,
        )
        words = [*listed["first"].split(" "), *listed["last"].split(" ")]
        assert {"multi-prefix", "sasl=PLAIN,SCRAM-SHA-256"} < set(words)
    plain = play(
        """
        C: CAP LS
        S: CAP * LS :<listed>
        """,
        client,
    )
    assert plain["listed"].split(" ") == [word.partition("=")[0] for word in words]


def test_enabled_capabilities(chat: Chat) -> None:
    """Section "The CAP LIST subcommand"."""
    play(
        """
        C: CAP LIST
        S: CAP * LIST :
        C: CAP REQ multi-prefix
        S: CAP * ACK multi-prefix
        C: CAP LIST
        S: CAP * LIST :multi-prefix
        """,
        chat.connect(),
    )


def test_requests(chat: Chat) -> None:
    """Sections "The CAP REQ subcommand" and "The CAP NAK subcommand"."""
    play(
        """
        C: CAP REQ :multi-prefix sasl
        S: CAP * ACK :multi-prefix sasl
        C: CAP REQ :-userhost-in-names
        S: CAP * ACK :-userhost-in-names
        C: CAP REQ :multi-prefix sasl ex3
        S: CAP * NAK :multi-prefix sasl ex3
        C: CAP LIST
        S: CAP * LIST :sasl multi-prefix
        """,
        chat.connect(),
    )


def test_cap_notify_comes_with_version_302_and_stays(chat: Chat) -> None:
    """Section "cap-notify"."""
    play(
        """
        C: CAP LS 302
        ...
        C: CAP REQ :cap-notify
        S: CAP * ACK :cap-notify
        C: CAP REQ :-cap-notify
        S: CAP * NAK :-cap-notify
        C: CAP LIST
        S: CAP * LIST :cap-notify
        """,
        chat.connect(),
    )
    play(
        """
        C: CAP REQ :cap-notify
        S: CAP * ACK :cap-notify
        C: CAP REQ :-cap-notify
        S: CAP * ACK :-cap-notify
        """,
        chat.connect(),
    )


def test_the_end_after_registration_is_ignored(chat: Chat) -> None:
    """Section "The CAP END subcommand"."""
    play("C: CAP END", person(chat, "dan!user@host"))


def test_several_lines_are_for_version_302() -> None:
    """Section "Multiline replies to CAP LS and CAP LIST"."""
    identity = Identity("s" * 63, "Example", "An example", "triochat-1", "today")
    client = person(server(identity=identity), f"{'n' * 32}!user@host", "account-notify")
    (line,) = client.types("CAP LS")
    assert set(parse(line).params[-1].split(" ")) < set(NAMES)
    client.types(f"CAP REQ :{' '.join(list(NAMES)[:15])}", f"CAP REQ :{' '.join(list(NAMES)[15:])}")
    assert len(client.types("CAP LIST")) == 1
    client.types("CAP LS 302")
    first, last = map(parse, client.types("CAP LIST"))
    assert first.params[2] == "*"
    assert [*first.params[-1].split(" "), *last.params[-1].split(" ")] == list(NAMES)
