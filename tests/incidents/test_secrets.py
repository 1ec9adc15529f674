"""S15: secrets that are compared byte by byte tell by the time it takes how much of a guess is right (Prosody,
CVE-2021-32921). S25: logins that tell which accounts there are, or that stop the chat while
passwords are hashed."""

import ast
import base64
import re
import threading
from collections.abc import Iterator

import pytest
import trio
from argon2 import PasswordHasher

from commands.harness import Chat
from incidents.sources import last_name, modules
from net.chat import Peer, chat
from triochat import passwords as module
from triochat.commands.server import Operator
from triochat.domain.accounts import Account
from triochat.domain.limits import Limits
from triochat.passwords import ThreadedPasswords

SECRET = re.compile(
    r"(^|_)(password|passwd|secret|token|hash|digest|proof|signature|credentials|mac|fingerprint|argon2)s?$"
)
NO_SECRETS = {
    ("src/triochat/cli/user.py", "password"): "what one has typed twice",
    ("src/triochat/client/catchup.py", "token"): "the word in a PING",
    ("src/triochat/client/delivery.py", "token"): "the word in a PING",
    ("src/triochat/client/dial.py", "fingerprint"): "of a certificate, which everybody may see",
    ("src/triochat/trust.py", "fingerprint"): "of a certificate, which everybody may see",
    ("src/triochat/cli/dialling.py", "fingerprint"): "of a certificate, which everybody may see",
    ("src/triochat/client/delivery.py", "_token"): "the word in a PING",
    ("src/triochat/commands/registrar.py", "credentials"): "two states of what is kept: did it change meanwhile?",
    ("src/triochat/commands/sasl.py", "credentials"): "two states of what is kept: did it change meanwhile?",
}


def is_secret(operand: ast.expr) -> bool:
    """True for what is called like a secret; keys are mostly those of dictionaries, but `room.key` is none."""
    name = last_name(operand)
    return SECRET.search(name) is not None or (name == "key" and isinstance(operand, ast.Attribute))


def comparisons() -> Iterator[tuple[str, int, str]]:
    """Where something that is called like a secret is compared by ==, != or in: module, line and name."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Compare):
                continue
            if not any(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops):
                continue
            operands = [node.left, *node.comparators]
            if any(isinstance(operand, ast.Constant) for operand in operands):
                continue  # with a word that stands in the source
            for operand in filter(is_secret, operands):
                yield path, node.lineno, last_name(operand)


def test_secrets_are_compared_in_constant_time_only() -> None:
    """S15: by hmac.compare_digest, or within argon2. What only looks like a secret is listed, with the reason."""
    found = {(path, name) for path, _, name in comparisons()}
    assert found - NO_SECRETS.keys() == set(), [where for where in comparisons() if where[::2] not in NO_SECRETS]
    assert NO_SECRETS.keys() - found == set()


def test_the_rule_finds_what_it_is_for() -> None:
    """S15: passwords of the server and of operators, keys of rooms and proofs are where they are said to be."""
    uses = [path for path, tree in modules() for node in ast.walk(tree) if last_name_of(node) == "compare_digest"]
    assert set(uses) == {
        "admin/triochat_admin/login.py",
        "src/triochat/commands/operators.py",
        "src/triochat/commands/server.py",
        "src/triochat/domain/room.py",
        "src/triochat/proto/sasl.py",
    }


def last_name_of(node: ast.AST) -> str:
    return last_name(node.func) if isinstance(node, ast.Call) else ""


# -- S25 --


@pytest.mark.parametrize("name", ["plain", "hashed", "nobody"])
async def test_an_operators_name_cannot_be_told_from_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """S25: whichever name is tried, one hash is checked and the answer is the same."""
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(str(password))
            return bool(super().verify(hash, password))

    monkeypatch.setattr(module, "PasswordHasher", Counting)
    operators = {
        "plain": Operator("plain", password="sesame"),
        "hashed": Operator("hashed", password_hash=PasswordHasher(1, 8, 1).hash("sesame")),
    }
    town = Chat(operators=operators)
    town.server.registrar.passwords = ThreadedPasswords("test")
    eve = town.user("Eve")
    waiting = eve._handle(eve.client, f"OPER {name} guess".encode())
    assert waiting is not None
    await waiting
    eve.client.flush()
    assert eve.sees() == [":irc.test 464 Eve :Password incorrect"]
    assert checked == ["guess"]


async def test_a_flood_of_logins_waits_for_itself_and_the_chat_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """S25: passwords are hashed in a few threads. While these are busy, and for as long as that may be, everybody
    else talks, and the rest of the flood stands in line."""
    go_on = threading.Event()
    busy: list[str] = []

    class Stuck(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            assert threading.current_thread() is not threading.main_thread()
            busy.append(str(password))
            go_on.wait(20)
            return bool(super().verify(hash, password))

    monkeypatch.setattr(module, "PasswordHasher", Stuck)
    try:
        async with chat() as c:
            passwords = c.server.registrar.passwords = ThreadedPasswords("test")
            c.server.registrar.accounts.put(Account("Eve", 0, await passwords.make("sesame")))
            ann, bob = await c.irc("ann", join="#x"), await c.irc("bob", join="#x")
            flood = [await _trying(c.connect(), "Eve" if i % 2 else "nobody") for i in range(40)]
            with trio.fail_after(20):
                while len(busy) < 2:
                    await trio.lowlevel.checkpoint()
                await ann.send("PRIVMSG #x :hello")
                await bob.until("PRIVMSG #x :hello")
                newcomer = await c.irc("cid", join="#x")
                await newcomer.sync()
                assert len(busy) == 2
                go_on.set()
                for i, peer in enumerate(flood):
                    answer = (await peer.until(" 90"))[-1]
                    assert (" 900 " in answer) == bool(i % 2)
            assert len(busy) == 40
    finally:
        go_on.set()


async def _trying(peer: Peer, name: str) -> Peer:
    """Somebody who tries a password; the answer is still to come."""
    response = base64.b64encode(f"\0{name}\0sesame".encode()).decode()
    await peer.send("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {response}")
    return peer


def test_a_room_key_cannot_be_guessed_letter_by_letter() -> None:
    """S15: right is right, and all that is wrong is answered alike."""
    town = Chat(limits=Limits())
    ann, eve = town.user("Ann"), town.user("Eve")
    ann.types("JOIN #a", "MODE #a +k s\u00e9same")
    answers = {tuple(eve.types(f"JOIN #a {guess}")) for guess in ("s", "s\u00e9sam", "s\u00e9sama", "sesame", "")}
    assert answers == {(":irc.test 475 Eve #a :Cannot join channel (+k)",)}
    assert eve.types("JOIN #a s\u00e9same")[0] == ":Eve!u@192.0.2.1 JOIN #a"
