"""SASL: responses in chunks, and the mechanisms' messages."""

import base64
import hashlib
import hmac

from triochat.proto.sasl import (
    CHUNK,
    Response,
    SaslError,
    ScramServer,
    chunks,
    prepared,
    read_plain,
    scram_keys,
)

_KEYS = scram_keys("sesame", b"salt", 1)
_MOST = 4096


def sasl(data: bytes) -> None:
    """Any exchange is refused as SaslError or means what its bytes say; who proves nothing is never let in."""
    _chunked(data)
    _plain(data)
    _strangers(data)
    _owner(data.decode(errors="replace"))
    text = data.decode(errors="replace")
    assert prepared(prepared(text)) == prepared(text)


def _chunked(data: bytes) -> None:
    parts = chunks(data)
    assert all(len(part) == CHUNK for part in parts[:-1]) and len(parts[-1]) < CHUNK
    response = Response()
    try:
        heard = [response.feed(part) for part in parts]
    except SaslError:
        assert len(base64.b64encode(data)) > _MOST
    else:
        assert heard == [*[None] * (len(parts) - 1), data]
    response, kept = Response(), 0
    for chunk in data.decode("latin-1").split("\n"):
        kept += len(chunk)
        try:
            if response.feed(chunk) is not None:
                kept = 0
        except SaslError as error:
            assert str(error).isprintable()
            response, kept = Response(), 0
        assert kept <= _MOST


def _plain(data: bytes) -> None:
    try:
        read = read_plain(data)
    except SaslError:
        return
    assert "\0".join(read).encode() == data
    assert read.authcid and read.password


def _strangers(data: bytes) -> None:
    """Each line is a message of a client that knows no password."""
    first, *others = data.split(b"\n")
    scram = ScramServer("nonce")
    try:
        scram.begin(first)
        said = scram.challenge(_KEYS)
        assert said.count(b"\n") == 0
        for proof in others:
            # Both as it stands, and with all that can be told from the challenge filled in.
            guess = b"c=%b,%b" % (base64.b64encode(scram._gs2.encode()), said.split(b",")[0])
            for message in (proof, guess + b",p=" + base64.b64encode(hashlib.sha256(proof).digest())):
                try:
                    scram.finish(message)
                except SaslError:
                    continue
    except SaslError as error:
        assert str(error).isprintable()
    assert not scram.finished


def _owner(name: str) -> None:
    """Somebody called so who knows the password is let in under exactly that name."""
    password = name[::-1] or "sesame"
    keys = scram_keys(password, b"salt", 1)
    scram = ScramServer("server")
    first = f"n={name.replace('=', '=3D').replace(',', '=2C')},r=client"
    scram.begin(f"n,,{first}".encode())
    assert scram.user == name
    challenge = scram.challenge(keys).decode()
    bare = f"c=biws,{challenge.split(',')[0]}"
    signed = f"{first},{challenge},{bare}".encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), b"salt", 1)
    key = hmac.digest(salted, b"Client Key", "sha256")
    mask = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask, strict=True))).decode()
    scram.finish(f"{bare},p={proof}".encode())
    assert scram.finished
