"""Small windows in front of the large one. They never run a loop of their own. Tk."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from triochat.window.styling import Styling

_WRAP = 440


class Dialog(tk.Toplevel):
    """A window in front of *parent*. Escape and its cross are `close`."""

    def __init__(self, parent: tk.Misc, styling: Styling, title: str) -> None:
        super().__init__(parent, background=styling.palette.side)
        self.withdraw()
        self.styling = styling
        self.title(title)
        self.transient(parent.winfo_toplevel())
        self.resizable(False, False)
        self.body = ttk.Frame(self, padding=styling.px(16))
        self.body.pack(fill="both", expand=True)
        self.bind("<Escape>", lambda _: self.close())
        self.protocol("WM_DELETE_WINDOW", self.close)

    def say(self, text: str, style: str = "TLabel", *, above: int = 0) -> ttk.Label:
        """Add a paragraph."""
        label = ttk.Label(self.body, text=text, style=style, wraplength=self.styling.px(_WRAP), justify="left")
        label.pack(anchor="w", fill="x", pady=(self.styling.px(above), 0))
        return label

    def quote(self, text: str) -> None:
        """Add a text that can be copied, such as a fingerprint."""
        half = len(text) // 2 + 1
        broken = f"{text[:half]}\n{text[half:]}" if len(text) > 60 else text
        field = tk.Text(
            self.body, height=broken.count("\n") + 1, width=max(map(len, broken.split("\n"))) + 1, borderwidth=0,
            font=self.styling.fixed, background=self.styling.palette.paper, foreground=self.styling.palette.text,
            highlightthickness=1, highlightbackground=self.styling.palette.line, padx=self.styling.px(6),
            pady=self.styling.px(4), highlightcolor=self.styling.palette.accent,
        )  # fmt: skip
        field.insert("1.0", broken)
        field.configure(state="disabled")
        field.pack(anchor="w", pady=(self.styling.px(4), 0))

    def buttons(self, *buttons: tuple[str, Callable[[], object], str]) -> list[ttk.Button]:
        """Add buttons from the right: text, what they do, style."""
        row = ttk.Frame(self.body)
        row.pack(side="bottom", fill="x", pady=(self.styling.px(16), 0))
        made = []
        for text, do, style in buttons:
            button = ttk.Button(row, text=text, command=do, style=style)
            button.bind("<Return>", lambda _, button=button: button.invoke() and None)  # type: ignore[misc]
            button.pack(side="right", padx=(self.styling.px(8), 0))
            made.append(button)
        return made

    def present(self, focus: tk.Misc) -> None:
        """Show it in the middle of its parent, and let nothing else be clicked."""
        self.update_idletasks()
        parent = self.master.winfo_toplevel()
        x = parent.winfo_rootx() + (parent.winfo_width() - self.winfo_reqwidth()) // 2
        y = parent.winfo_rooty() + (parent.winfo_height() - self.winfo_reqheight()) // 3
        self.geometry(f"+{max(0, x)}+{max(0, y)}")
        self.deiconify()
        self.wait_visibility_then(focus)

    def wait_visibility_then(self, focus: tk.Misc) -> None:
        def seen(_: object) -> None:
            self.unbind("<Map>")
            try:
                self.grab_set()
            except tk.TclError:
                pass  # another program holds the pointer
            focus.focus_force()

        if self.winfo_ismapped():
            seen(None)
        else:
            self.bind("<Map>", seen)

    def close(self) -> None:
        self.destroy()


class Question(Dialog):
    """Asks for one line."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        title: str,
        label: str,
        *,
        answer: Callable[[str], str | None],
        text: str = "",
        button: str = "OK",
    ) -> None:
        """*answer* takes what was entered, and returns a sentence when it will not do."""
        super().__init__(parent, styling, title)
        self._answer = answer
        self.say(label)
        self.entry = ttk.Entry(self.body, width=36, font=styling.normal)
        self.entry.insert(0, text)
        self.entry.pack(fill="x", pady=(styling.px(6), 0))
        self.error = self.say("", "Error.TLabel", above=4)
        self.entry.bind("<Return>", lambda _: self.accept())
        self.buttons((button, self.accept, "Main.TButton"), ("Cancel", self.close, "TButton"))
        self.present(self.entry)

    def accept(self) -> None:
        text = self.entry.get().strip()
        problem = self._answer(text) if text else "Nothing was entered."
        if problem:
            self.error.configure(text=problem)
        else:
            self.close()


