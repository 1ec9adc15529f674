"""Trio as a guest on asyncio's loop, because prompt_toolkit needs asyncio. One thread, two schedulers.

`run` starts both. In Trio, `call` awaits something of asyncio's; from asyncio, Trio is reached through its token.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import outcome
import trio

T = TypeVar("T")


def run(main: Callable[[], Awaitable[T]]) -> T:
    """Run the Trio function *main* with an asyncio loop around it, until it returns."""
    return asyncio.run(_host(main))


async def _host(main: Callable[[], Awaitable[T]]) -> T:
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[outcome.Outcome[T]] = loop.create_future()
    scope = trio.CancelScope()
    tokens: list[trio.lowlevel.TrioToken] = []

    async def guarded() -> T:
        tokens.append(trio.lowlevel.current_trio_token())
        with scope:
            return await main()
        raise asyncio.CancelledError  # only after `scope` was cancelled, and for nobody: see below

    trio.lowlevel.start_guest_run(
        guarded,
        run_sync_soon_threadsafe=loop.call_soon_threadsafe,
        run_sync_soon_not_threadsafe=loop.call_soon,
        done_callback=finished.set_result,
        host_uses_signal_set_wakeup_fd=True,
    )
    try:
        result = await asyncio.shield(finished)
    except asyncio.CancelledError:
        # Ctrl-C while no prompt takes it: let Trio clean up before the loop goes.
        for token in tokens:
            token.run_sync_soon(scope.cancel)
        await finished
        raise
    return result.unwrap()


async def call(function: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """From Trio, await the asyncio coroutine of *function*; cancelling reaches it, and is waited for."""
    task = trio.lowlevel.current_task()
    token = trio.lowlevel.current_trio_token()
    job = asyncio.get_running_loop().create_task(function())
    cancels: list[Callable[[], Any]] = []

    def finished(job: asyncio.Task[T]) -> None:
        cancelled = job.cancelled() and bool(cancels)
        result = outcome.capture(cancels[0] if cancelled else job.result)
        token.run_sync_soon(trio.lowlevel.reschedule, task, result)

    def abort(raise_cancel: Callable[[], Any]) -> trio.lowlevel.Abort:
        cancels.append(raise_cancel)
        job.cancel()
        return trio.lowlevel.Abort.FAILED

    job.add_done_callback(finished)
    result: T = await trio.lowlevel.wait_task_rescheduled(abort)
    return result
