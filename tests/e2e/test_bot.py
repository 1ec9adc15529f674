"""A program on `triochat.client`: the one that the documentation shows, against a real server."""

import re
import subprocess
import sys
from pathlib import Path

from e2e.server import Lines, Server, calling, clean_environment

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"


def documented_bot(server: Server) -> str:
    """The first program on the page, for this server."""
    program = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert program is not None
    return program[1].replace("localhost:5000", f"127.0.0.1:{server.port}")


def test_the_documented_bot_answers_in_15_lines_of_code(server: Server) -> None:
    program = documented_bot(server)
    assert len([line for line in program.splitlines() if line.strip()]) <= 15
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=clean_environment()
    )
    lines = Lines(process)
    try:
        server.lines.until(r"\[NEW CONNECTION\] Echo connected\.")
        with calling(server.port, "Alice", until="You joined") as alice:
            alice.send("!echo is anybody there?")
            alice.until("Echo: is anybody there?")
    finally:
        process.terminate()
        lines.end()
