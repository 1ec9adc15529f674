"""The field where one types: it grows with the text, completes words and remembers what was sent. Tk."""

import sys
import tkinter as tk
from collections import deque
from collections.abc import Callable
from tkinter import ttk

from triochat.client.slash import is_secret, secret_from
from triochat.window.focus import give_focus
from triochat.window.styling import Styling

_MOST_ROWS = 8
_REMEMBERED = 200
_MOD = "Command" if sys.platform == "darwin" else "Control"


class Writing(ttk.Frame):
    """A text of one or more rows. Return sends, Shift-Return begins a new row."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        *,
        send: Callable[[str], bool],
        typed: Callable[[str], object],
        complete: Callable[[str], tuple[str, list[str]]],
        to: Callable[[], str],
    ) -> None:
        """*send* takes the text and says False to leave it there; *typed* hears of each change; *complete* gets the
        text before the cursor and returns the word at its end with what it may become; *to* says to whom one
        writes."""
        super().__init__(parent, style="Paper.TFrame")
        self._styling = styling
        self._send = send
        self._typed = typed
        self._complete = complete
        self._to = to
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)
        self._back = 0  # how far back in what was sent; 0 = a new text
        self._draft = ""
        self._choices: list[str] = []
        self._choice = 0
        self._completed = ("", "")  # index of the word's beginning, and what stands there now
        self.text = tk.Text(
            self, height=1, width=20, wrap="word", undo=True, maxundo=500, borderwidth=0, highlightthickness=1,
            exportselection=True,
        )  # fmt: skip
        self.text.pack(fill="both", expand=True)
        self._bind()
        styling.when_changed(self._draw_style)

    def destroy(self) -> None:
        self._styling.forget(self._draw_style)
        super().destroy()

    # -- the text

    def get(self) -> str:
        return self.text.get("1.0", "end-1c")

    def put(self, text: str) -> None:
        """Let *text* stand there, with the cursor behind it."""
        self.text.delete("1.0", "end")
        self.text.insert("1.0", text)
        self.text.mark_set("insert", "end-1c")
        self.text.see("insert")

    def take_up(self, text: str) -> None:
        """Go on with another text, of which nothing is to be undone."""
        self._back = 0
        self._draft = ""
        self._choices = []
        self.put(text)
        self.text.edit_reset()

    def insert(self, text: str) -> None:
        """Write *text* where the cursor is."""
        if self.text.tag_ranges("sel"):
            self.text.delete("sel.first", "sel.last")
        self.text.insert("insert", text)
        self.text.see("insert")

    def focus(self) -> None:
        give_focus(self.text)

    # -- keys

    def _bind(self) -> None:
        text = self.text
        text.bind("<Return>", self._pressed_return)
        text.bind("<KP_Enter>", self._pressed_return)
        for event in ("<Shift-Return>", "<Alt-Return>", "<Control-Return>"):
            text.bind(event, self._pressed_new_row)
        text.bind("<Tab>", self._pressed_tab)
        text.bind("<Shift-Tab>", lambda _: self._leave(text.tk_focusPrev()))
        if sys.platform.startswith(("linux", "freebsd")):
            text.bind("<ISO_Left_Tab>", lambda _: self._leave(text.tk_focusPrev()))
        text.bind("<Up>", lambda _: self._go_back(1))
        text.bind("<Down>", lambda _: self._go_back(-1))
        text.bind(f"<{_MOD}-a>", self._select_all)
        text.bind("<<Paste>>", self._paste)
        text.bind("<<Modified>>", lambda _: self._changed())
        text.bind("<Configure>", lambda _: self._fit(), add="+")

    def _pressed_return(self, _: object) -> str:
        text, to = self.get(), self._to()
        if text.strip() and self._send(text):
            if not is_secret(text, to) and (not self._sent or self._sent[-1] != text):
                self._sent.append(text)
            self.take_up("")  # a password must not come back by undoing
        return "break"

    def _pressed_new_row(self, _: object) -> str:
        self.insert("\n")
        return "break"

    def _pressed_tab(self, _: object) -> str:
        start, put = self._completed
        if self._choices and put and self.text.get(start, "insert") == put:
            self._choice = (self._choice + 1) % len(self._choices)
        else:
            word, self._choices = self._complete(self.text.get("insert linestart", "insert"))
            self._choice = 0
            if not self._choices:
                return "break" if self.get() else self._leave(self.text.tk_focusNext())
            start, put = self.text.index(f"insert-{len(word)}c"), word
        choice = self._choices[self._choice]
        self.text.delete(start, "insert")
        self.text.insert(start, choice)
        self._completed = (start, choice)
        return "break"

    def _leave(self, other: tk.Misc | None) -> str:
        if other is not None:
            other.focus_set()
        return "break"

    def _go_back(self, by: int) -> str | None:
        """To what was sent before, from the first row; and from the last one forth."""
        edge = "1.0" if by > 0 else "end-1c"
        if self.text.count("insert", edge, "displaylines") not in (None, (0,), 0):
            return None
        back = self._back + by
        if not 0 <= back <= len(self._sent):
            return None
        if self._back == 0:
            self._draft = self.get()
        self._back = back
        self.put(self._sent[-back] if back else self._draft)
        return "break"

    def _select_all(self, _: object) -> str:
        self.text.tag_add("sel", "1.0", "end-1c")
        return "break"

    def _paste(self, _: object) -> str:
        """What is pasted takes the place of what is selected, on all systems, and keeps its rows."""
        try:
            pasted = self.text.clipboard_get()
        except tk.TclError:
            return "break"  # nothing to paste
        self.insert(pasted.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n"))
        return "break"

    # -- drawing

    def _changed(self) -> None:
        if not self.text.edit_modified():
            return
        self.text.edit_modified(False)
        text = self.get()
        self.text.tag_remove("secret", "1.0", "end")
        if (hidden := secret_from(text, self._to())) is not None:
            self.text.tag_add("secret", f"1.0+{hidden}c", "end")
        self._fit()
        self._typed(text)

    def _fit(self) -> None:
        rows = self.text.count("1.0", "end", "displaylines", "update")
        number = rows[0] if isinstance(rows, tuple) else rows
        height = max(1, min(_MOST_ROWS, int(number or 1)))
        if int(self.text.cget("height")) != height:
            self.text.configure(height=height)
            self.text.see("insert")

    def _draw_style(self) -> None:
        p, px, s = self._styling.palette, self._styling.px, self._styling
        self.text.configure(
            background=p.paper, foreground=p.text, insertbackground=p.text, selectbackground=p.chosen,
            selectforeground=p.text, highlightbackground=p.line, highlightcolor=p.accent, font=s.normal,
            padx=px(8), pady=px(6), insertwidth=px(2),
        )  # fmt: skip
        self.text.tag_configure(
            "secret", foreground=p.line, background=p.line, selectforeground=p.chosen, selectbackground=p.chosen
        )
