"""SASL: the examples of the RFCs, the chunks of IRC, and whatever else may come."""

import base64
import contextlib
import hashlib
import hmac
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.proto.sasl import (
    CHUNK,
    Plain,
    Response,
    SaslError,
    ScramServer,
    TooLong,
    chunks,
    prepared,
    read_plain,
    scram_keys,
)

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
"""Of the example in RFC 7677, section 3: user "user", password "pencil"."""
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CLIENT_FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
CLIENT_FINAL = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


# -- SCRAM-SHA-256 --


def asked(first: bytes = CLIENT_FIRST, password: str = "pencil") -> ScramServer:
    """A server that has sent its challenge, for somebody with this password."""
    server = ScramServer(SERVER_NONCE)
    server.begin(first)
    server.challenge(scram_keys(password, SALT, 4096))
    return server


def test_the_example_of_rfc_7677_succeeds_word_for_word() -> None:
    server = ScramServer(SERVER_NONCE)
    server.begin(CLIENT_FIRST)
    assert (server.user, server.authzid) == ("user", "")
    assert server.challenge(scram_keys("pencil", SALT, 4096)) == SERVER_FIRST
    assert not server.finished
    assert server.finish(CLIENT_FINAL) == SERVER_FINAL
    assert server.finished


@pytest.mark.parametrize(
    "final",
    [
        b"",
        b"c=biws",
        CLIENT_FINAL.replace(b"p=dHz", b"p=dHy"),
        CLIENT_FINAL.replace(b"c=biws", b"c=eSws"),  # "y,," where "n,," was said
        CLIENT_FINAL.replace(b"r=rOpr", b"r=rOps"),
        CLIENT_FINAL.replace(b"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", b""),
        CLIENT_FINAL.partition(b",p=")[0],
        CLIENT_FINAL.partition(b",p=")[0] + b",p=",
        CLIENT_FINAL[:-4] + b"!!!!",
        CLIENT_FINAL[:-8],
        b"\xff" + CLIENT_FINAL,
    ],
)
def test_anything_but_the_proof_is_refused(final: bytes) -> None:
    server = asked()
    with pytest.raises(SaslError):
        server.finish(final)
    assert not server.finished


def test_the_proof_of_another_password_is_refused() -> None:
    server = asked(password="pencils")
    with pytest.raises(SaslError, match="wrong name or password"):
        server.finish(CLIENT_FINAL)
    assert not server.finished


@pytest.mark.parametrize(
    ("first", "user", "authzid"),
    [
        (b"n,,n=user,r=x", "user", ""),
        (b"y,,n=user,r=x", "user", ""),
        (b"n,a=other,n=user,r=x", "user", "other"),
        (b"n,a=a=2Cb=3D,n=us=2Cer=3D,r=x", "us,er=", "a,b="),
        (b"n,,n==3D2C,r=x", "=2C", ""),
        ("n,,n=Jörg,r=x".encode(), "Jörg", ""),
        (b"n,,n=user,r=x,ext=1", "user", ""),
    ],
)
def test_first_messages_that_are_understood(first: bytes, user: str, authzid: str) -> None:
    server = ScramServer("nonce")
    server.begin(first)
    assert (server.user, server.authzid) == (user, authzid)
    assert server.challenge(scram_keys("p", b"salt", 1)).startswith(b"r=xnonce,s=")


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n",
        b"n,,",
        b"n,,n=user",
        b"n,,n=user,r=",
        b"n,,r=x,n=user",
        b"n,,m=must,n=user,r=x",  # an extension that is mandatory, and unknown
        b"p=tls-server-end-point,,n=user,r=x",  # binds to the channel: SCRAM-SHA-256-PLUS alone may
        b"x,,n=user,r=x",
        b"n,other,n=user,r=x",
        b"n,,n=\xff,r=x",
    ],
)
def test_first_messages_that_are_refused(first: bytes) -> None:
    with pytest.raises(SaslError):
        ScramServer("nonce").begin(first)


@given(st.binary(max_size=80), st.binary(max_size=120))
def test_any_bytes_are_taken_or_refused_as_sasl_errors(first: bytes, final: bytes) -> None:
    fresh = ScramServer("nonce")
    with contextlib.suppress(SaslError):
        fresh.begin(first)
        fresh.challenge(scram_keys("p", b"salt", 1))
        fresh.finish(final)
    assert not fresh.finished
    server = asked()
    with pytest.raises(SaslError):
        server.finish(final)


