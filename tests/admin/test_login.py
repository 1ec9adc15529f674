"""The console's password."""

from triochat_admin.login import Login


async def test_only_the_password_is_right() -> None:
    login = Login("correct horse")
    assert login.required
    assert await login.attempt("correct horse", "a", 0.0)
    assert not await login.attempt("", "a", 0.0)
    assert not await login.attempt("correct horse ", "a", 0.0)
    assert not await login.attempt("\ud800", "a", 0.0)


async def test_an_empty_password_is_still_a_password() -> None:
    assert Login("").required
    assert not await Login("").attempt("x", "a", 0.0)


def test_none_switches_it_off() -> None:
    assert not Login(None).required


async def test_failures_slow_an_address_down_more_and_more_but_never_shut_it_out() -> None:
    login = Login("x")
    delays = []
    for _ in range(7):
        await login.attempt("wrong", "a", 100.0)
        delays.append(login.delay("a", 100.0))
    assert delays == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert login.delay("b", 100.0) == 0.0
    assert login.delay("a", 110.0) == 5.0
    assert login.delay("a", 116.0) == 0.0


async def test_the_right_password_and_time_both_forgive() -> None:
    login = Login("x")
    await login.attempt("wrong", "a", 0.0)
    await login.attempt("x", "a", 1.0)
    assert login.failures("a") == 0
    await login.attempt("wrong", "a", 10.0)
    await login.attempt("wrong", "a", 1000.0)
    assert login.failures("a") == 1


async def test_many_addresses_take_bounded_memory_and_the_busy_one_is_remembered() -> None:
    login = Login("x")
    for i in range(5000):
        await login.attempt("wrong", f"address {i}", float(i) / 100)
        if i % 10 == 0:
            await login.attempt("wrong", "busy", float(i) / 100)
    assert len(login._failures) <= 1024
    assert login.failures("busy") == 500


async def test_a_password_of_which_only_a_hash_is_known_is_asked_for_and_guessed_slowly() -> None:
    async def verify(password: str) -> bool:
        return password == "correct horse"

    login = Login(None, verify)
    assert login.required
    assert not await login.attempt("wrong", "a", 0.0)
    assert login.delay("a", 0.0) == 1.0
    assert await login.attempt("correct horse", "a", 2.0)
