"""What happens when. A round is one life of the server: traffic, mischief, SIGKILL.

Moments are counted in answers that the senders got since the life began, and all of them follow from the seed.
"""

import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

import trio

from torture.check import Evidence, Line, life_in, life_of, verdict
from torture.client import Client, Lives, Person
from torture.distant import Distant
from torture.world import DEADLINE, Disk, ServerFault, World, read_log

T = TypeVar("T")

STOP_READING, READ_ON = "client stops reading", "client reads on"
STOP_PROCESS, GO_ON = "client process stopped (SIGSTOP)", "client process continued"
HANG_UP, RESET = "connection closed right behind a line", "connection reset right behind a line"
FILL, FREE = "disk full", "disk free again"
KILL, FALSE_START = "SIGKILL in traffic", "SIGKILL while starting"
_DEEDS = (KILL, FALSE_START, HANG_UP, RESET, STOP_READING, STOP_PROCESS, FILL)
_ENDS = {STOP_READING: READ_ON, STOP_PROCESS: GO_ON, FILL: FREE}
_CATCHING_UP = 120.0
"""Seconds in which everybody must have seen everything, in the end."""


class Deed(NamedTuple):
    """Something that happens after *at* answers, to client number *who*, for so many answers."""

    at: int
    what: str
    who: int = 0
    answers: int = 0
    share: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What happens in one round."""

    deeds: tuple[Deed, ...]
    kill_at: int
    kill_delay: float
    """Seconds between that answer and the kill, so that it strikes anywhere between two commits."""
    false_starts: tuple[float, ...]
    """After the kill: starts that are killed, each after so many seconds."""


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    senders: int = 20
    listeners: int = 3
    distant: int = 2
    lines: int = 5000
    """The most answers between start and kill."""
    window: int = 8
    """Unanswered lines of one sender."""


def plans(seed: int, rounds: int, size: Size) -> Iterator[Plan]:
    """So many rounds, as the dice fall."""
    for number in range(1, rounds + 1):
        yield _plan(seed, number, size)


def _plan(seed: int, number: int, size: Size) -> Plan:
    dice = random.Random(f"{seed} {number}")
    kill_at = dice.randint(1, size.lines)
    deeds: list[Deed] = []

    def moment() -> int:
        return dice.randrange(kill_at)

    for who in dice.sample(range(size.senders + size.listeners), dice.randint(0, max(1, size.senders // 5))):
        deeds.append(Deed(moment(), STOP_READING, who, dice.randint(1, size.lines)))
    for who in range(size.distant):
        if dice.random() < 0.3:
            deeds.append(Deed(moment(), STOP_PROCESS, who, dice.randint(1, size.lines)))
    for who in dice.sample(range(size.senders), dice.randint(0, max(1, size.senders // 5))):
        deeds.append(Deed(moment(), dice.choice((HANG_UP, RESET)), who))
    if dice.random() < 0.25:
        deeds.append(Deed(moment(), FILL, 0, dice.randint(1, size.lines), dice.random()))
    false_starts = (dice.uniform(0, 0.8),) if dice.random() < 0.1 else ()
    return Plan(tuple(sorted(deeds)), kill_at, dice.uniform(0, 0.02), false_starts)


@dataclass
class Report:
    """What came of it."""

    seed: int
    findings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_DEEDS, 0)))
    seconds: float = 0.0

    def __str__(self) -> str:
        rows = [f"{name:50} {number:>12,}" for name, number in self.counts.items()]
        wrong = [f"seed {self.seed}: {finding}" for finding in self.findings]
        return "\n".join((*rows, f"{'seconds':50} {self.seconds:12,.1f}", *wrong))


class Torture:
    """One run: a world, its clients, and what is done to them."""

    def __init__(self, seed: int, plans: Iterable[Plan], size: Size, disk: Disk, directory: Path) -> None:
        """*plans* are the rounds. *directory* is for what the run itself writes; the data lie on *disk*."""
        self._plans, self._disk = plans, disk
        self._lives = Lives()
        self._world = World(disk, self._lives, directory / "stderr")
        self._senders = [
            Person(f"s{i:02}", labels=i % 2 == 1, window=size.window, seed=str(seed)) for i in range(size.senders)
        ]
        self._conductor = Person("conductor")
        listeners = [Person(f"l{i:02}") for i in range(size.listeners)]
        self._people = [*self._senders, *listeners, self._conductor]
        self._clients = [Client(person, narrow=i % 2 == 0) for i, person in enumerate(self._people)]
        self._distant = [Distant(f"d{i:02}", directory) for i in range(size.distant)]
        known: dict[Line, Line] = {}
        self._ending = {person.name for person in self._people}
        self._ended = trio.Event()
        for person in self._people:
            person.known = known
            person.on_answer = self._answered
            person.on_end = lambda name=person.name: self._has_seen_all(name)  # type: ignore[misc]
        self._answers = 0
        self._awaited = 0
        self._reached = trio.Event()
        self._to_undo: list[Deed] = []
        self._last_kill = 0  # after how many answers the last life ended
        self._transcripts: dict[str, list[Line]] = {}  # of distant clients
        self._checked = 0  # lines of each transcript that were compared
        self._checked_life = 0
        self._report = Report(seed)

    async def run(self) -> Report:
        """All rounds, and the verdict."""
        started = time.monotonic()
        report = self._report
        try:
            async with trio.open_nursery() as nursery:
                for distant in self._distant:
                    await distant.start()
                for client in self._clients:
                    nursery.start_soon(client.run, self._lives)
                await self._play()
                nursery.cancel_scope.cancel()
            if not report.findings:
                await self._world.stop()
            await self._judge()
        finally:
            await self._world.abandon()
            for distant in self._distant:
                await distant.end()
        report.seconds = time.monotonic() - started
        return report

    async def _play(self) -> None:
        """The rounds, until something is found, and the time in which everybody reads to the end."""
        for number, plan in enumerate(self._plans, 1):
            try:
                await self._round(plan)
            except trio.TooSlowError:
                self._report.findings.append(f"round {number}: nothing goes on after {self._answers} answers")
                return
            except ServerFault as fault:
                self._report.findings.append(f"round {number}: {fault}")
                return
            self._compare(number)
            if self._report.findings:
                return
        for deed in self._to_undo:
            self._undo(deed)
        for person in self._senders:
            person.window = 0
        self._conductor.last_words = True
        await self._start()
        with trio.move_on_after(_CATCHING_UP):
            await self._ended.wait()
            for distant in self._distant:
                self._transcripts[distant.name] = await distant.transcript()
            return
        late = sorted(self._ending) or "distant ones"
        self._report.findings.append(f"after the last round these have not seen all: {late}")

    async def _round(self, plan: Plan) -> None:
        self._answers = 0
        undo = [deed._replace(at=max(0, deed.at - self._last_kill)) for deed in self._to_undo]
        self._to_undo = []
        agenda = sorted([*plan.deeds, *undo])
        await self._start()
        while agenda and agenda[0].at < plan.kill_at:
            deed = agenda.pop(0)
            await self._reach(deed.at)
            if deed.what in _ENDS.values():
                self._undo(deed)
            elif self._do(deed):
                self._report.counts[deed.what] += 1
                if deed.what in _ENDS:
                    agenda.append(deed._replace(at=deed.at + deed.answers, what=_ENDS[deed.what]))
                    agenda.sort()
        await self._reach(plan.kill_at)
        await trio.sleep(plan.kill_delay)  # not to wait for anything: it is the moment
        self._to_undo, self._last_kill = [deed for deed in agenda if deed.what != FREE], plan.kill_at
        await self._world.kill()
        self._report.counts[KILL] += 1
        for seconds in plan.false_starts:
            await self._world.start_falsely(seconds)
            self._report.counts[FALSE_START] += 1

    async def _start(self) -> None:
        await self._world.start()
        for distant in self._distant:
            await distant.tell(self._lives.port)

    def _do(self, deed: Deed) -> bool:
        """True when it could be done."""
        if deed.what == STOP_PROCESS:
            self._distant[deed.who].stop()
        elif deed.what == FILL:
            self._world.fill(deed.share)
        elif deed.what == STOP_READING:
            self._clients[deed.who].stop_reading()
        else:
            return self._clients[deed.who].cut(reset=deed.what == RESET)
        return True

    def _undo(self, deed: Deed) -> None:
        if deed.what == GO_ON:
            self._distant[deed.who].go_on()
        elif deed.what == FREE:
            self._world.free()
        else:
            self._clients[deed.who].read_on()

    # -- moments --

    def _answered(self) -> None:
        self._answers += 1
        if self._answers >= self._awaited:
            self._reached.set()

    async def _reach(self, answers: int) -> None:
        """Wait until the senders got so many answers in this life."""
        self._awaited = answers
        self._reached = trio.Event()
        if self._answers < answers:
            with trio.fail_after(DEADLINE):
                await self._reached.wait()

    def _has_seen_all(self, name: str) -> None:
        self._ending.discard(name)
        if not self._ending:
            self._ended.set()

    # -- verdicts --

    def _compare(self, number: int) -> None:
        """Judge the lives that everybody has seen to their end, one person's transcript standing for the log."""
        transcripts = {person.name: person.transcript for person in self._people}
        newest = min(life_of(lines[-1]) if lines else 0 for lines in transcripts.values())
        if newest <= self._checked_life + 1:
            return
        start = end = self._checked
        reference = self._senders[0].transcript
        while life_of(reference[end]) < newest:
            end += 1
        part = Evidence(
            reference[start:end],
            {name: lines[start:end] for name, lines in transcripts.items()},
            [line for p in self._senders for line in _since(p.acknowledged, life_of, self._checked_life, newest)],
            [text for p in self._senders for text in _since(p.refused, life_in, self._checked_life, newest)],
        )
        self._report.findings += [
            f"round {number}, beside what {self._senders[0].name} saw: {finding}" for finding in verdict(part)
        ]
        self._complain()
        self._checked, self._checked_life = end, newest - 1

    def _complain(self) -> None:
        self._report.findings += [complaint for person in self._people for complaint in person.complaints]
        self._report.findings += [f"on stderr: {line}" for line in self._world.faults()]

    async def _judge(self) -> None:
        """Hold everything against the log itself."""
        if self._report.findings:
            await self._world.abandon()
        try:
            log = read_log(self._disk.path)
        except ServerFault as fault:
            self._report.findings.append(str(fault))
            return
        evidence = Evidence(
            log,
            {**{person.name: person.transcript for person in self._people}, **self._transcripts},
            [line for person in self._people for line in person.acknowledged],
            [text for person in self._people for text in person.refused],
        )
        self._count(evidence)
        if self._report.findings:  # nobody could read to the end: what was seen is held against the log's beginning
            for name, seen in evidence.transcripts.items():
                self._report.findings += verdict(Evidence(log[: len(seen)], {name: seen}))
            evidence.transcripts = {}
        else:
            self._complain()
        self._report.findings += verdict(evidence)

    def _count(self, evidence: Evidence) -> None:
        stored = {line.text for line in evidence.log}
        unsure = [text for person in self._people for text in person.unsure]
        counts = self._report.counts
        counts["connections"] = sum(person.connections for person in self._people)
        counts["lines in the log"] = len(evidence.log)
        counts["acknowledged"] = len(evidence.acknowledged)
        counts["refused, as they could not be stored"] = len(evidence.refused)
        counts["without an answer that names them"] = len(unsure)
        counts["  of these in the log"] = sum(text in stored for text in unsure)
        counts["transcripts"] = len(evidence.transcripts)
        counts["lines in all transcripts"] = sum(map(len, evidence.transcripts.values()))
        counts["  of these by CHATHISTORY"] = sum(person.from_history for person in self._people)


def _since(said: Sequence[T], life: Callable[[T], int], after: int, before: int) -> Sequence[T]:
    """The part of *said* that belongs to the lives between two others."""
    return said[bisect_right(said, after, key=life) : bisect_left(said, before, key=life)]
