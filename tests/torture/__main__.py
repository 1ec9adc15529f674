"""`PYTHONPATH=tests python -m torture --rounds 200 --senders 20 --seed 1`"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import trio

from torture.rounds import Size, Torture, plans
from torture.world import Disk, LimitedFiles, SmallDisk


def main() -> int:
    """Exit status 0 when all promises were kept."""
    parser = argparse.ArgumentParser(prog="torture", description="Kill a real server again and again, and count.")
    default = Size()
    parser.add_argument("--rounds", type=int, default=20, help="SIGKILLs [20]")
    parser.add_argument("--senders", type=int, default=default.senders, help=f"clients that talk [{default.senders}]")
    parser.add_argument("--lines", type=int, default=default.lines, help=f"most answers in a round [{default.lines}]")
    parser.add_argument("--seed", type=int, default=1, help="what happens when [1]")
    parser.add_argument(
        "--disk",
        choices=["local", "tmpfs"],
        default="local",
        help="what the data lie on; tmpfs: a small one that really becomes full, needs root [local]",
    )
    given = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="torture-"))
    data = directory / "data"
    data.mkdir()
    disk: Disk = SmallDisk(data, megabytes=512) if given.disk == "tmpfs" else LimitedFiles(data)
    size = Size(senders=given.senders, lines=given.lines)
    report = trio.run(Torture(given.seed, plans(given.seed, given.rounds, size), size, disk, directory).run)
    print(report)
    if report.findings:
        print(f"The server's files were left in {directory}.")
        return 1
    disk.close()
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