@given(st.text(min_size=1, max_size=20), st.text(st.characters(exclude_characters=",", codec="utf-8"), min_size=1))
def test_who_knows_the_password_can_prove_it(password: str, nonce: str) -> None:
    server = ScramServer("nonce")
    server.begin(f"n,,n=user,r={nonce}".encode())
    challenge = server.challenge(scram_keys(password, b"salt", 1)).decode()
    without_proof = f"c=biws,r={nonce}nonce"
    message = f"n=user,r={nonce},{challenge},{without_proof}".encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), b"salt", 1)
    key = hmac.digest(salted, b"Client Key", "sha256")
    mask = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask, strict=True))).decode()
    assert server.finish(f"{without_proof},p={proof}".encode()).startswith(b"v=")
    assert server.finished


# -- PLAIN --


@pytest.mark.parametrize(
    ("response", "read"),
    [
        (b"\0tim\0tanstaaftanstaaf", Plain("", "tim", "tanstaaftanstaaf")),  # RFC 4616, section 4
        (b"Ursel\0Kurt\0xipj3plmq", Plain("Ursel", "Kurt", "xipj3plmq")),
        ("\0Jörg\0pä ss:word".encode(), Plain("", "Jörg", "pä ss:word")),
    ],
)
def test_plain_is_three_words(response: bytes, read: Plain) -> None:
    assert read_plain(response) == read


@pytest.mark.parametrize("response", [b"", b"a", b"a\0b", b"a\0b\0c\0d", b"\0\0p", b"\0a\0", b"\0\xff\0p"])
def test_plain_that_is_no_plain_is_refused(response: bytes) -> None:
    with pytest.raises(SaslError):
        read_plain(response)


@given(st.binary(max_size=60))
def test_any_bytes_are_plain_or_a_sasl_error(response: bytes) -> None:
    with contextlib.suppress(SaslError):
        assert "\0".join(read_plain(response)).encode() == response


# -- chunks --


@pytest.mark.parametrize("size", [0, 1, 299, 300, 301, 599, 600, 601, 3000])
def test_what_is_cut_is_read_the_same(size: int) -> None:
    """300 bytes are 400 of base64, and need a "+" behind them."""
    message = bytes(range(256)) * 12
    parts = chunks(message[:size])
    assert all(len(part) == CHUNK for part in parts[:-1]) and len(parts[-1]) < CHUNK
    response = Response()
    assert [response.feed(part) for part in parts] == [*[None] * (len(parts) - 1), message[:size]]


def test_an_empty_response_is_a_plus() -> None:
    assert chunks(b"") == ["+"]
    assert Response().feed("+") == b""


def test_one_response_follows_another() -> None:
    response = Response()
    assert response.feed("QQ==") == b"A"
    assert response.feed("Qg==") == b"B"


def test_more_than_a_chunk_is_too_long() -> None:
    with pytest.raises(TooLong):
        Response().feed("A" * (CHUNK + 1))


def test_a_response_has_an_end() -> None:
    response = Response()
    with pytest.raises(SaslError):
        for _ in range(11):
            response.feed("A" * CHUNK)


@pytest.mark.parametrize("text", ["=", "A", "QQ=", "QQ==QQ==", "Q Q=", "é", "*", "QQ==\0"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(SaslError):
        Response().feed(text)


@given(st.lists(st.text(max_size=20) | st.just("A" * CHUNK) | st.just("+"), max_size=12))
def test_any_chunks_are_taken_or_refused_as_sasl_errors(texts: list[str]) -> None:
    response = Response()
    for text in texts:
        try:
            response.feed(text)
        except SaslError:
            response = Response()


# -- SASLprep --


@pytest.mark.parametrize(
    ("text", "result"),
    [  # RFC 4013, section 3
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
    ],
)
def test_the_examples_of_rfc_4013(text: str, result: str) -> None:
    assert prepared(text) == result


def test_other_spaces_are_spaces_and_accents_are_one_character() -> None:
    assert prepared("a\u00a0b\u3000c") == "a b c"
    assert prepared("e\u0301") == prepared("\u00e9") == "\u00e9"


@pytest.mark.parametrize("text", ["\u0007", "a\x7f", "\ue000", "\u200e", ""])
def test_what_saslprep_forbids_stays_as_it_is(text: str) -> None:
    """As a password it is as good as any, and RFC 7613 lets it be."""
    assert prepared(text) == text


@given(st.text())
def test_prepared_text_stays_as_it_is(text: str) -> None:
    assert prepared(prepared(text)) == prepared(text)
    prepared(text).encode()


@given(st.text())
def test_forms_that_unicode_calls_equal_are_one_password(text: str) -> None:
    assert unicodedata.normalize("NFC", prepared(unicodedata.normalize("NFD", text))) == unicodedata.normalize(
        "NFC", prepared(unicodedata.normalize("NFC", text))
    )
