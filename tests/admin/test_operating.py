"""The commands over a whole server in memory: what those feel who are meant, and everybody else."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from admin.operator import CTRL_C, Operator
from incidents.consoles import console_of
from net.chat import Chat, Peer, chat
from net.wires import StreamWire
from triochat.domain import invites
from triochat.domain.policy import AccountPolicy
from triochat.domain.world import World
from triochat.net.connection import PLAIN


@asynccontextmanager
async def place() -> AsyncIterator[tuple[Chat, Operator]]:
    """A server, and an operator at its console."""
    with trio.fail_after(10_000):
        async with chat() as running, console_of(running) as operator:
            yield running, operator


# -- people and rooms --


async def test_show_tells_account_strikes_and_what_waits(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        bob = await c.irc("Bob", join="#x")
        await bob.send("ACCOUNT LOGIN Bob wrong-wrong")
        await bob.sync()
        shown = await operator.do("show Bob")
        assert shown.splitlines()[0].endswith("Bob #1, guest")
        assert "strikes   1 wrong password" in shown
        assert "waiting   0; lag –" in shown


async def test_a_client_that_does_not_read_is_seen_to_be_stuck_and_goes_at_once(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice", join="#x")
        zoe, _ = c.connect_stalled()
        await zoe.send("NICK Zoe", "USER zoe 0 * :Z", "JOIN #x")
        await alice.until("Zoe", "JOIN")
        await trio.sleep(38)
        assert "stuck 38s" in await operator.do("list")
        assert "reads nothing for 38s" in await operator.do("show Zoe")
        before = trio.current_time()
        told = await operator.do("kick Zoe your tab looks frozen")
        assert "Kicked 1: Zoe #2 (127.0.0.1). Connection closed in " in told
        assert "name free." in told
        await alice.until("Zoe", "QUIT", "your tab looks frozen")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(c.irc, "Zoe")
        assert trio.current_time() == before


async def test_a_filter_kicks_those_who_fit_and_only_those(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice", join="#x")
        for name in ("bot1", "bot2", "bot3", "bot4"):
            await c.irc(name, join="#x,#spam")
        assert "This would kick 4: bot1 #2" in await operator.do("kick room=#spam --dry-run")
        asked = await operator.do("kick room=#spam user=bot* being rude", "stop: ")
        assert "This would kick 4" in asked
        assert "Kicked 4" in await operator.do("yes")
        assert [line for line in await alice.sync() if "QUIT :Kicked: being rude" in line][3]
        assert "Nobody who is here fits that." in await operator.do("kick room=#spam")
        assert "Kicked 1: Alice" in await operator.do("kick *!*@127.0.0.*")


async def test_who_stays_without_a_connection_can_be_kicked_too(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        c.server.policy = AccountPolicy(always_on="mandatory")
        password = (await operator.do("account create Ann")).rpartition(" ")[2]
        alice, ann = await c.irc("Alice", join="#x"), c.connect()
        await ann.send(f"PASS Ann:{password}", "NICK Ann", "USER a 0 * :a", "JOIN #x")
        await ann.until(" 366 ")
        await ann.close()
        await alice.sync()
        await trio.testing.wait_all_tasks_blocked()
        assert "Ann" in await operator.do("room x")
        assert "This would take Ann, who has no connection" in await operator.do("kick ann --dry-run")
        assert "Took Ann, who had no connection, out of the chat; the name is free." in await operator.do(
            "kick ann enough"
        )
        await alice.until("Ann", "QUIT", "enough")
        assert "Nobody is called ann." in await operator.do("kick ann")


async def test_a_kick_frees_the_name_of_who_would_stay_and_says_when_it_does_not(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        c.server.policy = AccountPolicy(always_on="mandatory")
        password = (await operator.do("account create Ann")).rpartition(" ")[2]
        devices = [c.connect(), c.connect()]
        for ann in devices:
            await ann.send(f"PASS Ann:{password}", "NICK Ann", "USER a 0 * :a", "JOIN #x")
            await ann.until(" 366 ")
        first = await operator.do("kick 1")
        assert "Kicked 1: Ann #1" in first
        assert "; Ann is still here by other connections." in first
        assert "name free." in await operator.do("kick Ann enough")
        assert "Nobody is called Ann." in await operator.do("kick Ann")


class _Lingering(StreamWire):
    """A wire that cannot be closed."""

    async def aclose(self) -> None:
        await trio.sleep_forever()


async def test_a_kick_owns_up_when_a_connection_does_not_close(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        ours, theirs = trio.testing.memory_stream_pair()
        c.nursery.start_soon(c.door.serve, _Lingering(theirs), "127.0.0.1", PLAIN)
        bob = Peer(ours)
        await bob.send("NICK Bob", "USER b 0 * :b")
        await bob.until(" 376 ")
        assert "1 connection not closed yet after 900 ms, name free." in await operator.do("kick Bob")


async def test_rename_is_seen_by_everybody_and_obeys_the_rules_of_names(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice, bob = await c.irc("Alice", join="#x"), await c.irc("Bob", join="#x")
        await alice.sync()
        assert "This would call Bob Robert. Nothing done." in await operator.do("rename Bob Robert --dry-run")
        assert "Bob is Robert now." in await operator.do("rename bob Robert")
        for peer in (alice, bob):
            assert any(":Bob!~Bob@" in line or ":Bob!Bob@" in line for line in await peer.until(" NICK "))
        await bob.send("PRIVMSG #x :it is still me")
        assert (await alice.until("still me"))[-1].startswith(":Robert!")
        assert "Alice is here already" in await operator.do("rename Robert alice")
        assert "Erroneous nickname" in await operator.do("rename Robert #x")
        assert "Nobody is called Carol." in await operator.do("rename Carol Dave")


async def test_a_plain_line_user_can_be_renamed_but_not_moved(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        nan = await c.person("Nan")
        assert "Nan is Nana now." in await operator.do("rename Nan Nana")
        assert "Nana" in (await nan.until("Nana"))[-1]
        assert "Moved 0 to #dev" in await operator.do("move Nana #dev")


async def test_move_opens_closed_doors_and_empties_the_former_room(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice, bob = await c.irc("Alice", join="#dev"), await c.irc("Bob", join="#old")
        await alice.send("MODE #dev +ik secret")
        await alice.sync()
        assert "Moved 1 to #dev, out of #old: Bob #2." in await operator.do("move Bob #dev from=#old")
        await bob.until("JOIN", "#dev")
        await bob.until("PART", "#old")
        await bob.send("PRIVMSG #dev :hello")
        await alice.until("hello")
        assert "There is no room #old." in await operator.do("room #old")
        assert "Moved 0" in await operator.do("move Bob #dev")
        assert "Moved 2 to #new, out of #dev: " in await operator.do("move #dev #new")
        assert "members   @" in await operator.do("room new")
        assert "No such channel" in await operator.do('move Bob "#a b"')


async def test_close_puts_everybody_out_and_ends_the_room_for_its_owners_too(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        peers = [await c.irc(name, join="#spam") for name in ("Ann", "Bob", "Cid", "Dan", "Eve")]
        c.world.add_founder(c.world.rooms["#spam"], "Ann")
        asked = await operator.do("close #spam enough of this", "stop: ")
        assert "5 users would be put out. It belongs to Ann, who would lose it." in asked
        assert "Closed #spam; put out 5: Ann, Bob" in await operator.do("yes")
        for name, peer in zip(("Ann", "Bob", "Cid", "Dan", "Eve"), peers, strict=True):
            seen = await peer.until(" KICK ")
            assert seen[-1] == f":test.server KICK #spam {name} :enough of this"
            assert any("NOTICE #spam :This room is closed: enough of this" in line for line in seen)
            await peer.send("PRIVMSG #spam :x")
            await peer.until("403")
        assert "#spam" not in c.world.rooms
        assert "#lobby is always there" in await operator.do("close #lobby")
        await peers[0].send("JOIN #spam")
        await peers[0].until("366")


# -- accounts and what was said --


async def test_accounts_from_birth_to_death(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        told = await operator.do("account create Ann")
        password = told.rpartition(" ")[2]
        assert "Created the account Ann. Its password, shown this once: " in told
        ann = await c.irc("Ann2")
        await ann.send(f"ACCOUNT LOGIN Ann {password}")
        await ann.until(" 900 ")
        assert "password    1     –" in await operator.do("account list")
        assert "0 accounts." in await operator.do("account list nopassword")
        assert "Suspended Ann; ended 1 connection." in await operator.do("account suspend ann selling watches")
        await ann.rest()
        assert "suspended: selling watches" in await operator.do("account")
        assert "Ann may log in again." in await operator.do("account resume Ann")
        assert "The password of Ann is, shown this once: " in await operator.do("account reset Ann")
        assert "for ever." in await operator.do("account delete Ann", "stop: ")
        assert "Nothing done." in await operator.do("")
        assert "Deleted Ann; ended 0 connections. The name is free." in await operator.do("account delete Ann --yes")
        assert "There is no account Ann." in await operator.do("account resume Ann")
        audit = await operator.do("audit")
        assert "account create  Ann" in audit and "account delete  Ann" in audit
        assert password not in audit
        assert "Did you mean: suspend" in await operator.do("account suspnd Ann")


async def test_history_hides_texts_and_redaction_takes_a_line_back(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice", join="#x", caps="message-tags draft/message-redaction")
        await alice.send("PRIVMSG #x :my number is 555", "PRIVMSG #x :hello")
        await alice.sync()
        shown = await operator.do("history x")
        assert "555" not in shown and "«16 chars»" in shown and "2 lines. Texts are hidden" in shown
        assert "my number is 555" in await operator.do("history #x --content")
        msgid = json.loads((await operator.do("history #x last=2 --json")).splitlines()[-1])[0]["msgid"]
        assert "This would take back what Alice said in #x" in await operator.do(f"redact --dry-run {msgid}")
        assert "Took back what Alice said in #x (16 chars)." in await operator.do(f"redact {msgid} a number")
        assert f"REDACT #x {msgid} :a number" in (await alice.until("REDACT"))[-1]
        assert "1 line." in await operator.do("history #x")
        assert "There is no line" in await operator.do(f"redact {msgid}")
        assert "Nothing is kept of a room #none." in await operator.do("history #none")
        assert "read along" in await operator.do("audit")


async def test_export_writes_a_new_file(tmp_path: Path) -> None:
    async with chat() as c, console_of(c) as operator:
        alice = await c.irc("Alice", join="#x")
        await alice.send("PRIVMSG #x :hello")
        await alice.sync()
        file = tmp_path / "x.jsonl"
        assert f"lines of #x to {file}." in await operator.do(f"export #x {file}")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert lines[-1]["params"] == ["#x", "hello"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert f"Cannot write {file}: File exists." in await operator.do(f"export #x {file}")
        assert "Name the file in full" in await operator.do("export #x x.jsonl")


# -- the whole server --


async def test_a_lockdown_keeps_out_whom_it_says_and_ends_by_itself(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice")
        assert "No lockdown" in await operator.do("lockdown")
        assert "It ends by itself in 30m" in await operator.do("lockdown 1")
        await alice.send("REGISTER * * sesame-sesame")
        assert "No new accounts at the moment" in (await alice.until("REGISTER"))[-1]
        await c.irc("Bob")
        assert "Lockdown 2: no new accounts, and no newcomers without" in await operator.do("lockdown 2 for=1m")
        carol = c.connect()
        await carol.send("NICK Carol", "USER c 0 * :c")
        assert "Only people with an account may come in" in (await carol.rest())[-1]
        nan = c.connect()
        await nan.send("Nan")
        assert "Only people with an account" in (await nan.rest())[-1]
        await operator.do("account create Ann")
        assert "Lockdown 3" in await operator.do("lockdown 3 for=10s")
        dave = c.connect()
        await dave.send("NICK Dave", "USER d 0 * :d")
        assert "Nobody new may come in" in (await dave.rest())[-1]
        await alice.send("PRIVMSG Bob :still here")
        await alice.sync()
        await trio.sleep(11)
        await c.irc("Dave")
        assert "No lockdown" in await operator.do("lockdown off")
        assert "lockdown wants a level" in await operator.do("lockdown 4")


async def test_a_pause_loses_nothing_and_ends_by_itself(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice, bob = await c.irc("Alice", join="#x"), await c.irc("Bob", join="#x")
        assert "Nothing is read from 2 sessions for 5 seconds" in await operator.do("pause")
        began = trio.current_time()
        await alice.send("PRIVMSG #x :late")
        await bob.until("late")
        assert trio.current_time() - began == pytest.approx(5)
        await operator.do("pause for=1m")
        assert "Reading again." in await operator.do("pause off")
        await alice.sync()
        assert trio.current_time() - began < 6
        assert "for= wants a time between a second and 1 minute." in await operator.do("pause for=2h")


async def test_a_drain_takes_nobody_new_and_counts_who_is_left(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice")
        assert "No new connections are taken; 1 connection left." in await operator.do("drain")
        bob = c.connect()
        assert await bob.rest() == []
        await alice.close()
        await trio.testing.wait_all_tasks_blocked()
        assert "0 connections left." in await operator.do("drain")
        assert "Connections are taken again" in await operator.do("drain off")
        await c.irc("Bob")


async def test_a_shutdown_is_announced_and_can_be_cancelled(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice")
        assert "Announced to 1 session. Stopping in 90 seconds" in await operator.do(
            'shutdown in=90s reason="new version"'
        )
        began = trio.current_time()
        assert "NOTICE * :This server stops in 90 seconds: new version" in (await alice.until("NOTICE"))[-1]
        assert "in 1 minute: new version" in (await alice.until("stops"))[-1]
        assert "in 10 seconds: new version" in (await alice.until("stops"))[-1]
        assert trio.current_time() - began == pytest.approx(80)
        assert "due in 10s" in await operator.do("cancel --dry-run")
        assert "Cancelled; 1 session told." in await operator.do("cancel")
        assert "does not stop after all" in (await alice.until("NOTICE"))[-1]
        await trio.sleep(60)
        assert "No shutdown is under way." in await operator.do("cancel")
        await alice.sync()


async def test_limits_that_clients_were_told_of_are_told_again_and_count_at_once(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice, zoe = await c.irc("Alice", join="#a,#b"), await c.person("Zoe")
        assert "rooms_per_user 100 → 2 for 20 seconds." in await operator.do("set rooms_per_user 2 for=20s")
        told = (await alice.until("CHANLIMIT=#:2"))[-1]
        assert told == ":test.server 005 * CHANLIMIT=#:2 :are supported by this server"
        await alice.send("JOIN #c")
        assert " 405 " in (await alice.sync())[-1]
        newcomer = c.connect()
        await newcomer.send("NICK Bob", "USER b 0 * :b")
        assert "CHANLIMIT=#:2" in " ".join(await newcomer.until(" 376 "))
        await trio.sleep(21)
        await alice.until("CHANLIMIT=#:100")
        await operator.do("set command_burst 9")
        assert not [line for line in await alice.sync() if " 005 " in line]
        await operator.do("say #lobby hi")
        assert "005" not in " ".join(await zoe.until("hi"))


async def test_other_limits_count_at_once_too(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice, bob = await c.irc("Alice", join="#a"), await c.irc("Bob")
        for name, value in {
            "targets": 1,
            "monitor": 1,
            "list_modes": 1,
            "topic_length": 3,
            "metadata_rate": 0.5,
        }.items():
            assert f" → {value} until the server stops" in await operator.do(f"set {name} {value}")
        await alice.sync()
        await alice.send("PRIVMSG Bob,Alice :hi", "MONITOR + Zoe,Ann", "MODE #a +bb x!*@* y!*@*", "TOPIC #a :four")
        answers = " ".join(await alice.sync())
        assert all(f" {numeric} " in answers for numeric in ("407", "734", "478"))
        assert "TOPIC #a :four" not in answers
        for nick in ("Rob", "Robert"):
            await bob.send(f"NICK {nick}")
            await bob.sync()
        await operator.do("set whowas 1")
        await alice.send("WHOWAS Bob", "WHOWAS Rob")
        assert [line.split()[1] for line in await alice.sync() if " 314 " in line or " 406 " in line] == [
            "406",
            "314",
        ]


async def test_a_limit_is_set_for_a_time_and_counts_for_those_who_are_here(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        alice = await c.irc("Alice")
        assert "command_rate 0 → 1 for 10 minutes." in await operator.do("set command_rate 1 for=10m")
        await operator.do("set command_burst 1")
        began = trio.current_time()
        await alice.send(*["PING x"] * 20)
        for _ in range(20):
            await alice.until("PONG")
        assert trio.current_time() - began > 15
        told = await operator.do("limits command_rate")
        assert "again in 9m" in told
        assert "(above it they are read later); 0 = no limit." in told
        assert "(above it they are read later)" not in await operator.do("limits")
        assert "needs a restart" in await operator.do("limits nick_length")
        await trio.sleep(600)
        assert c.server.limits.command_rate == 0.0
        assert c.server.limits.command_burst == 1
        assert "cannot change while the server runs" in await operator.do("set nick_length 40")
        assert "No limit foo." in await operator.do("set foo 1")
        assert "it wants a number" in await operator.do("set outbox many")
        assert "must be at least 1" in await operator.do("set outbox 0")
        assert "must be at least 1" in await operator.do("set consoles 0")
        assert "is below 0" in await operator.do("set connections -5")


# -- watching, and oneself --


async def test_monitor_shows_logins_and_what_operators_do(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        bob = await c.irc("Bob")
        await operator.type("monitor auth\n")
        await operator.until("stops.\r\n")
        await bob.send("ACCOUNT LOGIN Bob wrong-wrong")
        shown = await operator.until("»\r\n")
        assert "Bob" in shown and "refused" in shown and "«wrong password, from 127.0.0.1»" in shown
        await operator.type(CTRL_C)
        assert "1 event shown" in await operator.until()
        assert c.server.observers == []


async def test_the_log_can_be_watched_at_any_level(autojump_clock: MockClock) -> None:
    async with place() as (_, operator):
        logger, usual = logging.getLogger("triochat"), logging.NullHandler()
        seen: list[str] = []
        usual.handle = lambda record: bool(seen.append(record.getMessage()))  # type: ignore[method-assign,func-returns-value]
        logger.addHandler(usual)
        before = logger.level, list(logger.handlers)
        await operator.type("log debug grep=tls\n")
        await operator.until("stops.\r\n")
        logging.getLogger("triochat.net").debug("nothing of interest")
        logging.getLogger("triochat.net").debug("no TLS handshake with \x1b[2J")
        shown = await operator.until("»\r\n")
        assert "triochat.net" in shown and "debug" in shown and "«no TLS handshake with ␛[2J»" in shown
        await operator.type(b"q")
        await operator.until()
        assert (logger.level, logger.handlers, usual.level) == (*before, logging.NOTSET)
        logger.removeHandler(usual)
        assert seen == []


async def test_json_stays_on_until_it_is_off(autojump_clock: MockClock) -> None:
    async with place() as (_, operator):
        assert (await operator.do("json on")).endswith('{"json": true}')
        assert (await operator.do("list")).endswith("[]")
        assert '{"error": "No command kikc. Did you mean: kick"}' in await operator.do("kikc")
        assert "Answers are text." in await operator.do("json off")
        assert "0 users." in await operator.do("list")


# -- invitations --


async def test_an_invitation_opens_server_lockdown_and_room_as_often_as_it_says(autojump_clock: MockClock) -> None:
    with trio.fail_after(10_000):
        async with chat(password="sesame") as c, console_of(c) as operator:
            c.server.password = None
            alice = await c.irc("Alice", join="#dev")
            await alice.send("MODE #dev +ik key")
            await alice.sync()
            c.server.password = "sesame"
            told = await operator.do("invite dev uses=2 for=2h")
            code = told.splitlines()[0].rpartition(" ")[2]
            assert (
                "Invitation to #dev for 2 people until " in told
                and f"ircs://:{code}@chat.example.org:6697/dev" in told
            )
            await operator.do("lockdown 3")

            async def comes(nick: str, password: str) -> list[str]:
                peer = c.connect()
                await peer.send(f"PASS {password}", f"NICK {nick}", f"USER {nick} 0 * :x", "JOIN #dev", "QUIT")
                return await peer.rest()

            for nick in ("Bob", "Carol", "bob"):  # who comes back counts once
                seen = await comes(nick, code)
                assert f":test.server INVITE {nick} #dev" in seen
                assert any(f":{nick}!" in line and "JOIN" in line for line in seen), seen
            assert "464" in (await comes("Dave", code))[0]
            assert "464" in (await comes("Dave", "guess"))[0]
            assert "Nobody new may come in" in (await comes("Dave", "sesame"))[-1]
            assert f"{code}  #dev  2 of 2" in await operator.do("invites")
            assert code not in await operator.do("audit")
            assert "used by 2 people, who stay." in await operator.do(f"uninvite {code}")
            assert "464" in (await comes("Bob", code))[0]
            assert "Nobody is invited." in await operator.do("invites")
            assert "There is no invitation" in await operator.do(f"uninvite {code}")
            assert "chat.example.org:6697/%23%23x%2Fy" in await operator.do("invite ##x/y")


async def test_an_invitation_ends_with_its_time_and_outlives_a_restart(autojump_clock: MockClock) -> None:
    async with place() as (c, operator):
        code = (await operator.do("invite for=1h")).splitlines()[0].rpartition(" ")[2]
        kept = c.store.records("invitation")
        world = World(c.server.limits)
        for value in kept.values():
            invites.restore(world.invitations, value)
        now = int(c.server.wall_clock())
        assert world.invitations.find(code, "bob", now) is not None
        assert world.invitations.find(code, "bob", now + 3600) is None
        c.server.wall_clock = lambda: now + 3600.0
        assert "Nobody is invited." in await operator.do("invites")
        await c.journal.barrier()
        assert c.store.records("invitation") == {}
