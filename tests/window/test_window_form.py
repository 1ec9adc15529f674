"""Coming in: what the form says when something is wrong, and whom one trusts."""

from datetime import UTC, datetime

import pytest

pytest.importorskip("tkinter", reason="this Python has no tkinter")

import tkinter as tk
from tkinter import ttk

import trio

from triochat.client.dial import FirstVisit, Unreachable, Untrusted
from triochat.client.settings import ServerSettings, Settings
from triochat.trust import Known, KnownServers
from triochat.window.dialogs import ChangedCertificate
from triochat.window.wanting import Wanted
from window.driving import BOB, Driver, play

pytestmark = pytest.mark.usefixtures("on_display")

NEW, OLD = ":".join(["AB"] * 32), ":".join(["CD"] * 32)


def test_the_form_asks_for_what_is_not_known_and_connects() -> None:
    async def script(driver: Driver) -> None:
        form = driver.window.form
        await driver.gets_focus(form.name)
        assert form.address.get() == "127.0.0.1:5000"
        assert list(form.address.cget("values")) == ["work", "127.0.0.1:5000"]
        form.address.set("work")
        driver.press("Return")
        await driver.until(lambda: driver.said == "A name cannot be empty.")
        driver.type("Bob")
        driver.press("Return")
        await driver.enter_lobby()
        assert str(driver.opened[0].address) == "chat.example.org:6697"
        assert driver.opened[0].address.tls

    settings = Settings(servers={"work": ServerSettings("chat.example.org:6697")})
    play(script, Wanted(), at_once=False, settings=settings)


@pytest.mark.parametrize(
    ("refusal", "sentence", "field"),
    [
        (":irc 464 * :Password incorrect", "This server wants a password.", "password"),
        (":irc 432 * Bob :No", "Bob is not accepted as a name: No", "name"),
        (":irc 465 * :spam", "You are banned from this server: spam", "address"),
    ],
)
def test_a_refusal_is_said_and_can_be_corrected(refusal: str, sentence: str, field: str) -> None:
    async def script(driver: Driver) -> None:
        server = await driver.wire.accept()
        await server.send(refusal)
        await driver.until(lambda: sentence in driver.said)
        entry = getattr(driver.window.form, field)
        await driver.gets_focus(entry)
        assert driver.window.form.name.get() == "Bob"
        driver.press("Return")
        await driver.enter_lobby()

    play(script)


def test_a_server_that_is_absent_is_said_and_tried_again_until_one_stops() -> None:
    async def script(driver: Driver) -> None:
        form = driver.window.form
        driver.wire.refusals.extend([Unreachable("Nobody answers at server.")] * 20)
        await driver.until(lambda: driver.said == "Nobody answers at server. Trying again in 2 s.")
        assert form.name.instate(["disabled"])
        form.button.invoke()
        await driver.until(lambda: str(form.button.cget("text")) == "Connect")
        assert form.name.instate(["!disabled"])
        driver.wire.refusals.clear()
        form.button.invoke()
        await driver.enter_lobby()

    play(script)


def test_a_room_that_one_may_not_enter_is_said_in_the_chat() -> None:
    async def script(driver: Driver) -> None:
        server = driver.server = await driver.wire.accept()
        await server.welcome()
        await server.expect("JOIN")
        await server.send(":irc 473 Bob #lobby :Cannot join channel (+i)")
        await driver.reads("#lobby")
        assert driver.page.status.text.startswith("connected")

    play(script)


def test_a_key_closes_the_form() -> None:
    async def script(driver: Driver) -> None:
        await driver.gets_focus(driver.window.form.name)
        driver.press("Control-q")
        await driver.finished.wait()

    play(script, Wanted(), at_once=False)


def test_a_first_visit_shows_the_fingerprint_and_who_leaves_then_has_not_trusted_it() -> None:
    async def script(driver: Driver) -> None:
        await driver.enter_lobby()
        servers = KnownServers()
        servers.admit("server.example", 5000, NEW)
        servers.admit("other.example", 5000, NEW)
        driver.window.meet(FirstVisit("server.example:5000", NEW, "self-signed certificate"), driver.dialler)
        texts = shown(driver.dialog)
        assert NEW in texts
        assert "self-signed certificate" in texts
        driver.dialog.go()
        await driver.until(lambda: driver.window.visit is None)
        assert driver.dialog is None
        while servers.find("server.example", 5000) is not None:
            await trio.lowlevel.checkpoint()
        assert servers.find("other.example", 5000) is not None

    play(script)


def test_a_dialog_keeps_the_keys_and_gives_them_to_what_asked_meanwhile() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.wire.accept()
        driver.window.meet(FirstVisit("server.example:5000", NEW, "self-signed certificate"), driver.dialler)
        dialog = driver.dialog
        await driver.gets_focus(dialog.ok)
        await server.send(":irc 464 * :Password incorrect")
        await driver.until(lambda: "wants a password" in driver.said)
        assert driver.root.focus_displayof() is dialog.ok
        driver.press("Return")
        await driver.focus_is(driver.window.form.password)
        driver.type("sesame")
        driver.press("Return")
        await driver.enter_lobby()
        assert driver.opened[1].password == "sesame"

    play(script)


def test_a_changed_certificate_shows_both_and_needs_a_word_to_be_accepted() -> None:
    async def script(driver: Driver) -> None:
        known = Known(OLD, datetime(2026, 3, 1, tzinfo=UTC))
        driver.wire.refusals.append(Untrusted("It is another one.", shown=NEW, known=known))
        await driver.until(lambda: isinstance(driver.dialog, ChangedCertificate))
        dialog = driver.dialog
        assert OLD in shown(dialog)
        assert NEW in shown(dialog)
        assert "2026-03-01" in shown(dialog)
        dialog.trust.invoke()
        assert driver.opened[0].trusted is None
        assert len(driver.opened) == 1
        dialog.box.invoke()
        dialog.trust.invoke()
        await driver.enter_lobby()
        assert driver.opened[1].trusted == NEW

    play(script)


def test_a_changed_certificate_is_refused_by_closing_the_dialog() -> None:
    async def script(driver: Driver) -> None:
        driver.wire.refusals.append(Untrusted("It is another one.", shown=NEW, known=Known(None, datetime.now(UTC))))
        await driver.until(lambda: driver.dialog is not None)
        driver.dialog.close()
        assert "not the one of before" in driver.said
        assert driver.wire.attempts == 1

    play(script)


def test_another_server_goes_back_to_the_form() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        driver.window.visit.leave(stay=True)
        await server.goodbye()
        await driver.until(lambda: driver.window.visit is None and driver.window.form.winfo_manager())
        assert driver.window.form.address.get() == BOB.address
        assert driver.said == ""
        driver.window.form.press()
        await driver.enter_lobby()

    play(script)


def test_being_removed_is_said() -> None:
    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        await server.send(":op!o@h KILL Bob :enough", "ERROR :Closing link: Killed (op (enough))")
        await server.stream.aclose()
        await driver.until(lambda: driver.said == "You were removed from the server: enough")

    play(script)


def shown(widget: tk.Misc) -> str:
    """All texts in *widget*."""
    texts = []
    for child in widget.winfo_children():
        if isinstance(child, tk.Text):
            texts.append(child.get("1.0", "end-1c").replace("\n", ""))
        elif isinstance(child, ttk.Label | ttk.Button):
            texts.append(str(child.cget("text")))
        texts.append(shown(child))
    return " ".join(texts)
