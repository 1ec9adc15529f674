"""A short run against a real server, and the judge's and the clients' own rules."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from torture.check import Evidence, Line, verdict
from torture.client import PAGE, Conversation, Person
from torture.rounds import FILL, KILL, Deed, Plan, Report, Size, Torture, plans
from torture.world import Disk, LimitedFiles, NoDisk, SmallDisk

SMALL = Size(senders=6, listeners=2, distant=1, lines=300)


def line(number: int, text: str, nick: str = "s00_1") -> Line:
    return Line(f"m{number}", nick, text)


A1, A2, A3 = line(1, "1 s00 1 1"), line(2, "1 s00 1 2"), line(3, "1 s00 1 3")
B1 = line(4, "1 s01 1 1", "s01_1")
NEXT = line(5, "2 s00 2 1", "s00_2")
LOG = [A1, A2, B1, A3, NEXT]


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (Evidence(LOG, {"ann": LOG, "bob": list(LOG)}, [A2, B1], ["1 s01 1 2"]), []),
        (Evidence([A1], {}, [A1, A2]), ["1 acknowledged, but not in the log:\n    m2 s00_1: 1 s00 1 2"]),
        (Evidence([A1, A1]), ["doubled in the log", "behind later lines"]),
        (Evidence([A1, A1._replace(msgid="m9")]), ["doubled in the log", "behind later lines"]),
        (Evidence([A1, A2._replace(msgid="m1")]), ["one msgid in the log stands for different lines"]),
        (Evidence([A1, B1], {}, (), [B1.text]), ["refused, but in the log:\n    m4 s01_1: 1 s01 1 1"]),
        (Evidence([A2, A1]), ["behind later lines of the same connection:\n    m1 "]),
        (Evidence([NEXT, A1]), ["behind lines of a later life"]),
        (Evidence([A1, line(5, "1 s00 2 1"), A2], {}, [A1]), []),  # A2 was still on its way when s00 came back
        (Evidence([line(5, "1 s00 2 1"), A1], {}, [A1]), ["behind lines of the sender's next connection"]),
        (
            Evidence([A1], {"ann": [A1, A2]}),
            ["seen by ann, but not in the log:\n    m2 ", "leaves the log at line 1"],
        ),
        (Evidence([A1, A2], {"ann": [A1]}), ["never seen by ann:\n    m2 ", "leaves the log at line 1"]),
        (Evidence([A1, A2], {"ann": [A1, A2, A2]}), ["doubled for ann:\n    m2 ", "leaves the log at line 2"]),
        (Evidence([A1, B1], {"ann": [B1, A1]}), ["what ann saw leaves the log at line 0"]),
        (Evidence([A1], {"ann": [A1._replace(text="1 s00 1 1 y")]}), ["not in the log", "never seen", "leaves"]),
    ],
)
def test_the_judge_finds_what_is_wrong_and_nothing_else(evidence: Evidence, found: list[str]) -> None:
    findings = verdict(evidence)
    assert len(findings) == len(found), findings
    assert all(part in finding for part, finding in zip(found, findings, strict=True))


def heard(conversation: Conversation, *lines: str) -> str:
    """What the client says to these lines."""
    conversation.out.clear()
    for said in lines:
        conversation.hear(said.encode())
    return conversation.out.decode()


def said(line: Line, tags: str = "") -> str:
    return f"@msgid={line.msgid}{tags} :{line.nick}!u@h PRIVMSG #lobby :{line.text}"


def batch(*lines: Line) -> list[str]:
    return [":irc BATCH +h chathistory #lobby", *(said(one, ";batch=h") for one in lines), ":irc BATCH -h"]


def test_a_client_that_comes_back_reads_on_and_has_each_line_once() -> None:
    person = Person("ann")
    person.transcript = [A1]
    conversation = Conversation(person, 2)
    assert heard(conversation, ":ann_1!u@h JOIN #lobby") == f"CHATHISTORY AFTER #lobby msgid=m1 {PAGE}\r\n"
    heard(conversation, said(A3), said(NEXT), *batch(A2, B1, A3))
    assert person.transcript == LOG
    heard(conversation, said(NEXT))
    assert person.transcript == [*LOG, NEXT], "what the server says twice is seen twice"


def test_a_full_page_of_history_is_not_the_last() -> None:
    person = Person("ann")
    conversation = Conversation(person, 1)
    page = [line(number, f"1 s00 1 {number}") for number in range(PAGE)]
    assert "timestamp=1970" in heard(conversation, ":ann_1!u@h JOIN #lobby")
    assert f" msgid=m{PAGE - 1} " in heard(conversation, *batch(*page))
    assert not conversation.caught_up
    assert heard(conversation, *batch()) == ""
    assert conversation.caught_up


def test_answers_are_told_from_refusals_by_their_labels() -> None:
    person = Person("s00", labels=True)
    conversation = Conversation(person, 1)
    heard(conversation, ":s00_1!u@h JOIN #lobby", *batch())
    conversation.say("")
    conversation.say("")
    conversation.say("")
    heard(conversation, "@label=2 :irc FAIL PRIVMSG MESSAGE_NOT_STORED :no", said(A1, ";label=1"))
    conversation.broken()
    assert (person.acknowledged, person.refused, person.unsure) == ([A1], [A2.text], [A3.text])
    assert person.complaints == []
    heard(conversation, said(A3, ";label=3"), ":irc 404 s00_1 #lobby :no")
    assert len(person.complaints) == 2


def test_what_happens_follows_from_the_seed() -> None:
    assert list(plans(1, 5, SMALL)) == list(plans(1, 5, SMALL))
    assert len({plan for seed in range(4) for plan in plans(seed, 5, SMALL)}) == 20


@contextmanager
def data_on(tmp_path: Path, kind: Callable[[Path], Disk]) -> Iterator[Disk]:
    data = tmp_path / "data"
    data.mkdir()
    try:
        disk = kind(data)
    except NoDisk as error:
        pytest.skip(str(error))
    try:
        yield disk
    finally:
        disk.close()


async def torture(tmp_path: Path, disk: Disk, rounds: Sequence[Plan]) -> Report:
    report = await Torture(1, rounds, SMALL, disk, tmp_path).run()
    assert not report.findings, str(report)
    assert report.counts[KILL] == len(rounds)
    assert report.counts["acknowledged"] > 0
    return report


async def test_killed_again_and_again_the_server_keeps_its_promises(tmp_path: Path) -> None:
    with data_on(tmp_path, LimitedFiles) as disk:
        await torture(tmp_path, disk, list(plans(1, 4, SMALL)))


FULL_FOR_A_WHILE = Plan((Deed(50, FILL, 0, 200, 0.5),), 400, 0.0, ())
FULL_WHEN_KILLED = Plan((Deed(50, FILL, 0, 10_000, 1.0),), 400, 0.0, (0.2,))


@pytest.mark.parametrize("kind", [LimitedFiles, SmallDisk])
async def test_a_full_disk_is_told_and_nothing_is_forgotten(tmp_path: Path, kind: Callable[[Path], Disk]) -> None:
    with data_on(tmp_path, kind) as disk:
        report = await torture(tmp_path, disk, [FULL_FOR_A_WHILE, FULL_WHEN_KILLED])
    assert report.counts["refused, as they could not be stored"] > 0
