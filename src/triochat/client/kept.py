"""What the client keeps from one run to the next: drafts, who is ignored and what is muted, how the window looks.
Blocking.

It stands in one file for its owner only. Each client changes what concerns its server; of two on the same one, the
one that changes something last is heard.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from triochat.client import remembered
from triochat.client.keeping import OfServer
from triochat.client.settings import Theme, WindowSettings

MOST_SERVERS = 50


@dataclass(frozen=True, slots=True)
class Look:
    """How the person made the window look, and what the settings said then: what they say later counts more."""

    theme: Theme
    zoom: int
    theme_was: Theme
    zoom_was: int


@dataclass(frozen=True, slots=True)
class Kept:
    """All of it."""

    servers: dict[str, OfServer] = field(default_factory=dict)
    """By address; the last ones."""
    look: Look | None = None

    def of(self, place: str) -> OfServer:
        return self.servers.get(place, OfServer())

    def with_server(self, place: str, state: OfServer) -> "Kept":
        """*state* is what is kept of *place*; nothing at all takes no room."""
        others = {name: other for name, other in self.servers.items() if name != place}
        if state != OfServer():
            others[place] = state
        return replace(self, servers=dict(list(others.items())[-MOST_SERVERS:]))


def looking(settings: WindowSettings, look: Look | None) -> WindowSettings:
    """How the window is to look: as the person made it, unless the *settings* were changed since."""
    if look is None:
        return settings
    theme = look.theme if settings.theme == look.theme_was else settings.theme
    return replace(settings, theme=theme, zoom=look.zoom if settings.zoom == look.zoom_was else settings.zoom)


def default_path() -> Path:
    """The file of the person who runs this."""
    return remembered.default_path().with_name("kept.json")


def load(path: Path | None = None) -> Kept:
    """What was kept; nothing when there is no file, or when it makes no sense."""
    try:
        return msgspec.json.decode((path or default_path()).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return Kept()


def change(how: Callable[[Kept], Kept], path: Path | None = None) -> None:
    """Keep what *how* makes of what was kept. Raises OSError; ValueError when it cannot be written down."""
    path = path or default_path()
    remembered.write(path, msgspec.json.encode(how(load(path))))
