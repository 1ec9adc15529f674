"""SASL as IRC carries it (https://ircv3.net/specs/extensions/sasl-3.2), and its mechanisms, without any IO.

PLAIN is RFC 4616, SCRAM-SHA-256 RFC 5802 and RFC 7677, EXTERNAL RFC 4422 appendix A.
"""

import base64
import binascii
import hashlib
import hmac
import stringprep
import unicodedata
from typing import NamedTuple

CHUNK = 400
"""Bytes of base64 in one AUTHENTICATE; a shorter one, or "+", ends the response."""
_MOST = 4096
"""Bytes of base64 in one response."""


class SaslError(Exception):
    """The exchange failed; *str(error)* says why, for people."""


class TooLong(SaslError):
    """One AUTHENTICATE with more than it may hold."""


class Response:
    """One response, gathered from its chunks."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, chunk: str) -> bytes | None:
        """The response when *chunk* ends it, None when more is to come. Raises SaslError."""
        if len(chunk) > CHUNK:
            raise TooLong("SASL message too long")
        if len(self._text) + len(chunk) > _MOST:
            raise SaslError("SASL authentication failed: this is more than anybody needs")
        if chunk != "+":
            self._text += chunk
            if len(chunk) == CHUNK:
                return None
        text, self._text = self._text, ""
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise SaslError("SASL authentication failed: this is not base64") from None


def chunks(challenge: bytes) -> list[str]:
    """*challenge* as the parameters of AUTHENTICATE lines."""
    text = base64.b64encode(challenge).decode()
    parts = [text[i : i + CHUNK] for i in range(0, len(text), CHUNK)]
    return parts if parts and len(parts[-1]) < CHUNK else [*parts, "+"]


class Plain(NamedTuple):
    """What PLAIN says: on whose behalf ("" = the same), who, and the password."""

    authzid: str
    authcid: str
    password: str


def read_plain(response: bytes) -> Plain:
    """Raises SaslError."""
    try:
        authzid, authcid, password = response.decode().split("\0")
    except ValueError:
        raise SaslError("SASL authentication failed: malformed message") from None
    if not authcid or not password:
        raise SaslError("SASL authentication failed")
    return Plain(authzid, authcid, password)


class ScramKeys(NamedTuple):
    """What the server keeps of a password."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


def scram_keys(password: str, salt: bytes, iterations: int) -> ScramKeys:
    """The keys of *password*. Takes long, by design."""
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, iterations)
    client_key = _mac(salted, b"Client Key")
    return ScramKeys(salt, iterations, hashlib.sha256(client_key).digest(), _mac(salted, b"Server Key"))


class ScramServer:
    """The server's side of SCRAM-SHA-256: `begin`, look up the keys of *user*, `challenge`, `finish`."""

    def __init__(self, nonce: str) -> None:
        """*nonce* is random, printable and without commas."""
        self.user = ""
        self.authzid = ""
        self.finished = False
        """True when the client has proved that it knows the password."""
        self._nonce = nonce
        self._gs2 = ""
        self._auth_message = ""
        self._keys: ScramKeys | None = None

    def begin(self, response: bytes) -> None:
        """Take the client's first message. Raises SaslError."""
        text = _text(response)
        binding, comma, rest = text.partition(",")
        authzid, second, bare = rest.partition(",")
        if not comma or not second or binding not in ("n", "y") or (authzid and authzid[:2] != "a="):
            raise SaslError("SASL authentication failed: malformed or unsupported message")
        self._gs2 = f"{binding},{authzid},"
        self.authzid = _name(authzid[2:])
        parts = bare.split(",")
        if len(parts) < 2 or parts[0][:2] != "n=" or parts[1][:2] != "r=" or len(parts[1]) < 3:
            raise SaslError("SASL authentication failed: malformed message")
        self.user = _name(parts[0][2:])
        self._nonce = parts[1][2:] + self._nonce
        self._auth_message = bare

    def challenge(self, keys: ScramKeys) -> bytes:
        """The server's first message, for the keys of *user*; for a user that is unknown, any that seem real."""
        self._keys = keys
        salt = base64.b64encode(keys.salt).decode()
        text = f"r={self._nonce},s={salt},i={keys.iterations}"
        self._auth_message += f",{text}"
        return text.encode()

    def finish(self, response: bytes) -> bytes:
        """Check the client's proof. Returns the server's last message; raises SaslError when the proof is wrong."""
        assert self._keys is not None
        without_proof, comma, proof = _text(response).rpartition(",p=")
        parts = without_proof.split(",")
        try:
            signature = base64.b64decode(proof, validate=True)
        except (binascii.Error, ValueError):
            signature = b""
        expected = base64.b64encode(self._gs2.encode()).decode()
        if not comma or parts[0] != f"c={expected}" or parts[1:2] != [f"r={self._nonce}"] or len(signature) != 32:
            raise SaslError("SASL authentication failed: malformed message")
        message = f"{self._auth_message},{without_proof}".encode()
        mask = _mac(self._keys.stored_key, message)
        client_key = bytes(a ^ b for a, b in zip(signature, mask, strict=True))
        if not hmac.compare_digest(hashlib.sha256(client_key).digest(), self._keys.stored_key):
            raise SaslError("SASL authentication failed: wrong name or password")
        self.finished = True
        return b"v=" + base64.b64encode(_mac(self._keys.server_key, message))


def prepared(text: str) -> str:
    """*text* as SASLprep (RFC 4013) wants it; unchanged when it has what SASLprep forbids."""
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in text if not stringprep.in_table_b1(c))
    normal = unicodedata.normalize("NFKC", mapped)
    return normal if normal and not any(map(_is_forbidden, normal)) else text


def _is_forbidden(character: str) -> bool:
    return (
        stringprep.in_table_c12(character)
        or stringprep.in_table_c21_c22(character)
        or stringprep.in_table_c3(character)
        or stringprep.in_table_c4(character)
        or stringprep.in_table_c5(character)
        or stringprep.in_table_c6(character)
        or stringprep.in_table_c7(character)
        or stringprep.in_table_c8(character)
        or stringprep.in_table_c9(character)
    )


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise SaslError("SASL authentication failed: malformed message") from None


def _name(escaped: str) -> str:
    return escaped.replace("=2C", ",").replace("=3D", "=")


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
