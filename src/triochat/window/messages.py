"""The messages of a conversation: a Text widget with a bounded piece of them. Tk."""

import sys
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from triochat.client.conversation import Conversation
from triochat.client.line import Line
from triochat.window.blocks import url
from triochat.window.colouring import TAGS
from triochat.window.feed import Change, Feed
from triochat.window.styling import Styling, fitting

_NEAR_THE_EDGE = 40  # lines
_WHEEL = ("<MouseWheel>",) if sys.platform in ("win32", "darwin") else ("<Button-4>", "<Button-5>")
_TIME = "00:00"
_NAME = "MMMMMMM"
_NAMES_MEASURED = 2000


class Messages(ttk.Frame):
    """What stands there follows the model at each `update_from`; scrolling is its own."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        *,
        open_link: Callable[[str], object],
        popup: Callable[["tk.Event[tk.Misc]", Line | None, str], object],
        scrolled: Callable[[], object],
    ) -> None:
        """*open_link* is called with the address of a link that was clicked, *popup* for a click of the other button
        with the line and the link under it, *scrolled* when the place changed."""
        super().__init__(parent, style="Paper.TFrame")
        self._styling = styling
        self._open_link = open_link
        self._popup = popup
        self._scrolled = scrolled
        self.feed = Feed(lambda name: styling.palette.of_name(name), self._fitting)
        self._follows = True
        self._fitted: dict[str, str] = {}
        self.text = tk.Text(
            self, wrap="word", state="disabled", borderwidth=0, highlightthickness=0, cursor="arrow", undo=False,
            takefocus=True, exportselection=True, insertwidth=0, width=20, height=5,
        )  # fmt: skip
        self.bar = ttk.Scrollbar(self, command=self._dragged)
        self.text.configure(yscrollcommand=lambda *_: self._draw_bar())
        self.newer = ttk.Button(self, style="Main.TButton", takefocus=False, command=self.to_newest)
        self.text.grid(row=0, column=0, sticky="nswe")
        self.bar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self._bind()
        styling.when_changed(self._draw_style)

    def destroy(self) -> None:
        self._styling.forget(self._draw_style)
        super().destroy()

    # -- queries

    @property
    def at_newest(self) -> bool:
        """The newest line is seen, and what comes will be."""
        return self._follows

    @property
    def wants_earlier(self) -> bool:
        """The person is about to see the oldest line that is known, or does."""
        return self.feed.start == 0 and (self._top_place() or 0) < _NEAR_THE_EDGE

    @property
    def below(self) -> int:
        """How many lines there are below what is seen."""
        conversation = self.feed.conversation
        if self._follows or conversation is None:
            return 0
        place = self.feed.place_of(self._row_at(f"@0,{self.text.winfo_height()}"))
        return len(conversation.lines) - self.feed.start - 1 - place if place is not None else 0

    # -- drawing

    def update_from(self, conversation: Conversation | None) -> None:
        """Show what is new in *conversation*, which may be another one than before."""
        if conversation is not self.feed.conversation:
            self._follows = True
        place = None if self._follows else self._place()
        changes = self.feed.update(conversation, follow=self._follows)
        if changes:
            self._apply(changes)
            if self._follows:
                self.text.yview_moveto(1.0)
            elif place is not None:
                self._return_to(*place)
                self._reach_out()  # earlier lines may have come
        self._draw_newer()

    def _apply(self, changes: list[Change]) -> None:
        text = self.text
        text.configure(state="normal")
        for change in changes:
            start = f"{change.at + 1}.0"
            if change.gone:
                text.delete(start, f"{change.at + change.gone + 1}.0")
            if change.spans:
                parts = [part for span in change.spans for part in span]
                text.tk.call(text, "insert", start, *parts)
        text.configure(state="disabled")

    def _place(self) -> tuple[int, int, int, int] | None:
        """What stands at the top: the line's id, rows from there to its end, the column, and the pixels above."""
        row, column = map(int, self.text.index("@0,0").split("."))
        line = self.feed.line_at(row - 1)
        if line is None:
            return None
        last = self.feed.row_of(line.id, last=True) or 0
        info = self.text.dlineinfo("@0,0")
        return line.id, last - (row - 1), column, info[1] if info is not None else 0

    def _return_to(self, id: int, rows: int, column: int, above: int) -> None:
        last = self.feed.row_of(id, last=True)
        if last is not None:
            self.text.yview(f"{last - rows + 1}.{column}")
            if above < 0:
                self.text.yview_scroll(-above, "pixels")

    def _fitting(self, name: str) -> str:
        """As much of *name* as its column has room for."""
        if name not in self._fitted:
            if len(self._fitted) > _NAMES_MEASURED:
                self._fitted.clear()
            bold = self._styling.bold
            dashes = bold.measure("--")  # of a notice
            self._fitted[name] = fitting(name[: len(_NAME) * 3], bold.measure(_NAME) - dashes, bold)
        return self._fitted[name]

    def _draw_newer(self) -> None:
        below = self.below
        if self._follows or not below:
            self.newer.place_forget()
            return
        self.newer.configure(text=f"↓ {below:,} below")
        self.newer.place(relx=1.0, rely=1.0, x=-self._styling.px(24), y=-self._styling.px(8), anchor="se")

    def _draw_bar(self) -> None:
        """The bar stands for the whole conversation, not only for the piece in the widget."""
        conversation = self.feed.conversation
        total = len(conversation.lines) if conversation is not None else 0
        if not total:
            self.bar.set(0, 1)
            return
        first, last = self._top_place(), self.feed.place_of(self._row_at(f"@0,{self.text.winfo_height()}"))
        top = self.feed.start + (first or 0)
        bottom = self.feed.start + (last + 1 if last is not None else self.feed.size)
        self.bar.set(top / total, 1.0 if self._follows else bottom / total)

    def _draw_style(self) -> None:
        p, px, text, s = self._styling.palette, self._styling.px, self.text, self._styling
        time_end = px(10) + s.small.measure(_TIME)
        name_end = time_end + px(10) + s.bold.measure(_NAME)
        begin = name_end + px(10)
        text.configure(
            background=p.paper, foreground=p.text, font=s.normal, selectbackground=p.chosen, selectforeground=p.text,
            inactiveselectbackground=p.chosen, spacing1=px(2), spacing3=px(2), padx=0, pady=px(6),
            tabs=(name_end, "right", begin, "left"),
        )  # fmt: skip
        tag = text.tag_configure
        tag("first", lmargin1=px(10), lmargin2=begin, rmargin=px(12))
        tag("more", lmargin1=begin, lmargin2=begin, rmargin=px(12))
        for number, colour in enumerate(p.names):
            tag(f"name{number}", foreground=colour)
        tag("name", font=s.bold)
        tag("time", font=s.small, foreground=p.dim)
        for name in ("event", "status", "dim"):
            tag(name, foreground=p.dim)
        tag("status", foreground=p.text)
        tag("redacted", foreground=p.dim, font=s.italic)
        tag("columns", font=s.fixed)
        tag("error", foreground=p.error)
        tag("welcome", font=s.bold)
        tag("mention", background=p.mention, lmargincolor=p.mention, rmargincolor=p.mention)
        tag("found", background=p.chosen, lmargincolor=p.chosen, rmargincolor=p.chosen)
        tag("link", foreground=p.accent, underline=True)
        tag("pending", foreground=p.dim)
        tag("unsent", foreground=p.error)
        tag("rule", justify="center", foreground=p.dim, font=s.small, spacing1=px(10), spacing3=px(6))
        tag("here", justify="center", foreground=p.error, font=s.small, spacing1=px(6), spacing3=px(6))
        tag("sel", background=p.chosen, foreground=p.text)
        for part, name in TAGS.items():
            options = s.of_part(part)
            if "background" in options and part in ("mention", "found"):  # all of the row
                options["lmargincolor"] = options["rmargincolor"] = options["background"]
            tag(name, **options)
        for name in ("mentionname", "link", "pending", "unsent", "sel"):
            text.tag_raise(name)
        if self._follows:
            text.after_idle(self._keep_newest)

    # -- moving

    def to_newest(self) -> None:
        self.feed.to_newest()
        self._follows = True
        self.update_from(self.feed.conversation)
        self.text.yview_moveto(1.0)
        self._scrolled()

    def page(self, pages: int) -> None:
        """Down by so many pages, or up by minus so many."""
        self.text.yview_scroll(pages, "pages")
        self._moved()

    def go_to(self, id: int) -> bool:
        """Show the line *id* and make it stand out; False when it is not there any more."""
        conversation = self.feed.conversation
        index = conversation.lines.index_of(id) if conversation is not None else None
        if index is None:
            return False
        self.feed.found = id
        self._show_index(index, id)
        return True

    def _show_index(self, index: int, id: int) -> None:
        self._follows = False
        self.feed.go_to(index)
        for change in (self.feed.update(self.feed.conversation, follow=False),):
            self._apply(change)
        row = self.feed.row_of(id)
        if row is not None:
            self.text.yview(f"{max(1, row - 2)}.0")
        self._moved()

    def _dragged(self, what: str, amount: str, unit: str = "") -> None:
        """The scroll bar was used."""
        conversation = self.feed.conversation
        if conversation is None or not len(conversation.lines):
            return
        if what != "moveto":
            self.text.yview_scroll(int(amount), "pages" if unit == "pages" else "units")
            self._moved()
            return
        total = len(conversation.lines)
        index = max(0, min(total - 1, int(float(amount) * total)))
        place = index - self.feed.start
        if 0 <= place < self.feed.size:
            row = self.feed.row_of(conversation.lines[index].id)
            self.text.yview(f"{(row or 0) + 1}.0")
            self._moved()
        else:
            self._show_index(index, conversation.lines[index].id)

    def _moved(self) -> None:
        """The person scrolled."""
        self._reach_out()
        self._follows = self.feed.is_attached and self.text.dlineinfo("end-1c") is not None
        if self._follows:
            self.feed.found = 0
        self._draw_newer()
        self._draw_bar()
        self._scrolled()

    def _reach_out(self) -> None:
        """Hold other lines if the person is about to see the last one of those here."""
        top = self._top_place()
        place = self._place()
        if top is not None and top < _NEAR_THE_EDGE and self.feed.start:
            moved = self.feed.up()
        else:
            moved = self._bottom_place() >= self.feed.size - _NEAR_THE_EDGE and self.feed.down()
        if moved:
            self._apply(self.feed.update(self.feed.conversation, follow=False))
            if place is not None:
                self._return_to(*place)

    def _keep_newest(self) -> None:
        if self._follows:
            self.text.yview_moveto(1.0)

    def _row_at(self, index: str) -> int:
        return int(self.text.index(index).split(".")[0]) - 1

    def _top_place(self) -> int | None:
        return self.feed.place_of(self._row_at("@0,0"))

    def _bottom_place(self) -> int:
        place = self.feed.place_of(self._row_at(f"@0,{self.text.winfo_height()}"))
        return place if place is not None else self.feed.size

    # -- mouse and keys

    def _bind(self) -> None:
        text = self.text
        moving = (*_WHEEL, "<Prior>", "<Next>", "<Up>", "<Down>", "<Home>", "<End>", "<ButtonRelease-1>")
        for event in (*moving, "<Control-Home>", "<Control-End>"):
            # The widget's own binding moves first.
            text.bind(event, lambda _: text.after_idle(self._moved) and None, add="+")
        text.bind("<Configure>", lambda _: text.after_idle(self._keep_newest), add="+")
        text.bind("<Button-1>", lambda _: text.focus_set(), add="+")
        text.tag_bind("link", "<Enter>", lambda _: text.configure(cursor="hand2"))
        text.tag_bind("link", "<Leave>", lambda _: text.configure(cursor="arrow"))
        text.tag_bind("link", "<ButtonRelease-1>", self._clicked_link)
        for event in ("<Button-2>", "<Control-Button-1>") if sys.platform == "darwin" else ("<Button-3>",):
            text.bind(event, self._asked_popup)

    def _link_at(self, index: str) -> str:
        if "link" not in self.text.tag_names(index):
            return ""
        ends = self.text.tag_prevrange("link", f"{index}+1c")
        return self.text.get(*ends) if ends else ""

    def _clicked_link(self, event: "tk.Event[tk.Misc]") -> None:
        link = self._link_at(f"@{event.x},{event.y}")
        if link and not self.text.tag_ranges("sel"):
            self._open_link(url(link))

    def _asked_popup(self, event: "tk.Event[tk.Misc]") -> None:
        index = f"@{event.x},{event.y}"
        self._popup(event, self.feed.line_at(self._row_at(index)), self._link_at(index))
