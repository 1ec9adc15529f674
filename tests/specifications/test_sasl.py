"""https://ircv3.net/specs/extensions/sasl-3.1 and https://ircv3.net/specs/extensions/sasl-3.2

Not here: SCRAM-SHA-1, in place of which this server has SCRAM-SHA-256 (tests/proto and tests/commands); NOTICE lines
about host names; NEW, as accounts do not come and go; 902, as a name that is reserved is refused as such.
"""

import base64

import pytest

from commands.harness import Chat
from specifications.example import person, play, server
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy

LONG = (
    "AGVtZXJzaW9uAEVzdCB1dCBiZWF0YWUgb21uaXMgaXBzYW0uIFF1aXMgZnVnaWF0IGRlbGVuaXRpIHRvdGFtIHF1aS4gSXBzdW0gcXVhbSBhIGRv"
    "bG9ydW0gdGVtcG9yYSB2ZWxpdCBsYWJvcnVtIG9kaXQuIEV0IHNhZXBlIHZvbHVwdGF0ZSBzZWQgY3VtcXVlIHZlbC4gVm9sdXB0YXMgc2ludCBh"
    "YiBwYXJpYXR1ciBsaWJlcm8gdmVyaXRhdGlzIGNvcnJ1cHRpLiBWZXJvIGl1cmUgb21uaXMgdWxsYW0uIFZlcm8gYmVhdGFlIGRvbG9yZXMgZmFj"
    "ZXJlIGZ1Z2lhdCBpcHNhbS4gRWEgZXN0IHBhcmlhdHVyIG1pbmltYSBub2JpcyBz",
    "dW50IGF1dCB1dC4gRG9sb3JlcyB1dCBsYXVkYW50aXVtIG1haW9yZXMgdGVtcG9yaWJ1cyB2b2x1cHRhdGVzLiBSZWljaWVuZGlzIGltcGVkaXQg"
    "b21uaXMgZXQgdW5kZSBkZWxlY3R1cyBxdWFzIGFiLiBRdWFlIGVsaWdlbmRpIG5lY2Vzc2l0YXRpYnVzIGRvbG9yaWJ1cyBtb2xlc3RpYXMgdGVt"
    "cG9yYSBtYWduYW0gYXNzdW1lbmRhLg==",
)
"""The response with the long password."""


@pytest.fixture
def chat() -> Chat:
    chat = server(limits=Limits(login_attempts=3))
    chat.account("jilles", "sesame")
    return chat


@pytest.mark.parametrize("caps", ["sasl", "multi-prefix sasl"])
def test_plain(chat: Chat, caps: str) -> None:
    """sasl-3.1, section "Example protocol exchange", the first and fourth."""
    play(
        f"""
        C: CAP REQ :{caps}
        S: CAP * ACK :{caps}
        C: NICK jilles
        C: USER jilles cheetah.stack.nl 1 :Jilles Tjoelker
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE amlsbGVzAGppbGxlcwBzZXNhbWU=
        S: :irc.example.com 900 jilles jilles!jilles@localhost.stack.nl jilles :You are now logged in as jilles
        S: :irc.example.com 903 jilles :SASL authentication successful
        C: CAP END
        S: :irc.example.com 001 jilles :Welcome to the jillestest Internet Relay Chat Network jilles
        ...
        """,
        chat.connect("localhost.stack.nl"),
    )


def test_long_password() -> None:
    """sasl-3.1, section "Example protocol exchange", the last."""
    chat = server(policy=AccountPolicy(password_max_bytes=600))
    chat.account("emersion", base64.b64decode("".join(LONG)).decode().split("\0")[2])
    play(
        f"""
        C: CAP REQ sasl
        S: CAP * ACK sasl
        C: NICK emersion
        C: USER emersion 0 * :Simon
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE {LONG[0]}
        C: AUTHENTICATE {LONG[1]}
        S: :irc.example.com 900 emersion emersion!emersion@emersion.fr emersion :You are now logged in as emersion
        S: :irc.example.com 903 emersion :SASL authentication successful
        """,
        chat.connect("emersion.fr"),
    )


def test_the_numerics(chat: Chat) -> None:
    """sasl-3.1, section "Numerics used by this extension"."""
    too_long = "A" * 401
    play(
        f"""
        C: CAP REQ sasl
        S: CAP * ACK sasl
        C: NICK nick
        C: USER ident 0 * :Real Name
        C: AUTHENTICATE NONSENSE
        S: :irc.example.com 908 nick PLAIN,SCRAM-SHA-256 :are available SASL mechanisms
        S: :irc.example.com 904 nick :SASL authentication failed
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE *
        S: :irc.example.com 906 nick :SASL authentication aborted
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE {too_long}
        S: :irc.example.com 905 nick :SASL message too long
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: CAP END
        S: :irc.example.com 906 nick :SASL authentication aborted
        S: :irc.example.com 001 nick :Welcome
        ...
        C: ACCOUNT LOGIN jilles sesame
        S: :irc.example.com 900 nick nick!ident@host jilles :You are now logged in as jilles
        C: ACCOUNT LOGOUT
        S: :irc.example.com 901 nick nick!ident@host :You are now logged out
        ...
        """,
        chat.connect("host"),
    )


def test_mechanisms_are_listed_and_may_be_used_at_any_time(chat: Chat) -> None:
    """sasl-3.2, sections "Mechanism list in CAP LS" and "SASL Reauthentication"."""
    client = person(chat, "modernclient!modernclient@host")
    play(
        """
        C: CAP LS 302
        S: CAP modernclient LS * :<capabilities>
        ...
        C: CAP REQ :sasl
        S: CAP modernclient ACK :sasl
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE amlsbGVzAGppbGxlcwBzZXNhbWU=
        S: 900 modernclient modernclient!modernclient@host jilles :You are now logged in as jilles
        S: 903 modernclient :SASL authentication successful
        """,
        client,
    )
    assert " ".join(client.types("CAP LS 302")).split(" :")[1].startswith("sasl=PLAIN,SCRAM-SHA-256 ")


def test_too_many_failures(chat: Chat) -> None:
    """sasl-3.2, section "Examples", the last."""
    attempt = """
        C: AUTHENTICATE PLAIN
        S: AUTHENTICATE +
        C: AUTHENTICATE amlsbGVzAGppbGxlcwB3cm9uZw==
        S: :irc.example.com 904 modernclient :SASL authentication failed
    """
    play(
        f"""
        C: CAP REQ :sasl
        S: CAP modernclient ACK :sasl
        {attempt}
        {attempt}
        {attempt}
        S: ERROR :Too many SASL authentication failures
        """,
        person(chat, "modernclient!modernclient@host"),
    )


def test_without_accounts_there_is_no_sasl() -> None:
    """sasl-3.2, section "Advertisement of sasl capability when authentication is unavailable"."""
    client = server(policy=AccountPolicy(enabled=False)).connect()
    assert "sasl" not in " ".join(client.types("CAP LS 302"))
    play(
        """
        C: CAP REQ :sasl
        S: CAP * NAK :sasl
        """,
        client,
    )
