"""From what the command line says to a window."""

import sys
import tkinter as tk
from contextlib import suppress
from dataclasses import replace

from triochat.client import kept
from triochat.client.collecting import leave_histories_alone
from triochat.client.settings import Settings
from triochat.errors import Failure
from triochat.window import guest
from triochat.window.colouring import BadColour
from triochat.window.styling import sharp_on_windows
from triochat.window.wanting import Wanted
from triochat.window.window import Window


def run(wanted: Wanted, settings: Settings, *, at_once: bool) -> int:
    """Show the window until it is closed; returns the exit status or raises Failure."""
    sharp_on_windows()
    try:
        root = tk.Tk(className="Triochat")
    except tk.TclError as error:
        raise Failure(f"There is no display for a window ({error}); use triochat connect.") from None
    looking = kept.looking(settings.window, kept.load().look)
    try:
        window = Window(root, replace(settings, window=looking))
        styling = window.styling
        before = styling.theme, styling.zoom
        leave_histories_alone()
        guest.run(root, lambda: window.run(wanted, at_once=at_once))
    except BadColour as error:
        raise Failure(f"The client's settings, [colours]: {error}; 'ansired' and '#88aaff' are such.") from None
    finally:
        root.destroy()
    if (styling.theme, styling.zoom) != before:
        look = kept.Look(styling.theme, styling.zoom, settings.window.theme, settings.window.zoom)
        with suppress(OSError):  # a convenience
            kept.change(lambda all: replace(all, look=look))
    for words in window.last_words:
        print(words, file=sys.stderr)
    return 0
