"""Where to go, and as whom: what the window shows while there is no chat. Tk."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from triochat.window.focus import give_focus
from triochat.window.styling import Styling
from triochat.window.wanting import HERE, Field, Wanted

_TLS = {"Encrypt, except on this machine": None, "Always encrypt": True, "Never encrypt": False}


class Form(ttk.Frame):
    """Fields, a sentence below them, and a button. While connecting, the fields rest."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        servers: Sequence[str],
        *,
        connect: Callable[[Wanted], object],
        stop: Callable[[], object],
    ) -> None:
        """*servers* are addresses to choose from, *connect* and *stop* what the button does."""
        super().__init__(parent)
        self._styling = styling
        self._connect = connect
        self._stop = stop
        self._connecting = False
        self._trusted = ("", "")
        px = styling.px
        box = ttk.Frame(self, padding=px(24))
        box.place(relx=0.5, rely=0.45, anchor="center")
        ttk.Label(box, text="triochat", style="Title.TLabel").grid(row=0, column=0, columnspan=2, sticky="w")
        ttk.Label(box, text="Which chat, and who are you?", style="Dim.TLabel").grid(
            row=1, column=0, columnspan=2, sticky="w", pady=(px(2), px(16))
        )
        self.address = ttk.Combobox(box, values=list(servers), width=34, font=styling.normal)
        self.name = ttk.Entry(box, font=styling.normal)
        self.room = ttk.Entry(box, font=styling.normal)
        self.password = ttk.Entry(box, show="•", font=styling.normal)
        self.tls = ttk.Combobox(box, values=list(_TLS), state="readonly", font=styling.normal)
        rows = (
            ("Server", self.address),
            ("Name", self.name),
            ("Room (optional)", self.room),
            ("Password (optional)", self.password),
        )
        for number, (label, widget) in enumerate((*rows, ("Encryption", self.tls)), 2):
            ttk.Label(box, text=label).grid(row=number, column=0, sticky="e", padx=(0, px(12)), pady=px(4))
            widget.grid(row=number, column=1, sticky="we", pady=px(4))
            widget.bind("<Return>", lambda _: self.press())
        self.said = ttk.Label(box, wraplength=px(480), justify="left")
        self.said.grid(row=8, column=0, columnspan=2, sticky="we", pady=(px(12), 0))
        self.button = ttk.Button(box, text="Connect", style="Main.TButton", command=self.press)
        self.button.grid(row=9, column=1, sticky="e", pady=(px(16), 0))
        self.button.bind("<Return>", lambda _: self.press())
        box.columnconfigure(1, weight=1)
        self.bind("<Escape>", lambda _: self._escape())
        for other in (self.address, self.name, self.room, self.password, self.tls, self.button):
            other.bind("<Escape>", lambda _: self._escape())

    @property
    def _fields(self) -> dict[Field, ttk.Entry]:
        return {"address": self.address, "name": self.name, "room": self.room, "password": self.password}

    def fill(self, wanted: Wanted) -> None:
        """Let the fields say *wanted*."""
        texts: dict[Field, str] = {
            "address": wanted.address or HERE,
            "name": wanted.name,
            "room": wanted.room,
            "password": wanted.password,
        }
        self._rest(False)
        for field, text in texts.items():
            self._fields[field].delete(0, "end")
            self._fields[field].insert(0, text)
        self.tls.set(next(text for text, tls in _TLS.items() if tls is wanted.tls))
        self._trusted = (self.address.get(), wanted.trusted)

    def ask(self, sentence: str = "", field: Field = "") -> None:
        """Let the person fill it in. *sentence* says what was wrong, in *field*."""
        self._connecting = False
        self._rest(False)
        self.button.configure(text="Connect", style="Main.TButton")
        self.said.configure(text=sentence, style="Error.TLabel")
        entry = self._fields.get(field) or (self.address if self.name.get() else self.name)
        give_focus(entry)
        entry.selection_range(0, "end")

    def connecting(self, sentence: str, *, trouble: bool = False) -> None:
        """Say how far it is."""
        if not self._connecting:
            self._connecting = True
            self._rest(True)
            self.button.configure(text="Stop", style="TButton")
            give_focus(self.button)
        self.said.configure(text=sentence, style="Error.TLabel" if trouble else "Dim.TLabel")

    def wanted(self) -> Wanted:
        """What the fields say."""
        address, trusted = self._trusted
        return Wanted(
            self.address.get().strip(), self.name.get().strip(), self.room.get().strip(), self.password.get(),
            _TLS.get(self.tls.get()), trusted if self.address.get() == address else "",
        )  # fmt: skip

    def press(self) -> str:
        """The button."""
        if self._connecting:
            self._stop()
        else:
            self._connect(self.wanted())
        return "break"

    def _escape(self) -> None:
        if self._connecting:
            self._stop()

    def _rest(self, rest: bool) -> None:
        for widget in (*self._fields.values(), self.tls):
            widget.state(["disabled"] if rest else ["!disabled"])
