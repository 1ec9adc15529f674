"""Links as QR codes on a terminal."""

import segno
from trio.testing import MockClock

from admin.operator import at_console
from admin.small_server import SmallServer
from admin.test_character_mode import in_character_mode, shown
from triochat_admin.qr import drawn

LINK = "ircs://:abcd-efgh-jkmn-pqrs@mercury:5000/dev"
HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def test_half_blocks_are_the_modules_of_the_code_dark_on_light() -> None:
    lines = drawn(LINK, 80).splitlines()
    rows = []
    for line in lines:
        assert line.startswith("\x1b[30;47m") and line.endswith("\x1b[0m")
        halves = [HALVES[character] for character in line.removeprefix("\x1b[30;47m").removesuffix("\x1b[0m")]
        rows += [[half[0] for half in halves], [half[1] for half in halves]]
    code = [list(map(int, row)) for row in segno.make_qr(LINK, error="m").matrix_iter(border=4)]
    assert rows[: len(code)] == code
    assert not any(map(any, rows[len(code) :]))


def test_what_is_too_wide_is_not_drawn() -> None:
    columns = len(drawn(LINK, 80).splitlines()[0]) - len("\x1b[30;47m\x1b[0m")
    assert drawn(LINK, columns)
    assert not drawn(LINK, columns - 1)


async def test_an_invitation_is_drawn_for_terminals_that_are_known_to_be_wide_enough(
    autojump_clock: MockClock,
) -> None:
    for columns, line, seen in ((100, b"invite", True), (30, b"invite", False), (100, b"invite --json", False)):
        async with at_console(SmallServer(), "secret") as operator:
            await in_character_mode(operator, columns)
            await shown(operator)
            await operator.type(line + b"\r\0")
            answer = await shown(operator)
            assert LINK in answer
            assert ("█" in answer) is seen
    async with at_console(SmallServer()) as operator:
        await operator.until()
        assert "█" not in await operator.do("invite")
