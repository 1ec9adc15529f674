"""`PYTHONPATH=tests python -m siege`: does a real server go on while it is attacked? Its limits are the usual ones,
but for the number of consoles, which is that of the crowd there.

Linux only. Wants more open files than half-open connections (`ulimit -Hn`), and is best run where nothing else does.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from e2e.server import TRIOCHAT, Lines, clean_environment
from siege.attacks import churn, drip, guess, running, stall
from siege.consoles import PASSWORD, fumble
from siege.meter import People


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the server's process holds."""

    kilobytes: int
    descriptors: int
    threads: int

    def __str__(self) -> str:
        return f"{self.kilobytes / 1024:.1f} MB, {self.descriptors} descriptors, {self.threads} threads"


class Besieged:
    """A server on one core, with attackers and honest people on the others."""

    def __init__(self, directory: Path) -> None:
        cores = sorted(os.sched_getaffinity(0))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.process = subprocess.Popen(
            [*TRIOCHAT, "serve", "--port", "0", "--admin-port", "0", "--data-dir", str(directory), "--quiet"],
            stdout=subprocess.PIPE,
            stderr=(directory / "errors").open("w"),
            text=True,
            env={**clean_environment(), "TRIOCHAT_ADMIN_PASSWORD": PASSWORD, "TRIOCHAT_LIMITS_CONSOLES": "200"},
        )
        self._directory = directory
        self._lines = Lines(self.process)
        self.port = int(self._lines.until(r"SERVER STARTED").rpartition(":")[2])
        self.admin_port = int(self._lines.until(r"ADMIN CONSOLE").rpartition(":")[2])
        if len(cores) > 1:
            os.sched_setaffinity(self.process.pid, cores[:1])
            os.sched_setaffinity(0, cores[1:])

    @property
    def footprint(self) -> Footprint:
        """At this moment."""
        proc = Path(f"/proc/{self.process.pid}")
        pages = int((proc / "statm").read_text().split()[1])
        return Footprint(
            pages * resource.getpagesize() // 1024,
            len(list((proc / "fd").iterdir())),
            len(list((proc / "task").iterdir())),
        )

    async def quiet_again(self, before: Footprint) -> Footprint:
        """Wait until what came has gone, at most as long as a registration may take and some more."""
        with trio.move_on_after(60):
            while self.footprint.descriptors > before.descriptors:  # noqa: ASYNC110
                await trio.sleep(0.5)  # another process's table has no event to wait for
        return self.footprint

    def end(self) -> str:
        """Stop it; the errors in its log."""
        self.process.terminate()
        self.process.wait(30)
        self._lines.end()
        log = (self._directory / "errors").read_text()
        return "\n".join(re.findall(r"(?m)^(?:\S+ \S+ (?:ERROR|CRITICAL)|Traceback|\w+Error).*", log))


async def main(seconds: float, many: int, times: int) -> int:
    """Runs the attacks one after the other; exit status 1 when anything was lost, or left behind."""
    good = True
    with tempfile.TemporaryDirectory(prefix="siege-") as directory:
        server = Besieged(Path(directory))
        print(f"at the start: {server.footprint}")
        async with trio.open_nursery() as nursery:
            people = People(server.port)
            await people.come(nursery)
            await people.talk(3)
            port, admin_port = server.port, server.admin_port
            attacks: list[tuple[str, Callable[..., Any], int, int, int, float]] = [
                (f"{many} half-open connections, a byte a second on each", drip, port, many, 2, seconds),
                ("500 stalled TLS handshakes", stall, port, 500, 1, seconds),
                ("1000 wrong passwords", guess, port, 1000, 1, seconds),
                ("1000 people a second come and go", churn, port, 1000, 2, 4 * seconds),
                ("200 consoles gone mad", fumble, admin_port, 200, 2, seconds),
            ]
            for name, attack, where, size, processes, lasting in attacks:
                for _ in range(times):
                    print(f"\n{name}")
                    before = server.footprint
                    print(f"  quiet:  {await people.talk(seconds)}; {before}")
                    with running(attack, where, size, processes):
                        print(f"  attack: {await people.talk(lasting)}; {server.footprint}")
                    after = await server.quiet_again(before)
                    print(f"  after:  {await people.talk(seconds)}; {after}")
                    good = good and after.descriptors <= before.descriptors
            nursery.cancel_scope.cancel()
        await people.go()
        complaints = server.end()
    print(f"\nthe server complained: {complaints or 'of nothing'}; exit status {server.process.returncode}")
    return 0 if good and not complaints and server.process.returncode == 0 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="siege", description="Attack a real server, and time its honest people.")
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement [15]")
    parser.add_argument("--many", type=int, default=10_000, help="half-open connections [10000]")
    parser.add_argument("--times", type=int, default=1, help="each attack so often [1]")
    given = parser.parse_args()
    sys.exit(trio.run(main, given.seconds, given.many, given.times))
