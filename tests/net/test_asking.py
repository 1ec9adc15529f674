"""Commands that ask the server on the same machine."""

import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from triochat.net.asking import NobodyThere, ask


def test_a_socket_that_is_left_over_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "triochat.db.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(NobodyThere):
        ask(path, {"do": "list"})


@pytest.mark.parametrize("said", [b"", b'{"accou', b"[1]"])
def test_an_answer_that_is_none_is_told_as_such(said: bytes, tmp_path: Path) -> None:
    path = tmp_path / "triochat.db.sock"
    with socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(path))
        dying.listen()

        def serve() -> None:
            with dying.accept()[0] as asked:
                asked.recv(1000)
                asked.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        assert ask(path, {"do": "list"}) == {"error": "The server did not answer."}
        thread.join()


def test_a_server_that_takes_nobody_in_is_an_answer_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "triochat.db.sock"
    with ExitStack() as opened:
        busy = opened.enter_context(socket.socket(socket.AF_UNIX))
        busy.bind(str(path))
        busy.listen(0)
        for _ in range(2):  # more than it has room for
            waiting = opened.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            waiting.connect_ex(str(path))
        assert ask(path, {"do": "list"})["error"].startswith("The server cannot be asked: ")
