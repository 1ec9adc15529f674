"""What is kept of passwords: checked by argon2id and by SCRAM, and never the password."""

import base64

import pytest
from argon2 import PasswordHasher, extract_parameters

from triochat import passwords as module
from triochat.domain.accounts import Credentials
from triochat.passwords import ThreadedPasswords
from triochat.proto.sasl import scram_keys


@pytest.fixture
def passwords() -> ThreadedPasswords:
    return ThreadedPasswords("test")


async def test_the_password_is_right_and_others_are_not(passwords: ThreadedPasswords) -> None:
    kept = await passwords.make("sésame öffne dich")
    assert await passwords.check(kept, "sésame öffne dich")
    for wrong in ("sesame öffne dich", "", "sésame öffne dich ", "SÉSAME ÖFFNE DICH", kept.argon2):
        assert not await passwords.check(kept, wrong)


@pytest.mark.parametrize(
    ("made", "typed"), [("e\u0301", "\u00e9"), ("a\u00a0b", "a b"), ("I\u00adX", "IX"), ("ﬁ", "fi")]
)
async def test_forms_of_the_same_text_are_one_password(passwords: ThreadedPasswords, made: str, typed: str) -> None:
    assert await passwords.check(await passwords.make(made), typed)
    assert await passwords.check(await passwords.make(typed), made)


@pytest.mark.parametrize("odd", ["\x07bell", "\ue000", "x" * 10_000, "日本語のパスワード", "p\0q"])
async def test_any_text_can_be_a_password(passwords: ThreadedPasswords, odd: str) -> None:
    kept = await passwords.make(odd)
    assert await passwords.check(kept, odd)
    assert not await passwords.check(kept, odd[:-1])


async def test_nothing_of_the_password_is_kept_and_no_two_are_alike(passwords: ThreadedPasswords) -> None:
    one, other = await passwords.make("sesame"), await passwords.make("sesame")
    assert one.argon2.startswith("$argon2id$")
    assert "sesame" not in repr(one)
    assert {one.argon2, one.salt, one.stored_key}.isdisjoint({other.argon2, other.salt, other.stored_key})


async def test_keys_of_scram_are_those_of_the_same_password(passwords: ThreadedPasswords) -> None:
    kept = await passwords.make("sésame")
    keys = scram_keys("se\u0301same", base64.b64decode(kept.salt), kept.iterations)
    assert base64.b64encode(keys.stored_key).decode() == kept.stored_key
    assert base64.b64encode(keys.server_key).decode() == kept.server_key


async def test_nobody_has_no_password(passwords: ThreadedPasswords) -> None:
    for typed in ("nobody", "", "sesame"):
        assert not await passwords.check(None, typed)


async def test_an_unknown_name_takes_as_much_work(
    passwords: ThreadedPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash of the same cost is checked, whether there is an account or not."""
    costs: list[object] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            costs.append(extract_parameters(hash if isinstance(hash, str) else hash.decode()))
            return bool(super().verify(hash, password))

    monkeypatch.setattr(module, "PasswordHasher", Counting)
    counting = ThreadedPasswords("test")
    kept = await counting.make("sesame")
    await counting.check(kept, "wrong")
    await counting.check(None, "wrong")
    assert len(costs) == 2 and costs[0] == costs[1]


@pytest.mark.parametrize("digest", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x", "$2b$12$abc"])
async def test_a_hash_that_is_none_lets_nobody_in(passwords: ThreadedPasswords, digest: str) -> None:
    assert not await passwords.check(Credentials(digest, "", 0, "", ""), "sesame")


async def test_a_hash_of_another_tool_is_understood(passwords: ThreadedPasswords) -> None:
    """As operators paste it into the settings."""
    digest = PasswordHasher(time_cost=1, memory_cost=16, parallelism=2).hash("sesame")
    assert await passwords.check(Credentials(digest, "", 0, "", ""), "sesame")


def test_what_an_unknown_name_seems_to_have_is_the_same_each_time(passwords: ThreadedPasswords) -> None:
    seeming, again, other = passwords.seeming("ann"), passwords.seeming("ann"), passwords.seeming("bob")
    assert seeming == again
    assert seeming.salt != other.salt
    assert ThreadedPasswords("test").seeming("ann").salt != seeming.salt


async def test_what_an_unknown_name_seems_to_have_looks_like_the_real_thing(passwords: ThreadedPasswords) -> None:
    real, seeming = await passwords.make("sesame"), passwords.seeming("ann")
    assert seeming.iterations == real.iterations
    for field in ("salt", "stored_key", "server_key"):
        shown = [base64.b64decode(getattr(kept, field)) for kept in (real, seeming)]
        assert len(shown[0]) == len(shown[1])


def test_the_usual_cost_is_not_that_of_tests() -> None:
    """OWASP: argon2id with at least 19 MiB and two passes."""
    hasher = ThreadedPasswords()._hasher
    assert hasher.memory_cost >= 19 * 1024 and hasher.time_cost >= 2
    assert ThreadedPasswords().seeming("x").iterations >= 4096
