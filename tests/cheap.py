"""Passwords that cost nothing to hash, for tests that are about something else."""

import base64
import hashlib

from triochat.commands.registrar import Keep, Registrar
from triochat.domain.accounts import Credentials
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy
from triochat.domain.world import World
from triochat.proto.sasl import scram_keys


class CheapPasswords:
    """See triochat.ports.Passwords: the same, without threads and without any cost."""

    async def make(self, password: str) -> Credentials:
        keys = scram_keys(password, b"salt", 1)
        salt, stored, server = (base64.b64encode(x).decode() for x in (keys.salt, keys.stored_key, keys.server_key))
        return Credentials(self._digest(password), salt, 1, stored, server)

    async def check(self, credentials: Credentials | None, password: str) -> bool:
        return credentials is not None and credentials.argon2 == self._digest(password)

    def seeming(self, name: str) -> Credentials:
        return Credentials("", base64.b64encode(name.encode()).decode(), 1, "", "")

    def _digest(self, password: str) -> str:
        return hashlib.sha256(password.encode()).hexdigest()


def registrar(world: World, keep: Keep, policy: AccountPolicy, now: int) -> Registrar:
    """One that uses them."""
    return Registrar(world.accounts, world.names, CheapPasswords(), keep, policy, Limits(), lambda: now)
