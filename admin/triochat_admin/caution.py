"""Think first: what every command that changes something has in common. No IO."""

from collections.abc import Callable, Iterable, Sequence

from triochat.operations import SessionRow
from triochat_admin.grammar import Answer, Call, Later, Question
from triochat_admin.text import visible

ASK_ABOVE = 3
"""What hits more sessions than this wants a `yes`."""
NAMED = 20
"""Names that are told one by one."""

Done = Answer | Question | Later


def carefully(
    call: Call,
    preview: str,
    go: Callable[[], Answer | Later],
    *,
    hit: Iterable[str] = (),
    ask: bool = False,
    **more: object,
) -> Done:
    """Do it; but with --dry-run only say what would be done (*preview*, a sentence, safe to print), and when one
    should *ask*, do it after a yes, or with --yes. *hit* and *more* are for programs."""
    if "--dry-run" in call.options:
        return Answer(f"{preview} Nothing done.", {"count": 0, "hit": tuple(hit), **more}, 0)
    if ask and "--yes" not in call.options:
        return Question(preview, go)
    return go()


def listed(names: Sequence[str]) -> str:
    """The names, or so many of them and how many more there are; safe to print."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return visible(", ".join(names[:NAMED])) + more


def called(rows: Iterable[SessionRow], *, addresses: bool = False) -> list[str]:
    """Each session by name and number: `Bob #9`, or `Bob #9 (10.0.0.5)`."""
    return [f"{row.name} #{row.id}" + (f" ({row.address})" if addresses else "") for row in rows]
