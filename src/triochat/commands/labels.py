"""Answers to labelled commands (https://ircv3.net/specs/extensions/labeled-response).

All that a labelled command makes the server say to its sender, the echoes of what it caused included, becomes one
answer: the line itself, a batch of several lines, or ACK when there is nothing to say.
"""

from triochat.domain.audience import Sink
from triochat.domain.entry import Submission
from triochat.fanout.render import encode_always
from triochat.proto.message import format_tags, parse

LONGEST_LABEL = 64
"""Characters of a label; the specification lets servers ignore longer ones."""


class Labelled:
    """What one labelled command has submitted so far. Held back until the command is done, so that its answer can
    travel with it; handlers do not wait between two submissions, so nobody else's come between."""

    def __init__(self, label: str) -> None:
        self.tag = format_tags({"label": label})
        self.submissions: list[Submission] = []

    def take(self, submission: Submission, sink: Sink, lines: list[str]) -> None:
        """Hold *submission*; what its origin would have seen of it goes to *lines*."""
        if submission.origin is sink:
            if submission.echo and submission.entry is not None:
                lines += encode_always(submission.entry, sink.flavour).decode().split("\r\n")[:-1]
                submission.echo = False
            if submission.after:
                lines += submission.after.decode().split("\r\n")[:-1]
                submission.after = b""
        self.submissions.append(submission)

    def answer(self, lines: list[str], server: str, reference: str) -> list[str]:
        """*lines* with the label; *reference* names a batch if one is needed, and is "" for who can read none."""
        if not lines:
            return [f"@{self.tag} :{server} ACK"]
        if len(lines) == 1 or not reference or _is_one_batch(lines):
            return [tagged(lines[0], self.tag), *lines[1:]]
        return [
            f"@{self.tag} :{server} BATCH +{reference} labeled-response",
            *(line if _in_batch(line) else tagged(line, f"batch={reference}") for line in lines),
            f":{server} BATCH -{reference}",
        ]


def tagged(line: str, tag: str) -> str:
    """*line* with one more tag."""
    return f"@{tag};{line[1:]}" if line[:1] == "@" else f"@{tag} {line}"


def tagged_bytes(lines: bytes, tag: str) -> bytes:
    """The same for one line as bytes; b"" stays as it is."""
    return tagged(lines.decode(), tag).encode() if lines else b""


def _in_batch(line: str) -> bool:
    return line[:1] == "@" and any(tag.startswith("batch=") for tag in line[1:].partition(" ")[0].split(";"))


def _is_one_batch(lines: list[str]) -> bool:
    """True when the lines are a batch already, from its start to its end."""
    first, last = parse(lines[0]), parse(lines[-1])
    return (
        first.command == last.command == "BATCH"
        and not _in_batch(lines[0])
        and first.params[0] == f"+{last.params[0][1:]}"
        and all(_in_batch(line) for line in lines[1:-1])
    )
