"""The bar at the bottom: where the connection stands. Tk."""

import tkinter as tk
from tkinter import ttk

from triochat.client.model import Link, Model
from triochat.window.styling import Styling


class StatusBar(ttk.Frame):
    """One row."""

    def __init__(self, parent: tk.Misc, styling: Styling) -> None:
        super().__init__(parent, padding=(styling.px(10), styling.px(3)))
        self._dot = ttk.Label(self, text="●")
        self._state = ttk.Label(self, style="Small.TLabel")
        self._right = ttk.Label(self, style="Small.TLabel")
        self._dot.pack(side="left")
        self._right.pack(side="right")
        self._state.pack(side="left", padx=(styling.px(6), 0))
        self._drawn: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What stands there."""
        return " ".join(self._drawn[1:])

    def show(self, model: Model, place: str) -> None:
        """Draw it, if it changed."""
        wanted = (_style(model), connection(model, place), person(model))
        if wanted != self._drawn:
            self._drawn = wanted
            self._dot.configure(style=wanted[0])
            self._state.configure(text=wanted[1])
            self._right.configure(text=wanted[2])


def _style(model: Model) -> str:
    styles = {Link.ONLINE: "Good.TLabel", Link.CONNECTING: "Warning.TLabel", Link.WAITING: "Error.TLabel"}
    return styles[model.link]


def connection(model: Model, place: str) -> str:
    """Where the connection stands, in words."""
    match model.link:
        case Link.CONNECTING:
            return f"connecting to {place} …"
        case Link.WAITING:
            return f"not connected to {place}, trying again in {model.retry_in} s"
    lag = f", lag {model.lag * 1000:.0f} ms" if model.lag is not None else ""
    return f"connected to {place}{lag}"


def person(model: Model) -> str:
    """Who we are there."""
    account = " (logged in)" if model.account else ""
    away = ", away" if model.away is not None else ""
    return f"{model.me}{account}{away}"
