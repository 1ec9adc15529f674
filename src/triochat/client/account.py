"""Logging in by SASL from the client's side (https://ircv3.net/specs/extensions/sasl-3.2). Pure.

SCRAM-SHA-256 (RFC 5802, RFC 7677) where the server offers it, as it never tells the password; else PLAIN (RFC 4616).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

from triochat.proto.sasl import Response, SaslError, chunks, prepared, scram_keys

_MOST_ITERATIONS = 200_000  # more is a server that wants to keep us busy


class Exchange:
    """One attempt to log in: `begin`, then `answer` to each AUTHENTICATE of the server."""

    def __init__(self, account: str, password: str, nonce: str, offered: str) -> None:
        """*offered*: the mechanisms as the server lists them, divided by commas; "" when it does not."""
        self.account = account
        self.password = password
        self.mechanism = "SCRAM-SHA-256" if "SCRAM-SHA-256" in offered.upper().split(",") else "PLAIN"
        self._response = Response()
        self._nonce = nonce
        self._answers: list[Callable[[bytes], bytes]] = (
            [self._first, self._final, self._verify] if self.mechanism != "PLAIN" else [self._plain]
        )
        self._bare = ""
        self._server_signature = b""

    def answer(self, word: str) -> list[str]:
        """The parameters of the AUTHENTICATE lines that answer the server's *word*. Raises SaslError."""
        challenge = self._response.feed(word)
        if challenge is None:
            return []
        if not self._answers:
            raise SaslError("The server asks for more than there is to say.")
        return chunks(self._answers.pop(0)(challenge))

    def _plain(self, challenge: bytes) -> bytes:
        return f"\0{self.account}\0{self.password}".encode()

    def _first(self, challenge: bytes) -> bytes:
        name = self.account.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        return f"n,,{self._bare}".encode()

    def _final(self, challenge: bytes) -> bytes:
        text = challenge.decode(errors="replace")
        parts = dict(part.partition("=")[::2] for part in text.split(","))
        iterations = parts.get("i", "")
        if not parts.get("r", "").startswith(self._nonce) or not (iterations.isascii() and iterations.isdecimal()):
            raise SaslError("The server answers no SCRAM.")
        if not 0 < int(iterations[:9]) <= _MOST_ITERATIONS:
            raise SaslError("The server wants too much work done for a login.")
        salt = base64.b64decode(parts.get("s", ""), validate=True)
        keys = scram_keys(self.password, salt, int(iterations))
        final = f"c=biws,r={parts['r']}"
        message = f"{self._bare},{text},{final}".encode()
        salted = hashlib.pbkdf2_hmac("sha256", prepared(self.password).encode(), salt, int(iterations))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(keys.stored_key, message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._server_signature = hmac.digest(keys.server_key, message, "sha256")
        return f"{final},p={base64.b64encode(proof).decode()}".encode()

    def _verify(self, challenge: bytes) -> bytes:
        if challenge != b"v=" + base64.b64encode(self._server_signature):
            raise SaslError("The server does not know the password itself: it may be another one.")
        return b""
