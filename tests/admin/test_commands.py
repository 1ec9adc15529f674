"""What the commands say and do, without any IO."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.small_server import SmallServer, user
from commands.harness import at_once
from triochat.client import address
from triochat.operations import Kicked, OperationError
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import (
    Answer,
    CommandFailed,
    Later,
    Leave,
    NotAllowed,
    Question,
    Result,
    UsageError,
    Watch,
    find,
    parse,
)


def do(server: SmallServer, line: str) -> Result:
    command, call = parse(COMMANDS, line, server, "test")
    return command.run(call)


def answer(server: SmallServer, line: str) -> Answer:
    return at_last(do(server, line))


def at_last(result: Result) -> Answer:
    """The answer of a command that may wait, and here never does."""
    if isinstance(result, Later):
        result = at_once(result.finish())
    assert isinstance(result, Answer)
    return result


# Grammar.


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("list", "list"),
        ("l", "list"),
        ("K", "kick"),
        ("mon", "monitor"),
        ("exp", "export"),
        ("room", "room"),
        ("exit", "quit"),
        ("q", "quit"),
        ("?", "help"),
    ],
)
def test_names_beginnings_and_aliases(verb: str, name: str) -> None:
    assert find(COMMANDS, verb).name == name


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("kikc Bob", "No command kikc. Did you mean: kick"),
        ("xyzzy", "No command xyzzy. Type help for all of them."),
        ("s", f"s could be: {', '.join(c.name for c in COMMANDS if c.name.startswith('s'))}"),
        ("a\x1b[2J", "No command a␛[2J. Type help for all of them."),
        ("show", "show needs more: show WHO"),
        ("say #lobby", "say needs more: say #ROOM|WHO TEXT"),
        ("show Bob Alice", "Alice is one word too many: show WHO"),
        ("list --yes", "list has no option --yes: list [FILTER …] [room=…] [sort=…] [cols=…]"),
        (
            "list foo=1",
            "list knows no foo= but user=, room=, from=, client=, account=, door=, tls=, parked=, sort=, cols=, "
            "limit=",
        ),
        ("list sort=nam", "sort= wants one of: id, name, idle, lag, queue, from, since, account. Did you mean: name"),
        ("list limit=0", "limit= wants a number such as limit=200."),
        ("list limit=" + "9" * 5000, "limit= wants a number such as limit=200."),
        ("monitor mesage", "No kind mesage. Did you mean: message"),
        ("monitor rate=x", "rate= wants events a second, such as rate=50."),
        ("help kik", "No command kik. Did you mean: kick"),
    ],
)
def test_mistakes_get_one_sentence_that_helps(line: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        do(SmallServer(), line)
    assert str(caught.value) == sentence


@given(st.text(alphabet=st.sampled_from("kicklistsaym \"'=-#b\\é*?["), min_size=1).filter(lambda line: line.strip()))
def test_no_line_breaks_a_command(line: str) -> None:
    try:
        do(SmallServer(), line)
    except (UsageError, CommandFailed, OperationError) as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('say #lobby it\'s  "fine" \\o/', 'it\'s  "fine" \\o/'),
        ("say #lobby --json looks like an option", "looks like an option"),
        ("say #lobby -- --json is an option", "--json is an option"),
        ("say #lobby --unknown is text", "--unknown is text"),
        ("say #lobby a=b", "a=b"),
        ('say "#lobby" x', "x"),
    ],
)
def test_free_text_is_taken_as_it_is(line: str, text: str) -> None:
    server = SmallServer()
    do(server, line)
    assert server.done == [("say", "#lobby", text, "test")]


def test_a_word_in_quotes_may_have_spaces_and_be_no_key() -> None:
    assert "0 sessions of 3." in answer(SmallServer(), 'list "room=#dev"').text
    assert "0 sessions of 3." in answer(SmallServer(), "list 'a b'").text


# Looking.


def test_list_shows_everybody() -> None:
    server = SmallServer(
        user(7, "Alice", "#lobby", "#dev", address="192.168.1.20", client="weechat 4.4", tls=True),
        user(9, "Zoë", idle_s=72.0, lag_ms=None, outbox_bytes=62_000, parked=True),
    )
    assert answer(server, "list").text.split("\n") == [
        "  ID  NAME   ROOMS        FROM          CLIENT           IDLE   LAG  QUEUE",
        "   7  Alice  #lobby #dev  192.168.1.20  weechat 4.4 TLS  4s     2ms  0",
        "   9  Zoë    #lobby       127.0.0.1     triochat 0.1     1m12s  –    61 KB  parked",
        "2 users.",
    ]


def test_list_of_nobody() -> None:
    server = SmallServer()
    server.users = []
    assert answer(server, "list") == Answer("0 users.", [])


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("list", [7, 9, 12]),
        ("list room=#dev", [7]),
        ("list room=dev", [7]),
        ("list ali", [7]),
        ("list user=b*", [9]),
        ("list user=o", [9, 12]),
        ("list from=127.*", [7, 9, 12]),
        ("list tls=yes", []),
        ("list parked=no client=triochat", [7, 9, 12]),
        ("list sort=name", [7, 9, 12]),
        ("list lobby sort=queue limit=1", [12]),
        ("list user=[x", []),
    ],
)
def test_list_can_be_narrowed_and_sorted(line: str, ids: list[int]) -> None:
    server = SmallServer(user(7, "Alice", "#lobby", "#dev"), user(9, "Bob"), user(12, "Zoe", outbox_bytes=5))
    data = answer(server, line).data
    assert isinstance(data, list)
    assert [row.id for row in data] == ids


def test_a_long_list_is_bounded_and_says_so() -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(12_000)))
    result = answer(server, "list")
    assert result.text.count("\n") == 201
    assert result.text.endswith("12,000 users. … 11,800 more, limit=10000 shows them.")
    assert isinstance(result.data, list)
    assert len(result.data) == 10_000


def test_names_cannot_paint_the_table() -> None:
    text = answer(SmallServer(user(1, "a\x1b[2J\r\nb\u202e", "#x\x07")), "list").text
    assert "a␛[2J␍␊b\\u202e" in text
    assert text.count("\n") == 2


def test_show_tells_everything_safely() -> None:
    text = answer(SmallServer(), "show bob").text
    assert text.startswith("Bob #9, guest\n  user      bob (Bob ␛[2J)\n")


def test_rooms_and_the_members_of_one() -> None:
    server = SmallServer()
    assert answer(server, "rooms").text.split("\n") == [
        "  ROOM    USERS  MODES  TOPIC",
        "  #dev        1  +nt    cake ␇",
        "  #lobby      3  +nt    cake ␇",
        "2 rooms.",
    ]
    assert answer(server, "rooms lobby").text.split("\n")[-1] == "  Alice Bob Zoë"
    assert answer(server, "rooms nope").text == "0 rooms."


def test_status_and_help() -> None:
    assert answer(SmallServer(), "status").text.startswith("triochat 1.0 on mercury – 3 users in 2 rooms, up 2h14m.")
    overview = answer(SmallServer(), "help").text
    for command in COMMANDS:
        assert f"  {command.usage}" in overview and f"  {command.summary}" in overview
        assert command.help in answer(SmallServer(), f"help {command.name}").text


def test_every_example_in_the_help_is_a_command() -> None:
    for command in COMMANDS:
        for line in command.help.split("\n"):
            if line.startswith("Example: "):
                assert parse(COMMANDS, line.removeprefix("Example: "), SmallServer(), "test")[0] is command


# Acting.


def test_kick_says_how_many_and_whom() -> None:
    server = SmallServer()
    result = answer(server, "kick bob being  rude")
    text = "Kicked 1: Bob #9 (127.0.0.1). Connection closed in 3.0 ms, name free."
    assert (result.text, result.count) == (text, 1)
    assert server.done == [("kick", [9], "being  rude", "test")]


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Kicked(1, ("Bob #9",), 0.42), "Connection closed in 0.4 ms, name free."),
        (Kicked(1, ("Bob #9",), 900.0, closing=1), "1 connection not closed yet after 900 ms, name free."),
        (Kicked(1, ("Bob #9",), 2.0, kept=("Bob",)), "Connection closed in 2.0 ms; Bob is still here by other"),
        (Kicked(2, ("Bob #9", "Bob #10"), 12.0), "Connections closed in 12 ms, name free."),
        (Kicked(2, ("Bob #9", "Zoë #12"), 12.0), "Connections closed in 12 ms, names free."),
    ],
)
def test_kick_says_what_became_of_the_connections_and_names(done: Kicked, told: str) -> None:
    server = SmallServer(user(9, "Bob"), user(10, "Bob"), user(12, "Zoë"))
    server.kicked = done
    assert told in answer(server, "kick 127.0.0.1").text


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("Nobody", "Nobody is called Nobody."),
        ("#99", "There is no session #99."),
        ("99", "There is no session #99."),
        ("10.0.0.5", "Nobody is connected from 10.0.0.5."),
        ("::1", "Nobody is connected from ::1."),
        ("\x1bc", "Nobody is called ␛c."),
    ],
)
@pytest.mark.parametrize("verb", ["kick", "show"])
def test_an_unknown_target_is_said_and_hits_nobody(verb: str, target: str, sentence: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        do(SmallServer(), f"{verb} {target}")
    assert (str(caught.value), caught.value.count) == (sentence, 0)


def test_a_kick_of_many_asks_first_and_then_hits_exactly_those() -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(30)))
    question = do(server, "kick 127.0.0.1 bye")
    assert isinstance(question, Question)
    assert question.text.startswith("This would kick 30: user0 #0, user1 #1,")
    assert question.text.endswith("user19 #19 and 10 more. That is everybody.")
    assert server.done == []
    server.users.append(user(99, "Newcomer"))
    result = at_last(question.go())
    assert result.count == 30
    assert [row.name for row in server.users] == ["Newcomer"]


def test_yes_answers_the_question_in_advance() -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(4)))
    assert answer(server, "kick 127.0.0.1 --yes bye").count == 4
    assert server.done == [("kick", [0, 1, 2, 3], "bye", "test")]


def test_three_are_kicked_without_asking() -> None:
    assert answer(SmallServer(), "kick 127.0.0.1").count == 3


def test_announce_counts() -> None:
    server = SmallServer()
    assert answer(server, "announce back soon").count == 3
    assert server.done == [("announce", "back soon", "test")]


def test_shutdown_stops_only_after_its_answer() -> None:
    server = SmallServer()
    result = answer(server, "shutdown new version")
    assert (result.text, result.count, server.done) == ("Shutting down; 3 sessions will be told.", 3, [])
    assert result.afterwards is not None
    result.afterwards()
    assert server.done == [("shutdown", "new version", "test")]


CHANGING = {
    "account": "account suspend Alice being rude",
    "announce": "announce hi",
    "ban": "ban Bob",
    "cancel": "cancel",
    "close": "close #lobby",
    "drain": "drain",
    "invite": "invite #dev uses=5",
    "kick": "kick Bob",
    "lockdown": "lockdown 2 for=1h",
    "move": "move Bob #dev",
    "mute": "mute Bob",
    "pause": "pause for=2s",
    "redact": "redact m-1 oops",
    "reload": "reload",
    "rename": "rename Bob Robert",
    "say": "say Bob hi",
    "set": "set command_rate 5",
    "shutdown": "shutdown",
    "unban": "unban 1",
    "uninvite": "uninvite abcd-efgh-jkmn-pqrs",
    "unmute": "unmute 1",
}


def prepared(line: str) -> SmallServer:
    """A server on which *line* has something to change."""
    server = SmallServer()
    server.ban("Bob", mute="mute" in line, seconds=0, reason="", by="")
    if line == "cancel":
        server.whole.stop_in(60, "", "")
    server.done.clear()
    return server


def test_the_table_of_what_changes_is_complete() -> None:
    assert sorted(CHANGING) == sorted(command.name for command in COMMANDS if command.changes)


@pytest.mark.parametrize("line", CHANGING.values())
def test_every_command_that_changes_something_counts_and_can_only_tell_what_it_would_do(line: str) -> None:
    server = prepared(line)
    barred = list(server.barred)
    verb, _, rest = line.partition(" ")
    dry = at_last(do(server, f"{verb} --dry-run {rest}"))
    assert (dry.count, dry.afterwards, server.done, server.barred) == (0, None, [], barred)
    assert "would" in dry.text
    done = at_last(do(server, f"{verb} --yes {rest}"))
    assert done.count
    assert done.afterwards or server.done or server.barred != barred


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("viewer", ["list", "show Bob", "status", "bans", "history #lobby", "monitor", "limits"], ["kick Bob"]),
        ("moderator", ["kick Bob", "mute Bob", "history #lobby --content", "account"], ["shutdown", "set x 1"]),
        ("admin", list(CHANGING.values()), []),
        ("", [], ["list", "help"]),
    ],
)
def test_roles_may_what_they_include(role: str, may: list[str], may_not: list[str]) -> None:
    for line in may:
        command, call = parse(COMMANDS, line, prepared(line), "test", role)
        command.run(call)
    for line in [*may_not, "history #lobby --content"] if role in ("viewer", "") else may_not:
        with pytest.raises(NotAllowed, match="needs the role"):
            parse(COMMANDS, line, SmallServer(), "test", role)


def test_moderators_may_not_all_of_account() -> None:
    for line in ("account create Eve", "account reset Alice", "account delete Alice"):
        command, call = parse(COMMANDS, line, SmallServer(), "test", "moderator")
        with pytest.raises(NotAllowed, match="needs the role admin; yours is moderator"):
            command.run(call)


def test_help_shows_what_one_may() -> None:
    command, call = parse(COMMANDS, "help", SmallServer(), "test", "viewer")
    shown = at_last(command.run(call)).text
    assert "  list [FILTER" in shown and "shutdown" not in shown and "Whole server" not in shown


def test_monitor_and_quit_are_left_to_the_console() -> None:
    watch = do(SmallServer(), "monitor user=Bob room=#lobby messages --content rate=5/s")
    assert isinstance(watch, Watch)
    assert (watch.title, watch.rate, watch.content) == (
        "Watching user=Bob room=#lobby message, texts shown.",
        5,
        True,
    )
    assert isinstance(do(SmallServer(), "quit"), Leave)


# Bans.


def test_a_ban_says_whom_it_hit_until_when_and_how_to_lift_it() -> None:
    server = SmallServer()
    said = answer(server, "ban Bob for=1h30m frozen tabs")
    assert said.text.startswith("Banned Bob until 2096-10-0")
    assert said.text.endswith("(ban 1); hit 1 session: Bob #9. unban 1 lifts it.")
    assert server.done == [("ban", "Bob", 5400, "frozen tabs", "test")]
    assert answer(server, "mute Nobody").text == "Muted Nobody (mute 2); hit 0 sessions. unmute 2 lifts it."


@pytest.mark.parametrize(
    ("target", "preview"),
    [
        ("10.0.0.0/8", "This would ban 10.0.0.0/8: nobody who is here. It may mean very many others."),
        (
            "*!*@*",
            "This would ban *!*@*: 3 of 3 sessions, Alice #7, Bob #9, Zoë #12. That is everybody.",
        ),
    ],
)
def test_a_wide_ban_shows_whom_it_would_hit_and_asks(target: str, preview: str) -> None:
    server = SmallServer()
    question = do(server, f"ban {target}")
    assert isinstance(question, Question)
    assert question.text == preview
    assert server.done == []
    question.go()
    assert len(server.done) == 1
    assert answer(server, f"ban {target} --yes").count is not None
    dry = answer(server, f"ban {target} --dry-run --yes")
    assert (dry.text, dry.count) == (f"{preview} Nothing done.", 0)
    assert len(server.done) == 2


def test_bans_are_listed_and_lifted_by_number_or_target() -> None:
    server = SmallServer()
    assert answer(server, "bans").text == "Nobody is banned or muted."
    answer(server, "ban Bob for=9w \x1b[2J")
    answer(server, "mute Alice")
    assert answer(server, "bans").text.splitlines()[1].split()[:3] == ["1", "ban", "Bob"]
    assert "\x1b" not in answer(server, "bans").text
    assert answer(server, "unmute Alice").text == "Lifted mute 2 of Alice."
    with pytest.raises(CommandFailed, match="There is no mute 1; bans shows all"):
        do(server, "unmute 1")
    assert answer(server, "unban 1").count == 1


@pytest.mark.parametrize("time", ["", "2", "h", "2x", "2h!", "0s", "-1h", "9999999w", "²h"])
def test_a_time_that_is_none_is_explained(time: str) -> None:
    with pytest.raises(UsageError, match="for= wants a time"):
        do(SmallServer(), f"ban Bob for={time}")


@pytest.mark.parametrize(("scheme", "tls"), [("ircs", True), ("irc", False)])
def test_our_own_client_is_told_how_to_talk_to_a_server_without_tls(scheme: str, tls: bool) -> None:
    server = SmallServer()
    row = server.invites.row
    server.invites.row = replace(row, link=row.link.replace("ircs:", f"{scheme}:"))
    told = answer(server, "invite #dev uses=5").text
    (line,) = (line for line in told.split("\n") if line.startswith("  terminal"))
    words = line.split()[3:]
    asked = False if words[0] == "--no-tls" else None
    assert address.parse(words[asked is not None], tls=asked) == address.Address("mercury", 5000, tls)
