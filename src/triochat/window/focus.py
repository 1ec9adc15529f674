"""Which widget gets the keys. Tk."""

import tkinter as tk


def has_focus(root: tk.Tk) -> bool:
    """Whether keys come to one of our windows, or to a menu of theirs."""
    return bool(str(root.tk.call("focus", "-displayof", root)))


def focused(root: tk.Misc) -> tk.Misc | None:
    """The widget that gets the keys. Menus, and the lists of comboboxes, tkinter does not know: None for them."""
    try:
        return root.focus_get()
    except KeyError:
        return None


def give_focus(widget: tk.Misc) -> None:
    """Let *widget* get the keys: now, or, when there is a dialog in front, as soon as that is closed."""
    dialog = _in_front(widget)
    if dialog is None or str(widget).startswith(f"{dialog}."):
        widget.focus_set()
    else:
        dialog.bind("<Destroy>", lambda event: _closed(event, dialog, widget), add="+")


def _in_front(widget: tk.Misc) -> tk.Misc | None:
    name = str(widget.tk.call("grab", "current", widget))
    try:
        return widget.nametowidget(name) if name else None
    except KeyError:  # a menu
        return None


def _closed(event: "tk.Event[tk.Misc]", dialog: tk.Misc, widget: tk.Misc) -> None:
    if event.widget is dialog and widget.winfo_exists():
        widget.focus_set()
