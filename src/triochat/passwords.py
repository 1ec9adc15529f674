"""Hashing passwords in worker threads: argon2id, and the keys of SCRAM-SHA-256.

Two threads at most, so that a flood of logins waits for itself and not the chat for it.
"""

import base64
import hashlib
import hmac
import os
import secrets

import trio
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from triochat.domain.accounts import Credentials
from triochat.proto.sasl import prepared, scram_keys

_THREADS = 2


def matches(digest: str, password: str) -> bool:
    """Whether *digest*, an argon2 hash, is that of *password*. Blocks for tens of milliseconds."""
    try:
        return PasswordHasher().verify(digest, prepared(password))
    except (Argon2Error, InvalidHashError):
        return False


class ThreadedPasswords:
    """See ports.Passwords."""

    def __init__(self, cost: str = "normal") -> None:
        """*cost* is "normal", or "test" for hashes that are cheap to make and to guess."""
        if cost == "test":
            self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            self._iterations = 4096
        else:
            self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
            self._iterations = 16_384
        self._limiter = trio.CapacityLimiter(_THREADS)
        self._secret = secrets.token_bytes(32)
        # Of no password, but as hard to check as any.
        salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
        memory, time = self._hasher.memory_cost, self._hasher.time_cost
        self._nobody = f"$argon2id$v=19$m={memory},t={time},p={self._hasher.parallelism}${salt}${digest}"

    async def make(self, password: str) -> Credentials:
        """See ports.Passwords."""
        return await trio.to_thread.run_sync(self._make, password, limiter=self._limiter)

    async def check(self, credentials: Credentials | None, password: str) -> bool:
        """See ports.Passwords."""
        return await trio.to_thread.run_sync(
            self._check, credentials, password, limiter=self._limiter, abandon_on_cancel=True
        )

    def seeming(self, name: str) -> Credentials:
        """See ports.Passwords."""
        salt = hmac.digest(self._secret, name.encode(), "sha256")[:16]
        key = base64.b64encode(hashlib.sha256(salt + self._secret).digest()).decode()
        return Credentials("", base64.b64encode(salt).decode(), self._iterations, key, key)

    def _make(self, password: str) -> Credentials:
        text = prepared(password)
        keys = scram_keys(text, os.urandom(16), self._iterations)
        salt, stored, server = (base64.b64encode(x).decode() for x in (keys.salt, keys.stored_key, keys.server_key))
        return Credentials(self._hasher.hash(text), salt, keys.iterations, stored, server)

    def _check(self, credentials: Credentials | None, password: str) -> bool:
        if credentials is None:  # as much work as for an account that exists
            self._verify(self._nobody, password)
            return False
        return self._verify(credentials.argon2, prepared(password))

    def _verify(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (Argon2Error, InvalidHashError):
            return False
