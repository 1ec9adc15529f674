"""What of a chat is worth keeping for the next one on the same server. Pure."""

from dataclasses import dataclass, field
from itertools import islice

from triochat.client.chat import Chat
from triochat.client.slash import is_secret

MOST_DRAFTS = 100
LONGEST_DRAFT = 64 * 1024


@dataclass(frozen=True, slots=True)
class OfServer:
    """What concerns one server."""

    drafts: dict[str, str] = field(default_factory=dict)
    """What was typed and not sent, by the folded name of the conversation."""
    ignored: tuple[str, ...] = ()
    """Whom the person hid by a command, not by the settings; folded names."""
    muted: tuple[str, ...] = ()
    """The same of conversations that are to call nobody."""


def recall(chat: Chat, kept: OfServer) -> None:
    """Let *chat*, which has not begun, go on with what was *kept*."""
    chat.model.drafts.update(kept.drafts)
    chat.model.ignored.update(kept.ignored)
    chat.model.muted.update(kept.muted)


def worth_keeping(chat: Chat) -> OfServer:
    """What to keep of *chat*, as text that can be written. Passwords are not among it."""
    model, settings = chat.model, chat.settings.notifications
    drafts = {
        name: _writable(text)
        for name, text in model.drafts.items()
        if text.strip() and len(text) <= LONGEST_DRAFT and not is_secret(text, name)
    }
    newest = dict(islice(drafts.items(), max(0, len(drafts) - MOST_DRAFTS), None))
    ignored = model.ignored - set(map(model.fold, settings.ignored))
    muted = model.muted - set(map(model.fold, settings.muted))
    return OfServer(newest, tuple(sorted(ignored)), tuple(sorted(muted)))


def _writable(text: str) -> str:
    """A terminal may hand on bytes that are not UTF-8, as halves of characters that no file takes."""
    return text.encode("utf-8", "replace").decode()
