"""The task that drops what is to be kept no longer."""

import logging
from collections.abc import Callable

import trio

from triochat.ports import Store, StoreFault

_log = logging.getLogger("triochat.journal")

_EVERY = 10.0
"""Seconds from the end of one round to the next."""
_PAUSE = 0.02
"""Seconds between two steps, for those who say something meanwhile."""


async def keep_tidy(store: Store, wall_clock: Callable[[], float]) -> None:
    """Tidy *store* until cancelled. While it has a fault, entries stay longer than they should."""
    faulty = False
    while True:
        more = False
        try:
            more = await store.tidy(int(wall_clock() * 1000))
        except StoreFault as fault:
            if not faulty:
                _log.error("cannot drop old entries, will try again: %s", fault)
            faulty = True
        else:
            faulty = False
        await trio.sleep(_PAUSE if more else _EVERY)
