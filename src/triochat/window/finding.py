"""A field above the messages with rows to choose from: for searching, and for going somewhere. Tk."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk

from triochat.window.styling import Styling

_MOST_ROWS = 8
_MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """*text* is shown, *take* is called when it is chosen."""

    text: str
    take: Callable[[], object]


class Finder(ttk.Frame):
    """Hidden until `open`; Escape hides it again."""

    def __init__(self, parent: tk.Misc, styling: Styling, *, closed: Callable[[], object]) -> None:
        super().__init__(parent, padding=styling.px(8))
        self._styling = styling
        self._closed = closed
        self._typed: Callable[[str], object] | None = None
        self._entered: Callable[[str], object] | None = None
        self._choices: list[Choice] = []
        self.label = ttk.Label(self, style="Dim.TLabel")
        self._text = tk.StringVar(self)
        self.entry = ttk.Entry(self, font=styling.normal, textvariable=self._text)
        self.close_button = ttk.Button(self, text="Close", command=self.close)
        self.tree = ttk.Treeview(self, show="tree", selectmode="browse", height=1, style="Paper.Treeview")
        self.label.grid(row=0, column=0, sticky="w", padx=(0, styling.px(8)))
        self.entry.grid(row=0, column=1, sticky="we")
        self.close_button.grid(row=0, column=2, padx=(styling.px(8), 0))
        self.columnconfigure(1, weight=1)
        self._text.trace_add("write", lambda *_: self._changed())
        self.entry.bind("<Return>", lambda _: self._return())
        self.entry.bind("<Down>", lambda _: self._step(1))
        self.entry.bind("<Up>", lambda _: self._step(-1))
        self.tree.bind("<Return>", lambda _: self._take())
        self.tree.bind("<Double-Button-1>", lambda _: self._take())
        self.tree.bind("<ButtonRelease-1>", lambda _: self._take())
        for widget in (self.entry, self.tree, self.close_button):
            widget.bind("<Escape>", self._pressed_escape)
        self._last = ""

    @property
    def is_open(self) -> bool:
        return bool(self.winfo_manager())

    def open(
        self,
        label: str,
        *,
        typed: Callable[[str], object] | None = None,
        entered: Callable[[str], object] | None = None,
    ) -> None:
        """Ask for something. *typed* hears of each change of the text, *entered* gets it when Return is pressed."""
        self._typed, self._entered = typed, entered
        self.label.configure(text=label)
        self.entry.delete(0, "end")
        self._last = ""
        self.offer([])
        self.grid(row=0, column=0, sticky="we")
        self.entry.focus_set()
        if typed is not None:
            typed("")

    def close(self) -> None:
        if self.is_open:
            self.grid_remove()
            self._closed()

    def offer(self, choices: Sequence[Choice], otherwise: str = "") -> None:
        """Have these to choose from; *otherwise* is said when there are none."""
        self._choices = list(choices)[:_MOST_CHOICES]
        self.tree.delete(*self.tree.get_children())
        for number, choice in enumerate(self._choices):
            self.tree.insert("", "end", iid=str(number), text=choice.text.replace("\n", " "))
        if not self._choices and otherwise:
            self.tree.insert("", "end", iid="none", text=otherwise)
        rows = self.tree.get_children()
        if not rows:
            self.tree.grid_remove()
            return
        self.tree.configure(height=min(_MOST_ROWS, len(rows)))
        self.tree.grid(row=1, column=0, columnspan=3, sticky="we", pady=(self._styling.px(6), 0))
        self.tree.selection_set(rows[0])
        self.tree.focus(rows[0])

    def _pressed_escape(self, _: object) -> str:
        self.close()
        return "break"

    def _changed(self) -> None:
        text = self._text.get()
        if text != self._last:
            self._last = text
            if self._typed is not None:
                self._typed(text)
            elif self._choices:
                self.offer([])  # they answer another question

    def _return(self) -> str:
        if self._choices:
            self._take()
        elif self._entered is not None and self.entry.get().strip():
            self._entered(self.entry.get().strip())
        return "break"

    def _step(self, by: int) -> str:
        rows = self.tree.get_children()
        selected = self.tree.selection()
        if rows and selected:
            place = max(0, min(len(rows) - 1, rows.index(selected[0]) + by))
            self.tree.selection_set(rows[place])
            self.tree.focus(rows[place])
            self.tree.see(rows[place])
        return "break"

    def _take(self) -> str:
        selected = self.tree.selection()
        if selected and selected[0] != "none":
            choice = self._choices[int(selected[0])]
            self.close()
            choice.take()
        return "break"