class FirstVisit(Dialog):
    """Tells the fingerprint of a server that was never seen before."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        place: str,
        fingerprint: str,
        reason: str,
        leave: Callable[[], object],
    ) -> None:
        super().__init__(parent, styling, "A new server")
        self._leave = leave
        self.say(f"First visit to {place}", "Strong.TLabel")
        self.say(
            f"The connection is encrypted, but the server's certificate cannot be verified ({reason}). Compare its "
            "fingerprint with what the server printed when it was started, or ask its owner:",
            above=8,
        )
        self.quote(fingerprint)
        self.say("Unless you leave, it is remembered, and another one will be refused.", "Dim.TLabel", above=8)
        self.ok, _ = self.buttons(
            ("It is right", self.close, "Main.TButton"), ("Leave this server", self.go, "TButton")
        )
        self.present(self.ok)

    def go(self) -> None:
        self.close()
        self._leave()


class ChangedCertificate(Dialog):
    """A server shows another certificate than before: nothing goes on without the person's word."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        place: str,
        known: str,
        since: str,
        shown: str,
        accept: Callable[[], object],
    ) -> None:
        """*known* is the fingerprint before, or empty when the certificate could be verified then."""
        super().__init__(parent, styling, "Not the server of before?")
        self._accept = accept
        self.say(f"The certificate of {place} has changed", "Strong.TLabel")
        self.say(
            "Either the server has a new one, or somebody is in between and could read everything. Nothing was sent.",
            above=8,
        )
        self.say(f"Since {since} it was:" if known else f"On {since} it could be verified.", "Dim.TLabel", above=8)
        if known:
            self.quote(known)
        self.say("Now it is:", "Dim.TLabel", above=8)
        self.quote(shown)
        self.confirmed = tk.BooleanVar(self, False)
        self.box = ttk.Checkbutton(
            self.body, variable=self.confirmed, command=self._draw,
            text="The server's owner confirmed this new fingerprint.",
        )  # fmt: skip
        self.box.pack(anchor="w", pady=(styling.px(12), 0))
        cancel, self.trust = self.buttons(
            ("Do not connect", self.close, "TButton"), ("Trust the new one", self.go, "TButton")
        )
        self._draw()
        self.present(cancel)

    def _draw(self) -> None:
        self.trust.state(["!disabled"] if self.confirmed.get() else ["disabled"])

    def go(self) -> None:
        if self.confirmed.get():
            self.close()
            self._accept()


class Table(Dialog):
    """Rows of two columns, such as keys and what they do."""

    def __init__(
        self, parent: tk.Misc, styling: Styling, title: str, parts: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    ) -> None:
        super().__init__(parent, styling, title)
        self.resizable(True, True)
        p, px = styling.palette, styling.px
        text = tk.Text(
            self.body, wrap="word", width=70, height=18, borderwidth=0, highlightthickness=1, font=styling.normal,
            background=p.paper, foreground=p.text, highlightbackground=p.line, highlightcolor=p.accent, padx=px(10),
            pady=px(8), cursor="arrow", tabs=(px(190),), spacing1=px(1),
        )  # fmt: skip
        bar = ttk.Scrollbar(self.body, command=text.yview)
        text.configure(yscrollcommand=bar.set)
        text.tag_configure("row", lmargin2=px(190))
        text.tag_configure("key", font=styling.bold)
        text.tag_configure("head", font=styling.bold, foreground=p.accent, spacing1=px(10), spacing3=px(4))
        for heading, rows in parts:
            text.insert("end", f"{heading}\n", ("head",))
            for first, second in rows:
                text.insert("end", first, ("row", "key"), f"\t{second}\n", ("row",))
        text.configure(state="disabled")
        (close,) = self.buttons(("Close", self.close, "Main.TButton"))
        bar.pack(side="right", fill="y")
        text.pack(side="left", fill="both", expand=True)
        self.present(close)
