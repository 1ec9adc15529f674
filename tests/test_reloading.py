"""Settings that are read anew while people are connected."""

import trio
from trio.testing import MockClock

from net.chat import chat
from triochat.net.timeouts import Timeouts
from triochat.reloading import Reload
from triochat.settings import Settings


async def test_a_shorter_deadline_for_those_who_read_nothing_counts_at_once(autojump_clock: MockClock) -> None:
    async with chat() as c:
        held = Settings(limits=c.server.limits)

        async def load() -> Settings:
            return Settings(limits=c.server.limits, timeouts=Timeouts(stall=5.0))

        ann = await c.irc("ann", join="#x")
        reload = Reload(c.server, c.door, held, c.door.adopt, load, None)
        assert "timeouts.stall counts now." in await reload()
        zoe, _ = c.connect_stalled()
        await zoe.send("NICK zoe", "USER z 0 * :Z", "JOIN #x")
        await ann.until("zoe", "JOIN")
        since = trio.current_time()
        await ann.until("zoe", "QUIT", "Nothing was read for too long")
        assert trio.current_time() - since == 5.0
