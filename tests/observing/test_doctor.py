"""What is found, and what is not."""

from dataclasses import replace

import pytest

from triochat.observing.doctor import Door, Facts, findings

NOW = 1_700_000_000.0
DAY = 86_400.0
HOME = Door("irc", "127.0.0.1:5000", loopback=True, plain=True)
WELL = Facts(
    now=NOW,
    uptime=3600.0,
    worst_turn=0.004,
    commit_p99=0.0011,
    commits=1204,
    store_faulty=False,
    durability="full",
    disk_free=41 << 30,
    parked=[],
    connections=12,
    most_connections=20_000,
    descriptors=40,
    most_descriptors=65_536,
    refused=0,
    refused_lately=False,
    delayed=0,
    waiting=0,
    most_waiting=20_000,
    missed_log_lines=0,
    certificate_until=NOW + 300 * DAY,
    no_password=[],
    accounts=3,
    doors=[HOME],
    console_password=True,
    last_backup=NOW - DAY / 2,
    errors=0,
    last_error="",
    last_error_at=0.0,
)


def told(**facts: object) -> list[str]:
    return [f"{each.level} {each.about}: {each.text}" for each in findings(replace(WELL, **facts))]  # type: ignore[arg-type]


def test_a_healthy_server_has_nothing_but_good_findings() -> None:
    assert told() == [
        "OK event loop: worst stall 4.0 ms in the last hour.",
        "OK commits: 99 of 100 commits took less than 1.1 ms.",
        "OK disk: 41.0 GB free.",
        "OK readers: everybody keeps up.",
        "OK limits: none was hit.",
        "OK certificate: it holds for 300 days.",
        "OK accounts: all 3 can be logged in to.",
        "OK ports: only this machine can connect.",
        "OK backup: the last one by the console was 12 hours ago.",
        "OK log: no errors since the start.",
    ]


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        ({"worst_turn": 0.3}, "WARN", "event loop: worst stall 300 ms"),
        ({"worst_turn": 4.0}, "BAD", "event loop: worst stall 4.0 s"),
        ({"commit_p99": 0.2}, "WARN", "commits: 99 of 100 commits took less than 200 ms. The disk is slow"),
        ({"store_faulty": True}, "BAD", "store: nothing can be stored"),
        ({"durability": "memory"}, "WARN", "store: everything is kept in memory only"),
        ({"durability": "normal"}, "OK", "store: a power cut may take the last moments"),
        ({"disk_free": 1 << 30}, "WARN", "disk: 1.0 GB free. When it is full"),
        ({"disk_free": 100 << 20}, "BAD", "disk: 100.0 MB free"),
        ({"parked": ["Bob #9"]}, "WARN", "readers: 1 session not keeping up: Bob #9."),
        ({"parked": [f"u{i}" for i in range(7)]}, "WARN", "u3, u4 and 2 more."),
        ({"connections": 18_000}, "WARN", "connections: 18,000 of 20,000"),
        ({"descriptors": 60_000}, "WARN", "descriptors: 60,000 of 65,536 in use"),
        ({"waiting": 19_000}, "WARN", "journal: 19,000 entries wait"),
        ({"refused": 2, "refused_lately": True}, "WARN", "limits: 2 connections turned away"),
        ({"refused": 1}, "OK", "limits: 1 connection turned away"),
        ({"delayed": 1}, "OK", "limits: 1 line read late"),
        ({"certificate_until": NOW - 1}, "BAD", "certificate: it has expired"),
        ({"certificate_until": NOW + 3.5 * DAY}, "WARN", "certificate: it expires in 3 days"),
        ({"accounts": 1}, "OK", "accounts: the only one can be logged in to."),
        ({"no_password": ["ann", "bob"]}, "WARN", "accounts: 2 accounts have no password: ann, bob."),
        ({"doors": [replace(HOME, loopback=False)]}, "WARN", "ports: 127.0.0.1:5000 (irc) takes plain text"),
        (
            {"doors": [replace(HOME, loopback=False, plain=False)]},
            "OK",
            "ports: other machines can connect, with TLS",
        ),
        ({"doors": [Door("metrics", "0.0.0.0:5002", False, True)]}, "WARN", "ports: the metrics at 0.0.0.0:5002"),
        ({"console_password": False}, "WARN", "console: the console wants no password"),
        ({"last_backup": None}, "WARN", "backup: there was none"),
        ({"last_backup": NOW - 9 * DAY}, "WARN", "backup: the last one by the console was 9 days ago."),
        ({"missed_log_lines": 4}, "WARN", "log: 4 lines dropped"),
        (
            {"errors": 2, "last_error": "boom", "last_error_at": NOW - 90},
            "WARN",
            "log: 2 errors since the start, the last one 90.0 s ago: boom",
        ),
        ({"errors": 1, "last_error": "boom", "last_error_at": NOW - 3 * DAY}, "OK", "the last one 3 days ago: boom"),
    ],
)
def test_each_trouble_is_found(facts: dict[str, object], level: str, words: str) -> None:
    found = told(**facts)
    assert any(text.startswith(f"{level} ") and words in text for text in found), found


def test_the_worst_comes_first_and_what_does_not_apply_is_not_told() -> None:
    found = told(store_faulty=True, last_backup=None, certificate_until=None, accounts=0, disk_free=None)
    assert [text.split()[0] for text in found] == ["BAD", "WARN"] + ["OK"] * (len(found) - 2)
    assert not any(word in text for text in found for word in ("certificate", "accounts", "disk:"))
