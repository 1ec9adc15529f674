"""The server's process and its disk: begun, killed, begun again."""

import errno
import os
import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import msgspec
import trio

from e2e.server import TRIOCHAT, clean_environment
from torture.check import Line
from torture.client import PAGE, ROOM, Lives

DEADLINE = 30.0
"""Seconds that anything may take."""
_SETTINGS = {
    "TRIOCHAT_HISTORY_MAX_BATCH": str(PAGE),
    "TRIOCHAT_LIMITS_COMMAND_RATE": "0",
    "TRIOCHAT_LIMITS_CONNECTION_RATE": "0",
    "TRIOCHAT_LIMITS_CONNECTIONS_PER_IP": "0",
    "TRIOCHAT_LIMITS_OUTBOX": "32768",
}
"""Limits that the clients would hit are off; who stops reading is parked soon."""
_LISTENING = re.compile(rb"\[SERVER STARTED\] Listening on 127\.0\.0\.1:(\d+)\n")
_FAULT = re.compile(r"Traceback|fan-out failed|ended by an error|error while handling|unexpectedly")


class ServerFault(Exception):
    """The server did what no server may do, such as not to start."""


class NoDisk(Exception):
    """There is no such disk to be had; says why."""


class Disk(Protocol):
    """What the data lies on, and how it becomes full."""

    path: Path

    def fill(self, pid: int, share: float) -> None:
        """From now on process *pid* can write little or nothing more; *share* varies at which place that is found."""

    def free(self, pid: int) -> None:
        """It can again."""

    def close(self) -> None:
        """Release it."""


class LimitedFiles:
    """A directory; "full" is a limit to the size of the process's files: writing fails within a transaction."""

    def __init__(self, path: Path) -> None:
        """Raises NoDisk."""
        if not hasattr(resource, "prlimit"):
            raise NoDisk("only Linux limits the files of a running process")
        self.path = path

    def fill(self, pid: int, share: float) -> None:
        """See Disk."""
        wal = self.path / "triochat.db-wal"
        size = wal.stat().st_size if wal.exists() else 0
        self._limit(pid, int(size * share))

    def free(self, pid: int) -> None:
        """See Disk."""
        self._limit(pid, None)

    def _limit(self, pid: int, size: int | None) -> None:
        """None = as much as the system allows."""
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def close(self) -> None:
        """See Disk."""


class SmallDisk:
    """A tmpfs of its own, filled by a file beside the data. Needs root on Linux."""

    def __init__(self, path: Path, megabytes: int = 8) -> None:
        """Raises NoDisk."""
        self.path = path
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            raise NoDisk("only root on Linux can mount a tmpfs")
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "triochat-torture", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            raise NoDisk(f"a tmpfs cannot be mounted: {mounted.stderr.strip()}")

    def fill(self, pid: int, share: float) -> None:
        """See Disk."""
        with (self.path / "ballast").open("wb", buffering=0) as ballast:
            for portion in (1 << 20, 1 << 12):
                try:
                    while ballast.write(bytes(portion)):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            left = int((1 - share) * 8)  # pages that the server may still take
            ballast.truncate(max(0, ballast.tell() - left * 4096))

    def free(self, pid: int) -> None:
        """See Disk."""
        (self.path / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        """See Disk."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)


class World:
    """`triochat serve` over one data directory, in one life after the other."""

    def __init__(self, disk: Disk, lives: Lives, errors: Path) -> None:
        """*errors* is the file for what the server says on stderr."""
        self.lives = lives
        self._disk = disk
        self._errors = errors
        self._process: trio.Process | None = None
        self._full = False

    async def start(self) -> None:
        """Begin a life; it is announced when the server listens."""
        process = self._process = await self._open()
        assert process.stdout is not None
        said = b""
        with trio.fail_after(DEADLINE):
            while (match := _LISTENING.search(said)) is None:
                data = await process.stdout.receive_some()
                if not data:
                    raise ServerFault(f"the server did not start: {self._errors.read_text()[-2000:]}")
                said += data
        self.lives.begin(int(match[1]))

    async def start_falsely(self, seconds: float) -> None:
        """Begin, and be killed after so many *seconds*, wherever the start has got to by then."""
        self._process = await self._open()
        with trio.move_on_after(seconds):
            await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End this life as it may end at any moment, and wait until nothing is left of it but its files."""
        process = self._process
        assert process is not None
        self.lives.end()
        process.kill()
        await self._ended(process)
        self.free()

    async def stop(self) -> None:
        """End it kindly."""
        process = self._process
        assert process is not None
        self.lives.end()
        process.terminate()
        await self._ended(process)
        if process.returncode != 0:
            raise ServerFault(f"the server ended with status {process.returncode}")

    async def abandon(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.returncode is None:
            with trio.CancelScope(shield=True):
                await self.kill()

    def fill(self, share: float) -> None:
        """See Disk.fill."""
        assert self._process is not None
        self._full = True
        self._disk.fill(self._process.pid, share)

    def free(self) -> None:
        """See Disk.free. Nothing happens when the disk is not full."""
        if self._full:
            self._full = False
            assert self._process is not None
            if self._process.returncode is None or isinstance(self._disk, SmallDisk):
                self._disk.free(self._process.pid)

    def faults(self) -> list[str]:
        """What the server says on stderr that it should never have to say."""
        lines = self._errors.read_text(errors="replace").splitlines()
        return [line for line in lines if _FAULT.search(line)]

    async def _open(self) -> trio.Process:
        options = ("--port", "0", "--admin-port", "0", "--data-dir", str(self._disk.path), "--quiet")
        with self._errors.open("a") as errors:
            return await trio.lowlevel.open_process(
                [*TRIOCHAT, "serve", *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=clean_environment(**_SETTINGS),
            )

    async def _ended(self, process: trio.Process) -> None:
        with trio.fail_after(DEADLINE):
            await process.wait()
        assert process.stdout is not None
        await process.stdout.aclose()


def read_log(directory: Path) -> list[Line]:
    """The room's messages in the order in which they were stored, from the files of a server that is not running.
    Raises ServerFault."""
    if not (directory / "triochat.db").exists():
        raise ServerFault("there is no database")
    with closing(sqlite3.connect(f"{(directory / 'triochat.db').as_uri()}?mode=ro", uri=True)) as database:
        (healthy,) = database.execute("PRAGMA integrity_check").fetchone()
        if healthy != "ok":
            raise ServerFault(f"the database is damaged: {healthy}")
        rows = database.execute(
            "SELECT seq, msgid, source, params FROM entry WHERE is_line AND log = (SELECT id FROM log WHERE name = ?)"
            " ORDER BY id",
            (ROOM,),
        ).fetchall()
    for one, other in pairwise(rows):
        if one[0] >= other[0]:
            raise ServerFault(f"{other} was stored behind {one}")
    return [
        Line(msgid, source.partition("!")[0], msgspec.json.decode(params)[1]) for _, msgid, source, params in rows
    ]
