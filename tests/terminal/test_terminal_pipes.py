"""Standard streams as Trio streams, tried on real pipes."""

import os

import pytest
import trio

from triochat.terminal.pipes import InputFile, OutputFile


async def test_bytes_written_are_read_and_the_end_is_seen() -> None:
    reading, writing = os.pipe()
    await OutputFile(writing).send_all(b"hello")
    os.close(writing)
    stream = InputFile(reading)
    assert await stream.receive_some() == b"hello"
    assert await stream.receive_some() == b""
    os.close(reading)


async def test_a_closed_reader_breaks_the_output() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(trio.BrokenResourceError):
        await OutputFile(writing).send_all(b"hello")
    os.close(writing)


async def test_waiting_for_input_and_for_output_can_be_cancelled() -> None:
    """The threads that are left behind end when the pipe moves again."""
    reading, writing = os.pipe()
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(InputFile(reading).receive_some)
            scope.cancel()
    assert scope.cancelled_caught
    await OutputFile(writing).send_all(b"x")
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(OutputFile(writing).send_all, b"x" * 1_000_000)
            scope.cancel()
    assert scope.cancelled_caught
    os.close(reading)
    os.close(writing)
