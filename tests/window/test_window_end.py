"""How it ends, whatever it was doing: nothing is left that runs, waits or holds up the process."""

import signal
import sys
import threading
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("tkinter", reason="this Python has no tkinter")

from triochat.client.dial import Unreachable
from triochat.window.wanting import Wanted
from window.driving import BOB, Driver, play

pytestmark = pytest.mark.usefixtures("on_display")

How = Callable[[Driver], object]


def the_cross(driver: Driver) -> None:
    """What a window manager asks for when somebody clicks it."""
    driver.root.tk.call(driver.root.protocol("WM_DELETE_WINDOW"))


def raising(name: str) -> How:
    def how(driver: Driver) -> None:
        signal.raise_signal(getattr(signal, name))

    how.__name__ = name
    return how


WAYS: list[How] = [the_cross, raising("SIGINT"), raising("SIGTERM")]
if sys.platform != "win32":
    WAYS.append(raising("SIGHUP"))


async def with_the_form(driver: Driver) -> None:
    await driver.gets_focus(driver.window.form.name)


async def while_connecting(driver: Driver) -> None:
    await driver.until(lambda: driver.said.startswith("Connecting"))


async def between_two_attempts(driver: Driver) -> None:
    driver.wire.refusals += [Unreachable("Nobody answers at server.")] * 100
    await driver.until(lambda: "Trying again" in driver.said)


async def while_chatting(driver: Driver) -> None:
    await driver.enter_lobby()


async def with_a_dialog(driver: Driver) -> None:
    await driver.enter_lobby()
    driver.press("Control-j")
    assert driver.dialog is not None


async def with_a_menu(driver: Driver) -> None:
    await driver.enter_lobby()
    menu = driver.root.nametowidget(driver.root.cget("menu"))
    menu.nametowidget(menu.entrycget(0, "menu")).post(10, 10)


async def while_lines_come(driver: Driver) -> None:
    server = await driver.enter_lobby()
    await server.send(*(f":Alice!a@h PRIVMSG #lobby :line {number}" for number in range(1000)))


async def after_the_connection_was_lost(driver: Driver) -> None:
    server = await driver.enter_lobby()
    await server.stream.aclose()
    await driver.until(lambda: "trying again in" in driver.page.status.text)


@pytest.mark.parametrize("how", WAYS, ids=lambda how: how.__name__)
@pytest.mark.parametrize(
    "when",
    [
        with_the_form,
        while_connecting,
        between_two_attempts,
        while_chatting,
        with_a_dialog,
        with_a_menu,
        while_lines_come,
        after_the_connection_was_lost,
    ],
    ids=lambda when: when.__name__,
)
def test_closing_leaves_nothing_behind(when: Callable[[Driver], Awaitable[None]], how: How) -> None:
    async def script(driver: Driver) -> None:
        await when(driver)
        how(driver)
        if driver.server is not None and when is not after_the_connection_was_lost:
            await driver.server.goodbye()
        await driver.finished.wait()

    at_once = when is not with_the_form
    play(script, BOB if at_once else Wanted(), at_once=at_once)
    # Trio keeps threads that it has used for some seconds; they are idle, and do not hold up the process.
    assert [thread for thread in threading.enumerate() if not thread.daemon] == [threading.main_thread()]


def test_a_server_that_takes_no_leave_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triochat.window.visit.LEAVE_SECONDS", 0.01)

    async def script(driver: Driver) -> None:
        server = await driver.enter_lobby()
        the_cross(driver)
        await server.expect("QUIT")
        await driver.finished.wait()

    play(script)
