"""Which events a monitor shows, how, and how it owns up to the others."""

import time
from dataclasses import replace

import pytest

from admin.small_server import SmallServer, message
from triochat.operations import Event
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import Watch, parse
from triochat_admin.watch import KINDS, Pace, data, line, notice


def watching(words: str = "") -> Watch:
    command, call = parse(COMMANDS, f"monitor {words}", SmallServer(), "test")
    watch = command.run(call)
    assert isinstance(watch, Watch)
    return watch


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("utc")
def test_a_line_hides_what_was_said_unless_asked() -> None:
    event = message("Alice", "hello \x1b[31m there, all of you")
    assert line(watching(), event) == "22:13:20.114  Alice             message       #lobby  «29 chars»  -> 2 readers"
    assert line(watching("--content"), event).endswith("«hello ␛[31m there, all of you»  -> 2 readers")
    assert "text" not in data(watching(), event)
    assert data(watching("--content"), event)["text"] == event.text


@pytest.mark.usefixtures("utc")
def test_a_line_tells_how_long_storing_and_handing_out_took() -> None:
    event = replace(message("Alice", "hi"), stored_ms=0.42, handed_ms=3.4)
    assert line(watching(), event).endswith("-> 2 readers  stored 0.4 ms  last reader 3 ms")
    assert line(watching(), replace(event, stored_ms=None, handed_ms=0.2)).endswith("readers  last reader <1 ms")
    told = data(watching(), event)
    assert (told["stored_ms"], told["handed_ms"]) == (0.42, 3.4)


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_line_that_cannot_paint(kind: str) -> None:
    event = Event(0, kind, "a\nb", "#r\x1b", "", 0)
    assert line(watching(), event) == f"00:00:00.000  a␊b               {kind:12}  #r␛"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("", ["join", "message", "message"]),
        ("message", ["message", "message"]),
        ("room=#DEV", ["message"]),
        ("room=dev join", []),
        ("user=alice", ["message", "message"]),
    ],
)
def test_only_what_matches_is_shown_and_the_rest_is_not_missed(words: str, shown: list[str]) -> None:
    pace = Pace(watching(words), 0.0, lambda: 0)
    events = [Event(0, "join", "Bob", "#lobby", "", 1), message("Alice", "x"), message("Alice", "x", "#dev")]
    assert [event.kind for event in events if pace.admit(event, 0.0)] == shown
    assert pace.summary() == f"stopped. {len(shown)} event{'' if len(shown) == 1 else 's'} shown, 0 not shown."


def test_more_than_the_rate_is_counted_and_told_once_a_second() -> None:
    pace = Pace(watching("rate=2"), 0.0, lambda: 0)
    event = message("Alice", "x")
    told = []
    for i in range(40):
        now = i / 10
        pace.admit(event, now)
        if count := pace.notice(now):
            told.append((now, count))
    assert pace.shown == 8
    assert [now for now, _ in told] == [0.2, 1.2, 2.2, 3.2]
    assert sum(count for _, count in told) + pace.shown <= 40
    assert pace.next_notice() == 4.2
    assert pace.summary() == "stopped. 8 events shown, 32 not shown."


def test_what_the_subscription_lost_is_told() -> None:
    missed = 0
    pace = Pace(watching(), 0.0, lambda: missed)
    assert (pace.notice(0.0), pace.next_notice()) == (0, float("inf"))
    missed = 318
    assert notice(pace.notice(5.0)) == "… 318 events not shown"
    assert pace.notice(9.0) == 0
