"""The menus, and the keys of the whole window. Tk."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from typing import get_args

from triochat.client.settings import Theme
from triochat.window.deeds import MAC, Deeds
from triochat.window.focus import focused
from triochat.window.keytable import TABLE, event, label_of
from triochat.window.styling import Styling

KEYS_TAG = "triochatKeys"
"""A widget with this among its bindtags gives our keys the first say."""

_Entry = tuple[str, str | Callable[[], object]] | None
_THEMES: dict[Theme, str] = {"system": "As the system", "light": "Light", "dark": "Dark"}


def build(root: tk.Tk, deeds: Deeds) -> tk.Menu:
    """The menu bar."""
    bar = tk.Menu(root, tearoff=False)
    _add(bar, deeds, "Chat", (
        ("Join a room …", "join"), ("List of rooms", deeds.rooms), ("Write to one person …", "write_to"), None,
        ("Change your name …", deeds.rename), ("Away, or back", deeds.away), None,
        ("Save what is here …", deeds.export), ("Mute, or not", deeds.mute),
        ("Leave the room, close the conversation", "close_conversation"), None,
        ("Another server …", deeds.elsewhere), ("Quit", "quit"),
    ))  # fmt: skip
    _add(bar, deeds, "Edit", (
        ("Cut", partial(_to_focused, root, "<<Cut>>")), ("Copy", partial(_to_focused, root, "<<Copy>>")),
        ("Paste", partial(_to_focused, root, "<<Paste>>")),
        ("Select all", partial(_to_focused, root, "<<SelectAll>>")), None, ("Search …", "search"),
    ))  # fmt: skip
    view = _add(bar, deeds, "View", (
        ("People", "people"), None, ("Larger", "larger"), ("Smaller", "smaller"), ("Normal size", "normal_size"),
        None,
    ))  # fmt: skip
    chosen = deeds.chosen_theme
    for theme in get_args(Theme):
        view.add_radiobutton(
            label=_THEMES[theme], value=theme, variable=chosen, command=partial(deeds.theme, theme)
        )  # fmt: skip
    _add(bar, deeds, "Go", (
        ("To …", "jump"), ("Next with news", "next_active"), ("Conversation before", "conversation_before"),
        ("Conversation after", "conversation_after"), None, ("First unread line", "first_unread"),
        ("Newest line", "newest"),
    ))  # fmt: skip
    _add(bar, deeds, "Help", (("Keys and commands", "help"),))
    return bar


def paint(menu: tk.Menu, styling: Styling) -> None:
    """Have *menu* and all below it in the present colours."""
    p = styling.palette
    menu.configure(
        background=p.side, foreground=p.text, activebackground=p.chosen, activeforeground=p.text,
        disabledforeground=p.dim, selectcolor=p.text, relief="flat", borderwidth=1, activeborderwidth=0,
        font="triochatNormal",
    )  # fmt: skip
    for child in menu.winfo_children():
        if isinstance(child, tk.Menu):
            paint(child, styling)


def bind(root: tk.Tk, deeds: Deeds) -> None:
    """Let the keys of the table, and Alt-1 to Alt-9, do what they should."""
    for entry in TABLE:
        for key in entry.keys:
            _bind(root, event(key, mac=MAC), getattr(deeds, entry.action))
    for number in range(1, 10):
        _bind(root, event(f"Alt-Key-{number}", mac=MAC), partial(deeds.number, number))
    for widget in (deeds.page.writing.text, deeds.page.messages.text, deeds.page.finder.entry):
        widget.bindtags((KEYS_TAG, *widget.bindtags()))
    # In the field of the finder these keys have other uses.
    deeds.page.finder.entry.bindtags(tuple(tag for tag in deeds.page.finder.entry.bindtags() if tag != KEYS_TAG))


def unbind(root: tk.Tk) -> None:
    """The chat is over."""
    for sequence in root.bind_class(KEYS_TAG) or ():
        root.unbind_class(KEYS_TAG, sequence)
        root.unbind(sequence)


def _bind(root: tk.Tk, sequence: str, do: Callable[[], object]) -> None:
    def pressed(_: object) -> str:
        do()
        return "break"

    root.bind_class(KEYS_TAG, sequence, pressed)
    root.bind(sequence, pressed)


def _add(bar: tk.Menu, deeds: Deeds, title: str, entries: tuple[_Entry, ...]) -> tk.Menu:
    menu = tk.Menu(bar, tearoff=False)
    for entry in entries:
        if entry is None:
            menu.add_separator()
            continue
        label, do = entry
        if isinstance(do, str):
            menu.add_command(label=label, command=getattr(deeds, do), accelerator=label_of(do, mac=MAC))
        else:
            menu.add_command(label=label, command=do)
    bar.add_cascade(label=title, menu=menu)
    return menu


def _to_focused(root: tk.Tk, event: str) -> None:
    widget = focused(root)
    if widget is not None:
        widget.event_generate(event)
