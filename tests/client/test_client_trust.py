"""The file of known servers: what is in it, that nothing gets lost, and what is said when it makes no sense."""

import os
import re
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triochat.trust import (
    VARIABLE,
    Known,
    KnownServers,
    NotRemembered,
    Policy,
    Unusable,
    default_path,
    parse_fingerprint,
)

ONE, TWO = ":".join(["1A"] * 32), ":".join(["2B"] * 32)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def servers(path: Path, now: datetime = NOON) -> KnownServers:
    return KnownServers(path, now=lambda: now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triochat" / "known-servers"


def test_a_server_is_remembered_by_host_and_port(path: Path) -> None:
    assert servers(path).admit("Chat.example.org", 6697, ONE) is None
    assert servers(path).admit("chat.example.org.", 6697, TWO) == Known(ONE, NOON)
    assert servers(path).find("chat.example.org", 6697) == Known(ONE, NOON)
    assert servers(path).find("chat.example.org", 6698) is None
    assert servers(path).find("example.org", 6697) is None


def test_one_address_in_two_spellings_is_one_server(path: Path) -> None:
    servers(path).admit("2001:db8::1", 6697, ONE)
    assert servers(path).find("2001:DB8:0:0::1", 6697) == Known(ONE, NOON)


def test_only_its_owner_can_read_the_file(path: Path) -> None:
    before = os.umask(0)
    try:
        servers(path).admit("host", 6697, ONE)
    finally:
        os.umask(before)
    assert {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in (path.parent, *path.parent.iterdir())} == {
        "triochat": "0o700",
        "known-servers": "0o600",
        "known-servers.lock": "0o600",
    }


def test_what_is_remembered_anew_replaces_the_old_and_nothing_else(path: Path) -> None:
    later = NOON + timedelta(days=1)
    for host in ("a", "b", "c"):
        servers(path).admit(host, 1, ONE)
    path.write_text(f"# mine\n\n{path.read_text()}")
    servers(path, later).remember("b", 1, TWO)
    servers(path, later).remember("c", 1, None)
    servers(path, later).remember("a", 1, ONE)
    assert [servers(path).find(host, 1) for host in ("a", "b", "c")] == [
        Known(ONE, NOON),  # it is still the same one
        Known(TWO, later),
        Known(None, later),
    ]
    assert path.read_text().startswith("# mine\n\n# Servers that")


def test_what_is_forgotten_is_that_certificate_only(path: Path) -> None:
    for host in ("a", "b"):
        servers(path).admit(host, 1, ONE)
    servers(path).forget("A", 1, ONE)
    servers(path).forget("b", 1, TWO)
    servers(path).forget("c", 1, ONE)
    assert [servers(path).find(host, 1) for host in ("a", "b", "c")] == [None, Known(ONE, NOON), None]
    assert servers(path).admit("a", 1, TWO) is None


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    servers(path).admit("host", 1, ONE)
    assert path.is_symlink()
    assert servers(tmp_path / "elsewhere").find("host", 1) == Known(ONE, NOON)


@pytest.mark.parametrize(
    "line",
    [
        "host:1",
        f"host {ONE} 2026-11-22",
        f"host:1 {ONE[:-1]} 2026-11-22",
        f"host:1 {ONE} yesterday",
        f"host:1 {ONE} 2026-11-22 more",
        "host sts 0 2026-11-22",
        "host sts",
        f"KNOWN:1 {TWO} 2026-11-22",  # a second time
    ],
)
def test_a_line_that_makes_no_sense_is_told_and_kept(path: Path, line: str) -> None:
    servers(path).admit("known", 1, ONE)
    path.write_text(damaged := f"{path.read_text()}{line}\n")
    number = len(damaged.splitlines())
    known = servers(path)
    for use in (
        lambda: known.find("known", 1),
        lambda: known.admit("other", 1, TWO),
        lambda: known.remember("other", 1, TWO),
        lambda: known.forget("known", 1, ONE),
        lambda: known.policy("known"),
        lambda: known.remember_policy("known", None),
        lambda: known.remember_policy("known", Policy(6697, NOON)),
    ):
        with pytest.raises(Unusable, match=rf"^Line {number} of {re.escape(str(path))}, .* correct or delete it\.$"):
            use()
    assert path.read_text() == damaged


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(path: Path, content: bytes | None) -> None:
    path.parent.mkdir()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(Unusable, match=rf"{re.escape(str(path))}.+\.$"):
        servers(path).find("host", 1)


def test_a_place_that_cannot_be_written_is_told_and_what_is_known_counts_all_the_same(path: Path) -> None:
    servers(path).admit("known", 1, ONE)
    lock = path.with_name("known-servers.lock")
    lock.unlink()
    lock.mkdir()  # even root cannot write that
    assert servers(path).admit("known", 1, TWO) == Known(ONE, NOON)
    with pytest.raises(NotRemembered, match=r"known-servers: Is a directory"):
        servers(path).admit("other", 1, ONE)


def test_clients_that_start_together_lose_no_line_and_agree_on_each_server(path: Path) -> None:
    found: list[Known | None] = []
    ready = threading.Barrier(8)

    def visit(number: int) -> None:
        ready.wait()
        for i in range(1, 5):
            servers(path).admit(f"own-{number}", i, ONE)
        found.append(servers(path).admit("shared", 1, ONE if number % 2 else TWO))

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(servers(path).find(f"own-{number}", i) for number in range(8) for i in range(1, 5))
    shared = servers(path).find("shared", 1)
    assert [known for known in found if known is not None] == [shared] * 7


def test_a_policy_counts_until_it_ends_or_is_taken_back(path: Path) -> None:
    policy = Policy(6697, NOON + timedelta(days=1))
    servers(path).remember_policy("Chat.example.org", policy)
    servers(path).admit("chat.example.org", 6697, ONE)
    assert servers(path).policy("chat.example.org") == policy
    assert servers(path, policy.until).policy("chat.example.org") is None
    servers(path).remember_policy("chat.example.org", None)
    assert servers(path).policy("chat.example.org") is None
    assert servers(path).find("chat.example.org", 6697) == Known(ONE, NOON)


def test_no_policy_is_nothing_to_write(path: Path) -> None:
    servers(path).remember_policy("host", None)
    assert not path.exists()


@pytest.mark.parametrize("text", [ONE, ONE.lower(), ONE.replace(":", ""), f" {ONE}\n"])
def test_a_fingerprint_may_be_written_in_different_ways(text: str) -> None:
    assert parse_fingerprint(text) == ONE


@pytest.mark.parametrize("text", ["", "1A", ONE + ":1A", ONE.replace("1A", "1G"), "1A" * 20])
def test_what_is_no_fingerprint_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"64 hexadecimal digits, .*\.$"):
        parse_fingerprint(text)


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert KnownServers().path == tmp_path / "mine"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert default_path().is_relative_to(tmp_path)
