"""Chatting in the window: real Tk on a display in memory, and a scripted server."""

import pytest

pytest.importorskip("tkinter", reason="this Python has no tkinter")

import trio

from client.scripted_server import IRCV3
from triochat.client.conversation import Past
from triochat.client.settings import Settings
from triochat.window.feed import MOST
from triochat.window.keytable import TABLE, event
from window.driving import Driver, play

pytestmark = pytest.mark.usefixtures("on_display")

ECHO = "echo-message"


def tags_of(driver: Driver, text: str) -> tuple[str, ...]:
    """The tags of the first place where *text* stands among the messages."""
    widget = driver.page.messages.text
    return widget.tag_names(widget.search(text, "1.0"))


def test_what_is_typed_is_sent_and_pending_until_its_echo() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby(ECHO)
        driver.type("hello")
        driver.press("Return")
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby hello"
        await driver.reads("hello …")
        assert "pending" in tags_of(driver, "hello")
        assert driver.page.writing.get() == ""
        await server.send(":Bob!b@h PRIVMSG #lobby :hello")
        await driver.until(lambda: "hello\n" in driver.read)
        assert driver.read.count("hello") == 1
        assert "pending" not in tags_of(driver, "hello")

    play(script)


def test_lines_of_others_have_days_mentions_and_links(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    async def script(driver: Driver) -> None:
        def browse(address: str) -> None:
            opened.append(address)
            trio.from_thread.run_sync(driver.note)

        monkeypatch.setattr("webbrowser.open", browse)
        server = await driver.enter_lobby("server-time")
        await server.send(
            "@time=2026-11-20T10:00:00.000Z :Alice!a@h PRIVMSG #lobby :Bob: see https://example.org/a?b=c.",
            "@time=2026-11-21T12:00:00.000Z :Alice!a@h PRIVMSG #lobby :\x01ACTION waves\x01",
        )
        await driver.reads("Alice waves")
        assert "20 November 2026" in driver.read
        assert "21 November 2026" in driver.read
        assert "mention" in tags_of(driver, "Bob: see")
        widget = driver.page.messages.text
        widget.update_idletasks()
        x, y, _, _ = widget.bbox(widget.search("example.org", "1.0"))
        for kind in ("Motion", "Button-1", "ButtonRelease-1"):
            widget.event_generate(f"<{kind}>", x=x + 1, y=y + 1)
        await driver.until(lambda: opened == ["https://example.org/a?b=c"])

    play(script)


def test_news_elsewhere_are_counted_and_a_key_goes_there() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        driver.type("/join #dev")
        driver.press("Return")
        await server.admit(room="#dev")
        await driver.until(lambda: driver.page.model.current.name == "#dev")
        driver.press("Alt-Key-1")
        await driver.until(lambda: driver.page.model.current.name == "#lobby")
        await server.send(":Alice!a@h PRIVMSG #dev :nobody", ":Alice!a@h PRIVMSG #dev :Bob, come")
        await server.send(":Alice!a@h PRIVMSG Bob :psst")
        tree = driver.page.rooms.tree
        await driver.until(lambda: ("Alice", "1") in driver.rows(tree))
        assert driver.rows(tree) == [("#lobby", ""), ("#dev", "@1 2"), ("Alice", "1")]
        assert driver.root.title() == "(2) #lobby – server.example:5000"
        driver.press("Alt-a")
        await driver.reads("you are here")
        assert driver.page.model.current.name == "#dev"
        await driver.until(lambda: ("#dev", "") in driver.rows(tree))
        tree.event_generate("<Down>")
        driver.press("Control-Next")
        await driver.reads("psst")
        assert driver.rows(driver.page.people.tree) == []

    play(script)


def test_what_does_not_fit_says_so() -> None:
    long, topic = "#" + "long" * 12, "many words " * 30

    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        await server.let_into(long, "Zoe")
        await server.send(f":irc 332 Bob {long} :{topic}")
        tree = driver.page.rooms.tree
        await driver.until(lambda: any(name.endswith("…") for name, _ in driver.rows(tree)))
        (short,) = (name for name, _ in driver.rows(tree) if name != "#lobby")
        assert long.startswith(short[:-1])
        assert len(short) > 8
        await driver.until(lambda: str(driver.page.name.cget("text")) == long)
        await driver.until(lambda: str(driver.page.topic.cget("text")).endswith("…"))
        driver.root.geometry("4000x700")
        await driver.until(lambda: str(driver.page.topic.cget("text")).strip() == topic.strip())

    play(script)


def test_the_input_grows_and_keeps_pasted_rows() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        text = driver.page.writing.text
        assert int(text.cget("height")) == 1
        driver.root.clipboard_clear()
        driver.root.clipboard_append("one\r\n  two\nthree\n")
        text.event_generate("<<Paste>>")
        driver.press("Shift-Return")
        driver.type("four")
        assert driver.page.writing.get() == "one\n  two\nthree\nfour"
        await driver.until(lambda: int(text.cget("height")) == 4)
        driver.press("Return")
        for row in ("one", ":  two", "three", "four"):
            assert await server.expect("PRIVMSG") == f"PRIVMSG #lobby {row}"
        assert driver.page.writing.get() == ""
        driver.press("Up")
        assert driver.page.writing.get().startswith("one\n")

    play(script)


def test_what_is_half_typed_waits_where_it_was_typed_even_until_the_next_time() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        driver.type("to all of you")
        driver.press("Control-k")
        await driver.focus_is(driver.page.finder.entry)
        driver.type("ali")
        driver.press("Return")
        assert driver.page.model.current.name == "Alice"
        assert driver.page.writing.get() == ""
        driver.type("to you only")
        driver.press("Alt-Key-1")
        assert driver.page.writing.get() == "to all of you"
        driver.press("Control-z", "Control-z")
        assert driver.page.writing.get() == "to all of you"  # what was typed elsewhere is not undone here
        driver.press("Alt-Key-2")
        assert driver.page.writing.get() == "to you only"

    async def next_time(driver: Driver) -> None:
        server = await driver.enter_lobby()
        assert driver.page.writing.get() == "to all of you"
        driver.press("Return")
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby :to all of you"

    async def after_that(driver: Driver) -> None:
        await driver.enter_lobby()
        assert driver.page.writing.get() == ""
        driver.type("/login sesame")

    async def and_then(driver: Driver) -> None:
        await driver.enter_lobby()
        assert driver.page.writing.get() == ""

    for script_of_that_day in (script, next_time, after_that, and_then):
        play(script_of_that_day)


def test_what_was_sent_is_no_draft_any_more() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        drafts = driver.page.model.drafts
        driver.type("hello")
        await driver.until(lambda: drafts == {"#lobby": "hello"})
        driver.press("Return")
        await server.expect("PRIVMSG")
        await driver.until(lambda: drafts == {})
        driver.type("/quit")
        driver.press("Return")
        await server.expect("QUIT")
        await driver.until(lambda: drafts == {})

    play(script)


def test_a_password_is_hidden_and_forgotten() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        text = driver.page.writing.text
        driver.type("/login hunter2")
        await driver.until(lambda: "secret" in text.tag_names("1.8"))
        assert "secret" not in text.tag_names("1.2")
        assert text.tag_cget("secret", "foreground") == text.tag_cget("secret", "background")
        driver.press("Return", "Up", "Control-z")
        assert "hunter2" not in driver.page.writing.get()
        assert "hunter2" not in driver.read

    play(script)


@pytest.mark.parametrize(("typed", "completed"), [("ali", "Alice: "), ("hi ali", "hi Alice "), ("/nam", "/name ")])
def test_tab_completes(typed: str, completed: str) -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        driver.type(typed)
        driver.press("Tab")
        assert driver.page.writing.get() == completed

    play(script)


def test_scrolling_up_reads_history_and_keeps_the_place() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby(IRCV3)
        await server.expect("CHATHISTORY")
        await server.send(":irc BATCH +h chathistory #lobby")
        for number in range(100, 200):
            await server.send(
                f"@batch=h;msgid=m{number};time=2026-11-21T10:00:00.{number:03}Z :A!a@h PRIVMSG #lobby :line {number}"
            )
        await server.send(":irc BATCH -h")
        await driver.reads("line 199")
        messages = driver.page.messages
        messages.text.update_idletasks()
        assert messages.at_newest
        driver.press("Prior")
        for _ in range(30):
            driver.press("Prior")
        assert not messages.at_newest
        asked = await server.expect("CHATHISTORY BEFORE")
        assert "msgid=m100" in asked
        await driver.until(lambda: driver.page.model.current.past is Past.ASKED)
        await driver.reads("asking for what was said before")
        seen = messages.text.get("@0,200 linestart", "@0,200 lineend")
        await server.send(":irc BATCH +i chathistory #lobby")
        for number in range(100):
            await server.send(
                f"@batch=i;msgid=n{number};time=2026-11-21T09:00:00.{number:03}Z :Al!a@h PRIVMSG #lobby :old {number}"
            )
        await server.send(":irc BATCH -i")
        await driver.reads("old 99")
        assert "line 10" in seen
        assert seen in messages.text.get("@0,160 linestart", "@0,240 lineend")
        driver.press("Escape")
        assert messages.at_newest

    play(script)


def test_the_widget_is_bounded_and_the_newest_line_stays_in_sight() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        for start in range(0, 3000, 100):
            await server.send(*(f":Alice!a@h PRIVMSG #lobby :line {number}" for number in range(start, start + 100)))
        await driver.reads("line 2999")
        text = driver.page.messages.text
        assert len(driver.page.model.current.lines) > 3000
        assert int(text.index("end").split(".")[0]) <= MOST + 10
        text.update_idletasks()
        assert text.dlineinfo(text.search("line 2999", "1.0")) is not None
        driver.drag(0.5)
        assert not driver.page.messages.at_newest
        middle = text.get("@0,0 linestart", "@0,0 lineend")
        await server.send(":Alice!a@h PRIVMSG #lobby :one more")
        await driver.until(lambda: "below" in str(driver.page.messages.newer.cget("text")))
        await driver.until(lambda: driver.page.model.current.unread == 1)
        assert text.get("@0,0 linestart", "@0,0 lineend") == middle
        driver.press("Escape")
        await driver.reads("one more")
        await driver.until(lambda: driver.page.model.current.unread == 0)

    play(script)


def test_a_lost_connection_is_counted_down_and_what_is_typed_stays() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        assert "connected to server.example:5000" in driver.page.status.text
        await server.stream.aclose()
        await driver.until(lambda: "trying again in" in driver.page.status.text)
        driver.type("hello")
        driver.press("Return")
        await driver.reads("Not connected; your line was not sent.")
        assert driver.page.writing.get() == "hello"
        again = await driver.wire.accept()
        driver.server = again
        await again.welcome()
        await again.admit()
        await driver.reads("Reconnected after")
        driver.press("Return")
        assert await again.expect("PRIVMSG") == "PRIVMSG #lobby hello"

    play(script)


def test_who_types_is_told() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby("message-tags")
        await server.send("@+typing=active :Alice!a@h TAGMSG #lobby")
        await driver.until(lambda: str(driver.page.typing.cget("text")) == "Alice is typing …")
        await server.send(":Alice!a@h PRIVMSG #lobby :there")
        await driver.until(lambda: str(driver.page.typing.cget("text")) == "")

    play(script)


def test_searching_without_the_server_goes_to_the_line() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        await server.send(":Alice!a@h PRIVMSG #lobby :a needle")
        await server.send(*(f":Alice!a@h PRIVMSG #lobby :hay {number}" for number in range(900)))
        await driver.reads("hay 899")
        assert "needle" not in driver.read
        driver.press("Control-f")
        await driver.focus_is(driver.page.finder.entry)
        driver.type("needle")
        driver.press("Return")
        finder = driver.page.finder
        assert [finder.tree.item(row, "text")[-8:] for row in finder.tree.get_children()] == ["a needle"]
        driver.press("Return")
        assert not finder.is_open
        assert "found" in tags_of(driver, "a needle")
        assert driver.page.messages.text.dlineinfo(driver.page.messages.text.search("a needle", "1.0"))

    play(script)


def test_a_few_letters_go_to_a_room() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        driver.press("Control-k")
        await driver.focus_is(driver.page.finder.entry)
        driver.type("ali")
        driver.press("Return")
        await driver.until(lambda: driver.page.model.current.name == "Alice")
        await driver.focus_is(driver.page.writing.text)
        driver.press("Control-w")
        await driver.until(lambda: driver.page.model.current.name == "#lobby")

    play(script)


def test_every_key_does_something_without_an_error() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        for entry in TABLE:
            if entry.action not in ("quit", "close_conversation"):
                for key in entry.keys:
                    driver.press(event(key, mac=False).strip("<>"))
                    driver.root.update_idletasks()
        driver.press("Escape", "Escape")

    play(script)


def test_colours_and_sizes_can_be_changed_while_chatting() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        text = driver.page.messages.text
        light = str(text.cget("background"))
        size = driver.window.styling.normal.metrics("linespace")
        driver.window.styling.choose("dark")
        assert str(text.cget("background")) != light
        menu = driver.root.nametowidget(driver.root.cget("menu"))
        assert str(menu.cget("background")) == driver.window.styling.palette.side
        driver.press("Control-plus")
        assert driver.window.styling.normal.metrics("linespace") > size
        driver.press("Control-0")
        assert driver.window.styling.normal.metrics("linespace") == size

    play(script)


def test_colours_of_the_settings_are_the_windows_too() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        text = driver.page.messages.text
        assert str(text.tag_cget("link", "foreground")) == "#ff00aa"
        assert (
            str(text.tag_cget("mention", "background")) == str(text.tag_cget("mention", "lmargincolor")) == "#102030"
        )
        driver.window.styling.choose("dark")
        assert str(text.tag_cget("link", "foreground")) == "#ff00aa"
        assert str(text.tag_cget("error", "foreground")) == driver.window.styling.palette.warning

    play(script, settings=Settings(colours={"link": "#ff00aa", "mention": "bg:#102030", "error": "ansiyellow"}))


def test_help_opens_a_window_of_its_own() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        driver.type("/help")
        driver.press("Return")
        assert driver.dialog.title() == "Keys and commands"
        assert driver.page.writing.get() == ""
        driver.dialog.close()

    play(script)


def test_quit_closes_the_window() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        driver.type("/quit")
        driver.press("Return")
        await server.goodbye()
        await driver.finished.wait()

    play(script)


def test_a_mention_while_one_looks_elsewhere_makes_the_title_flash() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        for kind in ("<FocusIn>", "<FocusOut>"):
            driver.root.unbind(kind)  # the test says where the person looks
        driver.root.update_idletasks()
        driver.window.visit.focused(False)
        await server.send(":Alice!a@h PRIVMSG #lobby :Bob!")
        await driver.until(lambda: driver.root.title().startswith("● (1) "))
        driver.window.visit.focused(True)
        await driver.until(lambda: driver.root.title().startswith("#lobby"))

    play(script)


def test_menus_can_be_opened_and_closed_again() -> None:
    """Tk has names for their windows that tkinter does not know."""

    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        menu = driver.root.nametowidget(driver.root.cget("menu"))
        first = menu.nametowidget(menu.entrycget(0, "menu"))
        first.post(10, 10)
        first.focus_force()
        await driver.until(lambda: "menu" in str(driver.root.tk.call("focus", "-displayof", driver.root)))
        driver.root.event_generate("<FocusOut>")
        driver.root.update_idletasks()
        assert driver.page.has_focus
        driver.press("F6")
        first.unpost()
        first.invoke(0)
        assert driver.dialog is not None
        driver.dialog.close()

    play(script)
