"""What the commands that look inside say, without any IO but that of `doctor`."""

from dataclasses import replace

import pytest
import trio

from admin.small_server import SmallServer
from admin.test_commands import answer, do
from triochat.observations import SlowRow
from triochat_admin.grammar import CommandFailed, Later, Refreshing, UsageError
from triochat_admin.render import plain


def test_status_has_the_pulse_and_one_flat_document() -> None:
    server = SmallServer()
    server.observations.last_error = "the store failed\x1b[2J"
    result = answer(server, "status")
    for line in (
        "  traffic   2.5 messages a second, 1,204 deliveries (last minute)",
        "  commits   p50 0.4 ms, p99 31 ms (last thousand)",
        "  loop      busy 12 %, worst stall 4.0 ms in the last hour",
        "  open      3 connections, 1 console",
        "  disk      41 GB free",
    ):
        assert line in result.text.split("\n")
    assert result.text.endswith("the store failed␛[2J")
    assert isinstance(result.data, dict)
    assert {"users", "commit_ms", "commit_p99_ms", "loop_worst_ms", "last_error"} <= result.data.keys()


def test_tasks_stand_in_a_tree() -> None:
    assert answer(SmallServer(), "tasks").text.split("\n") == [
        "t1 <init>  trio/run.py:1 in init",
        "  t12 net.connection.Connection.run (Bob #9)  triochat/net/wire.py:65 in readable",
        "  … 7 more like it",
    ]


def test_where_shows_the_stack_of_a_task_or_a_person() -> None:
    server = SmallServer()
    shown = "t12 net.connection.Connection.run (Bob #9)\n  a.py:1 in f\n  b.py:2 in g"
    assert answer(server, "where t12").text == shown
    with pytest.raises(CommandFailed, match=r"Nobody is called t99\."):
        do(server, "where t99")


def test_slow_operations_are_a_table() -> None:
    server = SmallServer()
    assert answer(server, "slow").text == "Nothing was slow since the start."
    server.observations.operations = [SlowRow(51, 0, "command", "LIST of Zo\x07 #12", 62.4)]
    lines = answer(server, "slow").text.split("\n")
    assert lines[0].split() == ["ID", "WHEN", "TOOK", "KIND", "WHAT"]
    assert "62 ms  command  LIST of Zo␇ #12" in lines[1]
    assert lines[2] == "1 operation."


def test_nodes_is_honest_about_there_being_one() -> None:
    lines = answer(SmallServer(), "nodes").text.split("\n")
    assert lines[0].split() == ["NODE", "HOST", "VERSION", "UP", "USERS", "LISTENS"]
    assert lines[1].split(maxsplit=1)[0] == "mercury.example.org"
    assert lines[1].endswith("mercury  1.0      2h14m      3  irc 127.0.0.1:5000, admin 127.0.0.1:5001")
    assert lines[2] == "1 node; this server is not linked to others."


def test_doctor_says_one_sentence_a_line() -> None:
    result = do(SmallServer(), "doctor")
    assert isinstance(result, Later)
    found = trio.run(result.finish)
    assert found.text.split("\n") == ["WARN  accounts: one has no password.", "OK    disk: 41 GB free."]
    assert plain(found.data) == [
        {"level": "WARN", "about": "accounts", "text": "one has no password."},
        {"level": "OK", "about": "disk", "text": "41 GB free."},
    ]


def test_stats_are_what_prometheus_reads() -> None:
    assert answer(SmallServer(), "stats").text.endswith("\ntriochat_users 3.0")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("top sort=quue", "sort= wants one of: messages, bytes, queue, lag, idle. Did you mean: queue"),
        ("top every=0", "every= wants a whole number from 1 to 60."),
        ("top every=61", "every= wants a whole number from 1 to 60."),
        ("top limit=" + "9" * 5000, "limit= wants a whole number from 1 to 1,000."),
        ("top every=½", "every= wants a whole number from 1 to 60."),
    ],
)
def test_mistakes_of_top_get_one_sentence(line: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        do(SmallServer(), line)
    assert str(caught.value) == sentence


def flows(server: SmallServer, line: str) -> tuple[Refreshing, list[str]]:
    """A table of what happened within two seconds, without its head."""
    result = do(server, line)
    assert isinstance(result, Refreshing)
    assert result.picture.look(*trio.run(result.traffic)) == []
    found = result.picture.look(*trio.run(result.traffic))
    return result, result.picture.text(found).split("\n")


def test_top_shows_what_happened_between_two_looks() -> None:
    _, table = flows(SmallServer(), "top")
    assert table[0] == "3 sessions, 14.0 lines/s from them, 15 B/s in, 1.5 KB/s out; by messages"
    assert table[1].split() == ["ID", "NAME", "FROM", "LINES/S", "IN/S", "OUT/S", "QUEUE", "LAG", "IDLE"]
    assert table[2].split() == ["12", "Zoë", "127.0.0.1", "6.0", "5", "B", "500", "B", "0", "2ms", "4s"]
    assert [line.split()[1] for line in table[2:]] == ["Zoë", "Bob", "Alice"]


def test_top_is_sorted_as_asked_and_as_long_as_asked() -> None:
    server = SmallServer()
    server.users = [replace(row, outbox_bytes=500 - row.id, parked=row.id == 9) for row in server.users]
    result, table = flows(server, "top sort=queue limit=2")
    assert [line.split()[1] for line in table[2:]] == ["Alice", "Bob"]
    assert "491 B  parked" in table[3]
    assert result.picture.text([], height=100).startswith("0 sessions")


def test_top_fits_the_window_unless_somebody_wants_more() -> None:
    for line, rows in (("top", 2), ("top limit=3", 3)):
        server = SmallServer()
        result = do(server, line)
        assert isinstance(result, Refreshing)
        result.picture.look(*trio.run(result.traffic))
        found = result.picture.look(*trio.run(result.traffic))
        assert len(result.picture.text(found, height=6).split("\n")) == 2 + rows


def test_who_came_between_two_looks_is_counted_from_nothing() -> None:
    server = SmallServer()
    result = do(server, "top")
    assert isinstance(result, Refreshing)
    newcomer, server.users = server.users[-1], server.users[:-1]
    result.picture.look(*trio.run(result.traffic))
    server.users.append(newcomer)
    found = result.picture.look(*trio.run(result.traffic))
    assert {flow.name: flow.messages_per_s for flow in found} == {"Alice": 3.5, "Bob": 4.5, "Zoë": 12.0}


def test_the_same_look_twice_is_the_same_picture() -> None:
    result = do(SmallServer(), "top")
    assert isinstance(result, Refreshing)
    result.picture.look(*trio.run(result.traffic))
    second = trio.run(result.traffic)
    assert result.picture.look(*second) == result.picture.look(*second) != []
