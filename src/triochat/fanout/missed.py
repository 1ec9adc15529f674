"""What a session that did not keep up is sent of a log that it reads later: as it would have been sent then. Pure."""

from collections.abc import Sequence

from triochat.domain.entry import LINES, Entry
from triochat.domain.user import Session
from triochat.fanout.render import LINE, encode, encode_moved
from triochat.proto.caps import Cap


def missed(entries: Sequence[Entry], session: Session | None, flavour: int, formerly: str) -> bytes:
    """Those of *entries* that *session*, of this *flavour*, would have been sent. *formerly* is the mask of its user
    when it began to miss them; None = the session has ended meanwhile."""
    own = (mask_of(session), formerly)
    return b"".join([_encode(entry, session, flavour) for entry in entries if _wants(entry, session, flavour, own)])


def mask_of(session: Session | None) -> str:
    """The mask of the session's user, "" when there is none."""
    user = session.user if session is not None else None
    return user.source if user is not None else ""


def _encode(entry: Entry, session: Session | None, flavour: int) -> bytes:
    if entry.command == "RENAME" and not flavour & Cap.CHANNEL_RENAME and session is not None:
        return encode_moved(entry, flavour, session.user) if session.user is not None else b""
    return encode(entry, flavour)


def _wants(entry: Entry, session: Session | None, flavour: int, own: Sequence[str]) -> bool:
    """Own lines, and those that one relayed, come back only to those who asked for their echo."""
    if entry.command not in LINES:
        return True
    if entry.source not in own and not _relayed(entry, session):
        return True
    return session is not None and bool(session.caps & Cap.ECHO_MESSAGE) and flavour != LINE


def _relayed(entry: Entry, session: Session | None) -> bool:
    user = session.user if session is not None else None
    return user is not None and entry.relayed_by == user.nick
