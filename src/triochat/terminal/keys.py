"""What keys do. prompt_toolkit; everything else about editing is prompt_toolkit's own."""

from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from triochat.client.slash import is_secret


def bindings(
    enter: Callable[[str], bool],
    interrupt: Callable[[], None],
    leave: Callable[[], None],
    suspend: Callable[[], None],
    to: Callable[[], str],
) -> KeyBindings:
    """Keys that give a typed text to *enter* (which says False to leave it where it is) and that end the chat.

    *interrupt* is called for Ctrl-C on an empty line, *suspend* for Ctrl-Z. *to* says to whom
    one writes.
    """
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @Condition
    def empty() -> bool:
        return not get_app().current_buffer.text

    @keys.add("enter", filter=typing)
    def _enter(event: KeyPressEvent) -> None:
        # The prompt goes on living: no line is left behind on the screen, and no key is lost in between.
        buffer = event.current_buffer
        secret = is_secret(buffer.text, to())  # asked before, as the text may lead elsewhere
        if enter(buffer.text):
            buffer.reset(append_to_history=bool(buffer.text.strip()) and not secret)

    @keys.add("c-c", filter=typing)
    @keys.add("<sigint>", eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            interrupt()

    @keys.add("c-d", filter=typing & empty)
    def _leave(event: KeyPressEvent) -> None:
        leave()

    @keys.add("c-z", filter=typing)
    def _suspend(event: KeyPressEvent) -> None:
        suspend()

    return keys
