"""The table of keys as prompt_toolkit's bindings."""

from collections.abc import Callable

from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from triochat.terminal.deeds import WHEEL_ROWS, Deeds
from triochat.terminal.keytable import ROOM_KEYS, Action, sequence


def bindings(deeds: Deeds, line_is_empty: Callable[[], bool]) -> KeyBindings:
    """Everything that a key does beyond prompt_toolkit's own editing of a line."""
    keys = KeyBindings()
    for action, named in deeds.keys.items():
        for key in named:
            keys.add(*sequence(key))(_doing(deeds, deeds.actions[action]))
    for index, key in enumerate(ROOM_KEYS):
        keys.add(*sequence(key))(_going(deeds, index))
    keys.add("?", filter=Condition(line_is_empty))(_doing(deeds, deeds.help))
    keys.add("<sigint>")(_doing(deeds, deeds.actions[Action.CLEAR]))
    keys.add(Keys.ScrollUp)(_doing(deeds, lambda: deeds.wheel(WHEEL_ROWS)))
    keys.add(Keys.ScrollDown)(_doing(deeds, lambda: deeds.wheel(-WHEEL_ROWS)))
    return keys


def _doing(deeds: Deeds, what: Callable[[], None]) -> Callable[[KeyPressEvent], None]:
    def handler(event: KeyPressEvent) -> None:
        deeds.notice = ""
        what()

    return handler


def _going(deeds: Deeds, index: int) -> Callable[[KeyPressEvent], None]:
    return _doing(deeds, lambda: deeds.go_to_room(index))
