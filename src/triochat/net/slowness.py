"""Notes which commands took long. Pure."""

from triochat.commands.server import Server
from triochat.commands.table import COMMANDS
from triochat.domain.user import Session


def note_slow(server: Server, session: Session, kind: str, line: bytes, took: float) -> None:
    """*line* of *session* took so many seconds: of the loop (*kind* `command`), or of its sender alone (`wait`)."""
    who = session.user.nick if session.user is not None else session.address
    server.tally.slow.note(kind, f"{_verb(line)} of {who} #{session.id}", took)


def _verb(line: bytes) -> str:
    """The command's name. What stands behind it may be a secret, and so may what is no command."""
    words = line[:600].split(b" ", 2)
    word = words[1] if len(words) > 1 and words[0][:1] in b"@:" else words[0]
    verb = word.removeprefix(b"/").decode("ascii", "replace").upper()
    return verb if verb in COMMANDS else "a line"
