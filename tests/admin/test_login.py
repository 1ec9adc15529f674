"""The console's password."""

from triochat_admin.login import Login


def test_only_the_password_is_right() -> None:
    login = Login("correct horse")
    assert login.required
    assert login.attempt("correct horse", "a", 0.0)
    assert not login.attempt("", "a", 0.0)
    assert not login.attempt("correct horse ", "a", 0.0)
    assert not login.attempt("\ud800", "a", 0.0)


def test_an_empty_password_is_still_a_password() -> None:
    assert Login("").required
    assert not Login("").attempt("x", "a", 0.0)


def test_none_switches_it_off() -> None:
    assert not Login(None).required


def test_failures_slow_an_address_down_more_and_more_but_never_shut_it_out() -> None:
    login = Login("x")
    delays = []
    for _ in range(7):
        login.attempt("wrong", "a", 100.0)
        delays.append(login.delay("a", 100.0))
    assert delays == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert login.delay("b", 100.0) == 0.0
    assert login.delay("a", 110.0) == 5.0
    assert login.delay("a", 116.0) == 0.0


def test_the_right_password_and_time_both_forgive() -> None:
    login = Login("x")
    login.attempt("wrong", "a", 0.0)
    login.attempt("x", "a", 1.0)
    assert login.failures("a") == 0
    login.attempt("wrong", "a", 10.0)
    login.attempt("wrong", "a", 1000.0)
    assert login.failures("a") == 1


def test_many_addresses_take_bounded_memory_and_the_busy_one_is_remembered() -> None:
    login = Login("x")
    for i in range(5000):
        login.attempt("wrong", f"address {i}", float(i) / 100)
        if i % 10 == 0:
            login.attempt("wrong", "busy", float(i) / 100)
    assert len(login._failures) <= 1024
    assert login.failures("busy") == 500
