"""From what the command line and the settings say to a chat with its connection and its files."""

from pathlib import Path
from typing import NamedTuple

from triochat.client import kept
from triochat.client.chat import Chat
from triochat.client.dial import Dialler
from triochat.client.files import Keeper, Logbook
from triochat.client.keeping import recall, worth_keeping
from triochat.client.line import status
from triochat.client.options import Options
from triochat.client.settings import LogSettings
from triochat.trust import KnownServers


class Opened(NamedTuple):
    """What a view needs to begin."""

    chat: Chat
    dial: Dialler
    keeper: Keeper


def open_chat(options: Options, name: str) -> Opened:
    """A chat as *name*, not connected yet."""
    chat = Chat(name, options.room, options.password, options.settings)
    logbook = None
    if options.settings.log.enabled:
        logbook = Logbook(log_directory(options.settings.log) / str(options.address).replace(":", "_"))
        chat.model.logged = []
    place = str(options.address) if options.visit is not None else ""
    if place:
        recall(chat, kept.load().of(place))
    dial = Dialler(options.address, KnownServers(), lambda text: chat.show(status(text)), trusted=options.trusted)
    return Opened(chat, dial, Keeper(logbook, options.visit, place, worth_keeping(chat)))


def log_directory(settings: LogSettings) -> Path:
    """Where logs are written."""
    if settings.directory:
        return Path(settings.directory).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("triochat", appauthor=False)) / "logs"
