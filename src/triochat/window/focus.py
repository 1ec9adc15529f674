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
