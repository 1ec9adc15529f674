"""Logging in by SASL, against the server's own side of it."""

import pytest

from triochat.client.account import Exchange
from triochat.proto.sasl import Response, SaslError, ScramServer, chunks, read_plain, scram_keys


def answer(exchange: Exchange, word: str) -> bytes:
    """What the exchange says to *word*, put together."""
    response = Response()
    for part in exchange.answer(word):
        whole = response.feed(part)
    assert whole is not None
    return whole


def challenged(exchange: Exchange, password: str = "sesame", name: str = "Bob") -> bytes:
    """Play the server of somebody whose password is *password*; returns its last word."""
    server = ScramServer("server-nonce")
    server.begin(answer(exchange, "+"))
    assert server.user == name
    (challenge,) = chunks(server.challenge(scram_keys(password, b"salt", 4096)))
    return server.finish(answer(exchange, challenge))


def test_scram_proves_the_password_and_never_tells_it() -> None:
    exchange = Exchange("Bob", "sesame", "nonce", "PLAIN,SCRAM-SHA-256")
    assert exchange.mechanism == "SCRAM-SHA-256"
    (verified,) = chunks(challenged(exchange))
    assert exchange.answer(verified) == ["+"]


def test_scram_escapes_names_and_prepares_passwords() -> None:
    challenged(Exchange("a,b=c", "I\u00adX", "nonce", "SCRAM-SHA-256"), "IX", "a,b=c")


def test_a_wrong_password_is_refused_by_the_server() -> None:
    with pytest.raises(SaslError, match="wrong name or password"):
        challenged(Exchange("Bob", "guess", "nonce", "SCRAM-SHA-256"))


def test_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    exchange = Exchange("Bob", "sesame", "nonce", "SCRAM-SHA-256")
    challenged(exchange)
    (lie,) = chunks(b"v=bm8=")
    with pytest.raises(SaslError, match="may be another one"):
        exchange.answer(lie)


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=other,s=c2FsdA==,i=4096",
        b"r=nonceX,s=c2FsdA==,i=0",
        b"r=nonceX,s=c2FsdA==,i=999999999",
        b"\xff",
        b"r=nonceX,s=%,i=1",
    ],
)
def test_no_challenge_raises_anything_else_or_keeps_us_busy(challenge: bytes) -> None:
    exchange = Exchange("Bob", "sesame", "nonce", "SCRAM-SHA-256")
    exchange.answer("+")
    with pytest.raises((SaslError, ValueError)):
        for part in chunks(challenge):
            exchange.answer(part)


def test_plain_is_used_where_there_is_nothing_better() -> None:
    exchange = Exchange("Bob", "sesame", "nonce", "")
    assert exchange.mechanism == "PLAIN"
    plain = read_plain(answer(exchange, "+"))
    assert (plain.authzid, plain.authcid, plain.password) == ("", "Bob", "sesame")
    with pytest.raises(SaslError):
        exchange.answer("+")
