"""The task that does what a store has to do besides storing."""

import logging
from collections.abc import Callable

import trio

from triochat.ports import Store, StoreFault

_log = logging.getLogger("triochat.journal")

_EVERY = 1.0
"""Seconds from the end of one round to the next. A round with nothing to do costs nothing."""
_PAUSE = 0.02
"""Seconds between two steps, for those who say something meanwhile."""


async def keep_tidy(store: Store, wall_clock: Callable[[], float]) -> None:
    """Tidy *store* until cancelled. While it has a fault, entries stay longer than they should, and searches take
    longer."""
    faulty = False
    while True:
        more = False
        try:
            more = await store.tidy(int(wall_clock() * 1000))
        except StoreFault as fault:
            if not faulty:
                _log.error("cannot tidy the database, will try again: %s", fault)
            faulty = True
        except Exception:  # noqa: BLE001  # a bug, or an entry that makes no sense, must not end the server
            if not faulty:
                _log.exception("cannot tidy the database, will try again")
            faulty = True
        else:
            faulty = False
        await trio.sleep(_PAUSE if more else _EVERY)
