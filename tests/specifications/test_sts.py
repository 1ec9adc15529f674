"""https://ircv3.net/specs/extensions/sts

Not here: `preload`, which this server has not; updates with NEW, as it says the same as long as it runs; unknown keys
and DEL, which are for clients to ignore.
"""

import pytest

from commands.harness import Person
from specifications.example import play, server
from triochat.doorways import sts_of
from triochat.settings import Settings, TlsTable


def client(*, secure: bool, duration: int = 15_552_000) -> Person:
    """Somebody who has just connected."""
    chat = server()
    chat.server.sts = sts_of(Settings(tls=TlsTable(sts=True, sts_port=6697, sts_duration=duration)))
    client = chat.connect()
    client.session.tls = secure
    return client


@pytest.mark.parametrize(
    ("secure", "duration", "value"),
    [(False, 15_552_000, "port=6697"), (True, 15_552_000, "duration=15552000"), (True, 0, "duration=0")],
)
def test_policy(secure: bool, duration: int, value: str) -> None:
    """Sections "Redirecting to a secure port with an upgrade policy", "Setting an STS persistence policy with a
    duration" and "Handling 0 duration"."""
    listed = play(
        """
        C: CAP LS 302
        S: CAP * LS * :<first>
        S: CAP * LS :<last>
        """,
        client(secure=secure, duration=duration),
    )
    assert f"sts={value}" in listed["last"].split(" ")


def test_who_came_by_websocket_is_sent_to_no_port_that_takes_none() -> None:
    person = client(secure=False)
    person.session.door = "websocket"
    assert "sts=" not in " ".join(person.types("CAP LS 302"))


@pytest.mark.parametrize("secure", [False, True])
def test_it_is_for_who_understands_it_and_nobody_asks_for_it(secure: bool) -> None:
    """Sections "Details" and "Mechanism"."""
    listed = play(
        """
        C: CAP LS
        S: CAP * LS :<listed>
        C: CAP REQ :sts
        S: CAP * NAK :sts
        """,
        client(secure=secure),
    )
    assert "sts" not in listed["listed"].split(" ")
