"""S12: ghosts and slow readers. In ssh-chat a kick could not remove who had gone without a word (#229, #359);
InspIRCd had no limit for what waits for one client (#653). S13: Ergo could be made to deadlock (ergo #2149)."""

import ast
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from e2e.server import DEADLINE, Server, irc, run
from incidents.consoles import control_of
from incidents.sources import last_name, modules
from net.chat import chat

# A person who joins, tells so, and reads as long as the process runs; with little room for what it has not read.
PERSON = """
import socket, sys
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
sock.connect(("127.0.0.1", int(sys.argv[1])))
sock.sendall(b"NICK Ghost\\r\\nUSER g 0 * :g\\r\\nJOIN #lobby\\r\\n")
data = b""
while b" 366 " not in data:
    data += sock.recv(4096)
print("in", flush=True)
while sock.recv(4096):
    pass
"""


@contextmanager
def person(port: int) -> Iterator["subprocess.Popen[str]"]:
    """Somebody called Ghost, in a process of their own."""
    process = subprocess.Popen([sys.executable, "-c", PERSON, str(port)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "in\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def admin(server: Server, *words: str) -> dict[str, object]:
    """What the console answers, as JSON."""
    result = run("admin", "--data-dir", str(server.data_dir), f"127.0.0.1:{server.admin_port}", *words, "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    return answer if isinstance(answer, dict) else {"rows": answer}


def test_a_kick_frees_the_name_of_a_process_that_stands_still(tmp_path: Path) -> None:
    """S12 (ssh-chat #229): SIGSTOP, everything full up to the server's outbox; a kick counts one, the room sees it
    leave, and somebody else has the name, all before the process goes on."""
    file = tmp_path / "triochat.toml"
    file.write_text("[limits]\ncommand_rate = 0\noutbox = 20000\n")
    data = tmp_path / "data"
    data.mkdir()
    with Server(data, "--config", str(file)) as server, irc(server.port, "ann") as ann, person(server.port) as ghost:
        os.kill(ghost.pid, signal.SIGSTOP)
        try:
            for i in range(60):
                ann.send(*[f"PRIVMSG #lobby :{i} {'x' * 400}"] * 500, f"PING {i}")
                ann.until(f" {i}")
                rows = admin(server, "list", "user=Ghost")["rows"]
                if rows[0]["parked"]:  # type: ignore[index]
                    break
            assert rows[0]["parked"]  # type: ignore[index]
            done = admin(server, "kick", "Ghost", "standing", "still")
            assert (done["count"], done["closing"], done["kept"]) == (1, 0, [])
            with irc(server.port, "Ghost"):
                ann.until("QUIT :Kicked: standing still")
                ann.until(":Ghost!Ghost@127.0.0.1 JOIN #lobby")
                assert len(admin(server, "list", "user=Ghost")["rows"]) == 1  # type: ignore[arg-type]
        finally:
            os.kill(ghost.pid, signal.SIGCONT)
        assert ghost.wait(DEADLINE) is not None  # it learns of it when it goes on


async def test_people_who_flood_each_other_and_read_nothing_hold_up_nobody(autojump_clock: MockClock) -> None:
    """S13 (ergo #2149): two whose answers wait for each other, and for the room, and for themselves. The clock jumps
    as soon as everybody waits, so a deadlock is a deadline."""
    async with chat(outbox=4000, metadata_rate=0) as c:
        ann = await c.irc("ann", join="#x")
        stalled = {name: c.connect_stalled() for name in ("bob", "cid")}
        for name, (peer, _) in stalled.items():
            await peer.send(f"NICK {name}", f"USER {name} 0 * :x", "JOIN #x")
            await ann.until(name, "JOIN")
        with trio.fail_after(60):
            for _ in range(40):
                for name, (peer, _) in stalled.items():
                    other = "cid" if name == "bob" else "bob"
                    await peer.send(*(f"PRIVMSG {who} :{'y' * 300}" for who in (other, "#x", name)))
                    await peer.send("WHO *", "LIST", f"TOPIC #x :{name}", "NAMES #x", f"PING {name}")
                await ann.sync()
            async with trio.open_nursery() as nursery:
                status = control_of(c, nursery).status()
            assert (status.users, status.waiting_entries) == (3, 0)
            for name, (peer, go_on) in stalled.items():
                go_on()
                await peer.send(f"PING {name}-is-through")
            for name, (peer, _) in stalled.items():
                await peer.until("PONG", f"{name}-is-through")
            await wait_all_tasks_blocked()
        assert set(c.world.users) == {"ann", "bob", "cid"}


def test_nothing_in_the_server_takes_a_lock() -> None:
    """S13: what is not there cannot be taken in two orders. There is no await between check and change, and threads
    get work by queues."""
    locks = {"Lock", "RLock", "Semaphore", "BoundedSemaphore", "StrictFIFOLock", "Barrier"}
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node.func) in locks
    ]
    assert found == []
