"""The verdict: what was promised to people, held against what the log keeps. Pure.

Every line that is said tells where it comes from: which life of the server (the time between two kills), who said it,
on which of its connections, and its number there. So each line is unique, and its place can be judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_MOST_SHOWN = 5
"""Offending lines that one finding shows."""
_AROUND = 2
"""Lines shown before and after the place where a transcript leaves the log."""


class Line(NamedTuple):
    """A message as it was seen, or is kept."""

    msgid: str
    nick: str
    text: str


class Origin(NamedTuple):
    """Where a line comes from."""

    life: int
    sender: str
    connection: int
    number: int

    def text(self, padding: str = "") -> str:
        """What is said."""
        return f"{self.life} {self.sender} {self.connection} {self.number} {padding}".rstrip()


def origin_of(text: str) -> Origin:
    """Where the line *text* comes from."""
    life, sender, connection, number, *_ = text.split(" ", 4)
    return Origin(int(life), sender, int(connection), int(number))


def life_in(text: str) -> int:
    """In which life of the server *text* was said."""
    return int(text.partition(" ")[0])


def life_of(line: Line) -> int:
    """The same for a line."""
    return life_in(line.text)


@dataclass
class Evidence:
    """What is known when all is over."""

    log: Sequence[Line]
    """The room's messages in the order of the log."""
    transcripts: dict[str, Sequence[Line]] = field(default_factory=dict)
    """What each person has seen of them, in the order of seeing."""
    acknowledged: Sequence[Line] = ()
    """Lines whose senders saw them come back."""
    refused: Sequence[str] = ()
    """Texts of which the senders were told that they are not stored."""


def verdict(evidence: Evidence) -> list[str]:
    """All that is wrong, a sentence and the offending lines each; nothing when all promises were kept."""
    findings = [
        *_doubled("in the log", evidence.log),
        *_acknowledged(evidence),
        *_refused(evidence),
        *_misplaced(evidence),
    ]
    for name, transcript in evidence.transcripts.items():
        findings += _doubled(f"for {name}", transcript)
        findings += _different(name, transcript, evidence.log)
    return findings


def _doubled(where: str, lines: Sequence[Line]) -> Iterator[str]:
    """A line that is there twice, under one msgid or under two."""
    texts: set[str] = set()
    twice = []
    for line in lines:
        if line.text in texts:
            twice.append(line)
        texts.add(line.text)
    if len({line.msgid for line in lines}) < len(lines) - len(twice):
        yield f"one msgid {where} stands for different lines"
    if twice:
        yield _finding(f"doubled {where}", twice)


def _acknowledged(evidence: Evidence) -> Iterator[str]:
    stored = set(evidence.log)
    if lost := [line for line in evidence.acknowledged if line not in stored]:
        yield _finding("acknowledged, but not in the log", lost)


def _refused(evidence: Evidence) -> Iterator[str]:
    refused = set(evidence.refused)
    if kept := [line for line in evidence.log if line.text in refused]:
        yield _finding("refused, but in the log", kept)


def _misplaced(evidence: Evidence) -> Iterator[str]:
    """Lines that stand behind later ones. Between two connections of one sender there is an order only for what came
    back on the first one before the second one began."""
    acknowledged = {line.text for line in evidence.acknowledged}
    newest: dict[tuple[str, int], int] = {}
    connection: dict[str, int] = {}
    life = 0
    early, behind, overtaken = [], [], []
    for line in evidence.log:
        origin = origin_of(line.text)
        if origin.life < life:
            early.append(line)
        life = max(life, origin.life)
        key = (origin.sender, origin.connection)
        if origin.number <= newest.get(key, 0):
            behind.append(line)
        newest[key] = origin.number
        if origin.connection < connection.get(origin.sender, 0) and line.text in acknowledged:
            overtaken.append(line)
        connection[origin.sender] = max(origin.connection, connection.get(origin.sender, 0))
    if early:
        yield _finding("in the log behind lines of a later life of the server", early)
    if behind:
        yield _finding("in the log behind later lines of the same connection", behind)
    if overtaken:
        yield _finding("acknowledged, but in the log behind lines of the sender's next connection", overtaken)


def _different(name: str, transcript: Sequence[Line], log: Sequence[Line]) -> Iterator[str]:
    """The first place at which what *name* saw is not what the log has."""
    if list(transcript) == list(log):
        return
    stored = set(log)
    if strange := [line for line in transcript if line not in stored]:
        yield _finding(f"seen by {name}, but not in the log", strange)
    seen = set(transcript)
    if missed := [line for line in log if line not in seen]:
        yield _finding(f"in the log, but never seen by {name}", missed)
    place = next(
        (i for i, (one, other) in enumerate(zip(transcript, log, strict=False)) if one != other),
        min(len(transcript), len(log)),
    )
    start, end = max(0, place - _AROUND), place + _AROUND + 1
    yield "\n".join(
        (
            f"what {name} saw leaves the log at line {place}:",
            *(f"    log   {_shown(line)}" for line in log[start:end]),
            *(f"    seen  {_shown(line)}" for line in transcript[start:end]),
        )
    )


def _finding(what: str, lines: Sequence[Line]) -> str:
    shown = [f"    {_shown(line)}" for line in lines[:_MOST_SHOWN]]
    if len(lines) > _MOST_SHOWN:
        shown.append("    …")
    return "\n".join((f"{len(lines)} {what}:", *shown))


def _shown(line: Line) -> str:
    return f"{line.msgid} {line.nick}: {line.text[:60]}"
