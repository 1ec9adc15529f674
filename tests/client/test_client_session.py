"""The protocol of one connection."""

import pytest

from client.session_steps import IRCV3, NOON, at, hear, online, sent
from triochat.client import events as ev
from triochat.client.catchup import Entrance
from triochat.client.session import Session

TIME = "@time=2026-11-22T11:00:00.000Z"


def test_registration_starts_with_everything_a_server_needs() -> None:
    session = Session("Bob", NOON, password="secret")
    assert sent(session) == ["CAP LS 302", "PASS secret", "NICK Bob", "USER Bob 0 * Bob"]


def test_a_name_of_other_letters_has_a_plain_user_name() -> None:
    """USER's name is no place for letters that old servers refuse."""
    assert "USER guest 0 * 名前" in sent(Session("名前", NOON))


def test_capabilities_are_requested_when_the_whole_list_was_read() -> None:
    session = Session("Bob", NOON)
    sent(session)
    hear(session, ":irc CAP * LS * :sts=port=1 echo-message")
    assert sent(session) == []
    hear(session, ":irc CAP * LS :batch chghost")
    assert sent(session) == ["CAP REQ :batch echo-message"]
    hear(session, ":irc CAP * ACK :batch echo-message")
    assert sent(session) == ["CAP END"]


@pytest.mark.parametrize("answer", [":irc CAP * LS :", ":irc CAP * LS :setname chghost"])
def test_without_useful_capabilities_negotiation_ends_at_once(answer: str) -> None:
    session = Session("Bob", NOON)
    sent(session)
    hear(session, answer)
    assert sent(session) == ["CAP END"]


def test_refused_capabilities_are_done_without() -> None:
    session = Session("Bob", NOON)
    hear(session, ":irc CAP * LS :batch")
    sent(session)
    hear(session, ":irc CAP * NAK :batch")
    assert sent(session) == ["CAP END"]
    assert not session.caps.enabled


def test_capabilities_that_come_and_go_later_are_followed() -> None:
    session = online("cap-notify echo-message")
    hear(session, ":irc CAP Bob NEW :batch chghost")
    assert sent(session) == ["CAP REQ batch"]
    hear(session, ":irc CAP Bob ACK :batch", ":irc CAP Bob DEL :echo-message")
    assert session.caps.enabled == {"batch", "cap-notify"}
    assert sent(session) == []


def test_rooms_are_entered_when_we_are_let_in() -> None:
    session = Session("Bob", NOON, rooms={"#lobby": Entrance(), "#dev": Entrance("key")})
    sent(session)
    assert hear(session, ":irc 001 Bob :Welcome") == [ev.Registered("Bob", "Bob")]
    assert [line for line in sent(session) if "JOIN" in line] == ["JOIN #lobby", "JOIN #dev key"]


def test_a_taken_name_is_counted_up() -> None:
    session = Session("Bob", NOON)
    sent(session)
    hear(session, ":irc 433 * Bob :taken", ":irc 433 * Bob2 :taken")
    assert sent(session) == ["NICK Bob2", "NICK Bob3"]
    assert hear(session, ":irc 001 Bob3 :Welcome") == [ev.Registered("Bob3", "Bob")]


def test_a_server_on_which_every_name_is_taken_is_given_up() -> None:
    session = Session("Bob", NOON)
    events = hear(session, *[":irc 433 * Bob :taken"] * 50)
    assert events[0] == ev.Refused(ev.Cause.NAME, "Bob and all names like it are taken here.")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (":irc 432 * Bob :Erroneous nickname", ev.Cause.NAME),
        (":irc 464 * :Password incorrect", ev.Cause.PASSWORD),
        (":irc 465 * :You are banned", ev.Cause.BANNED),
        (":oper!o@h KILL Bob :spam", ev.Cause.REMOVED),
        ("ERROR :This port speaks TLS only: switch TLS (SSL) on in your client", ev.Cause.PLAIN_TEXT),
    ],
)
def test_what_makes_another_attempt_pointless_is_a_refusal(line: str, cause: ev.Cause) -> None:
    (event,) = hear(Session("Bob", NOON), line)
    assert isinstance(event, ev.Refused)
    assert event.cause is cause


def test_the_old_name_is_taken_back_when_the_old_connection_ends() -> None:
    session = Session("Bob", NOON, again=True)
    hear(session, ":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome")
    sent(session)
    hear(session, ":Bob!b@h QUIT :Ping timeout")
    assert sent(session) == ["NICK Bob"]
    assert hear(session, ":irc 433 Bob2 Bob :taken") == []


def test_a_strangers_name_is_not_taken_when_they_leave() -> None:
    """Who was Bob2 from the start never was Bob."""
    session = Session("Bob", NOON)
    hear(session, ":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome")
    sent(session)
    hear(session, ":Bob!b@h QUIT :bye")
    assert sent(session) == []


def test_history_is_asked_for_and_told_before_what_was_said_meanwhile() -> None:
    session = online(IRCV3)
    hear(session, ":Bob!b@h JOIN #lobby")
    request, ping = sent(session)
    assert request == "CHATHISTORY LATEST #lobby * 20"
    assert hear(session, ":Alice!a@h PRIVMSG #lobby :new", ":irc BATCH +x chathistory #lobby") == []
    assert hear(session, f"{TIME};batch=x;msgid=1 :Alice!a@h PRIVMSG #lobby :old") == []
    history, new = hear(session, ":irc BATCH -x")
    assert isinstance(history, ev.HistoryRead)
    assert [said.text for said in history.lines] == ["old"]
    assert history.lines[0].time == at(-3600)
    assert isinstance(new, ev.Said)
    assert new.text == "new"
    assert hear(session, f":irc PONG irc {ping.split()[1]}") == []


def test_a_server_that_gives_no_history_holds_nothing_back() -> None:
    """The answer to the PING behind the request shows that no history will come."""
    session = online(IRCV3)
    hear(session, ":Bob!b@h JOIN #lobby")
    token = sent(session)[-1].split()[1]
    assert hear(session, ":Alice!a@h PRIVMSG #lobby :new") == []
    history, event = hear(session, f":irc PONG irc {token}")
    assert history == ev.HistoryRead("#lobby", (), full=False, gap=True)
    assert isinstance(event, ev.Said)


@pytest.mark.parametrize(
    "refusal", [":irc FAIL CHATHISTORY MESSAGE_ERROR LATEST #lobby :No", ":irc 421 Bob CHATHISTORY :Unknown command"]
)
def test_refused_history_holds_nothing_back(refusal: str) -> None:
    session = online(IRCV3)
    hear(session, ":Bob!b@h JOIN #lobby", ":Alice!a@h PRIVMSG #lobby :new")
    history, event = hear(session, refusal)
    assert history == ev.HistoryRead("#lobby", (), full=False, gap=True)
    assert isinstance(event, ev.Said)


def test_what_waits_for_history_is_bounded() -> None:
    session = online(IRCV3)
    hear(session, ":Bob!b@h JOIN #lobby")
    history, *said = hear(session, *[":Alice!a@h PRIVMSG #lobby :new"] * 20_500)
    assert isinstance(history, ev.HistoryRead)
    assert len(said) == 20_500


def test_not_more_history_is_asked_for_than_the_server_gives() -> None:
    session = online(IRCV3)
    hear(session, ":irc 005 Bob CHATHISTORY=10 :are supported", ":Bob!b@h JOIN #lobby")
    assert sent(session)[0] == "CHATHISTORY LATEST #lobby * 10"


def test_joins_inside_history_change_nothing() -> None:
    session = online(IRCV3)
    hear(session, ":irc BATCH +x chathistory #lobby", "@batch=x :Bob!b@h JOIN #lobby")
    assert sent(session) == []


def test_own_lines_are_told_at_once_when_no_echo_will_come() -> None:
    session = online()
    (said,) = session.say("#lobby", "hello", NOON).events
    assert isinstance(said, ev.Said)
    assert (said.name, said.text, said.mine, said.private) == ("Bob", "hello", True, False)
    assert sent(session)[0] == "PRIVMSG #lobby hello"


def test_own_lines_are_told_once_by_their_echo() -> None:
    session = online(IRCV3)
    saying = session.say("#lobby", "hello", NOON)
    assert (saying.events, [line.text for line in saying.pending]) == ([], ["hello"])
    assert len(session.unconfirmed) == 1
    (said,) = hear(session, ":Bob!b@h PRIVMSG #lobby :hello")
    assert isinstance(said, ev.Said)
    assert said.mine
    assert len(session.unconfirmed) == 0


def test_without_echo_the_answer_to_a_ping_confirms_what_was_sent_before_it() -> None:
    session = online()
    session.say("#lobby", "one", NOON)
    token = sent(session)[-1].split()[1]
    session.say("#lobby", "two", NOON)
    hear(session, f":irc PONG irc {token}")
    assert [line.text for line in session.unconfirmed.lines] == ["two"]
    hear(session, f":irc PONG irc {sent(session)[-1].split()[1]}")
    assert len(session.unconfirmed) == 0


def test_a_refused_line_is_not_awaited_any_more() -> None:
    session = online(IRCV3)
    (pending,) = session.say("#lobby", "hello", NOON).pending
    (event,) = hear(session, ":irc 404 Bob #lobby :Cannot send to channel")
    assert event == ev.NotSent("#lobby does not take messages from you: Cannot send to channel", NOON, pending.id)
    assert len(session.unconfirmed) == 0


def test_a_long_line_becomes_messages_that_fit_with_our_source_in_front() -> None:
    session = online()
    hear(session, ":Bob!someone@a.rather.long.host.example.org JOIN #lobby")
    sent(session)
    session.say("#lobby", "wörd " * 300, NOON)
    lines = [line for line in sent(session) if line.startswith("PRIVMSG")]
    assert len(lines) > 3
    for line in lines:
        assert len(f":Bob!someone@a.rather.long.host.example.org {line}\r\n".encode()) <= 512
    assert " ".join(line.partition(" :")[2] for line in lines).split() == ["wörd"] * 300


def test_an_action_is_told_and_sent_as_one() -> None:
    session = online()
    session.say("#lobby", "waves", NOON, ev.Manner.ACTION)
    assert sent(session)[0] == "PRIVMSG #lobby :\x01ACTION waves\x01"
    (said,) = hear(session, ":Alice!a@h PRIVMSG #lobby :\x01ACTION waves back\x01")
    assert isinstance(said, ev.Said)
    assert (said.manner, said.text) == (ev.Manner.ACTION, "waves back")


def test_other_ctcp_is_neither_shown_nor_answered() -> None:
    session = online()
    assert hear(session, ":Eve!e@h PRIVMSG Bob :\x01VERSION\x01") == []
    assert sent(session) == []


def test_terminal_escapes_never_leave_the_session() -> None:
    """Whatever field they are in, control characters are made visible."""
    session = online()
    events = hear(
        session,
        ":E\x1bve!e@h PRIVMSG #lo\x1bbby :a\x1b]52;c;x\x07b\x9b2J\u202e",
        ":E\x1bve!e@h JOIN #lo\x1bbby",
        ":E\x1bve!e@h PART #lo\x1bbby :\x1b[2J",
        ":E\x1bve!e@h KICK #lo\x1bbby B\x1bo :\x1b[2J",
        ":E\x1bve!e@h QUIT :\x1b[2J",
        ":E\x1bve!e@h NICK Ev\x1b",
        ":E\x1bve!e@h TOPIC #lobby :\x1b[2J",
        ":E\x1bve!e@h MODE #lobby +\x1bo",
        ":E\x1bve!e@h INVITE Bob #\x1b",
        ":irc 332 Bob #lobby :\x1b[2J",
        ":irc 322 Bob #\x1b 3 :\x1b[2J",
        ":irc 323 Bob :End",
        ":irc 353 Bob = #lobby :\x1bAlice",
        ":irc 366 Bob #lobby :End",
        ":irc 372 Bob :- \x1b[2J",
        ":irc 404 Bob #\x1b :\x1b[2J",
        ":irc 465 Bob :\x1b[2J",
        ":irc NOTICE Bob :\x1b[2J",
        "ERROR :\x1b[2J",
    )
    assert len(events) >= 17
    for event in events:
        assert "\\x1b" not in repr(event)
        assert "\\x9b" not in repr(event).replace("\\\\x9b", "")


def test_mirc_colours_are_taken_out() -> None:
    (said,) = hear(online(), ":Alice!a@h PRIVMSG #lobby :\x02bold\x02 and \x0304red\x03")
    assert isinstance(said, ev.Said)
    assert said.text == "bold and red"


def test_a_room_is_listed_with_all_its_names_without_their_marks() -> None:
    session = online()
    hear(session, ":irc 353 Bob = #lobby :@Alice +Carol")
    assert hear(session, ":irc 353 Bob = #lobby :Dave!d@h", ":irc 366 Bob #lobby :End") == [
        ev.NamesListed("#lobby", ("Alice", "Carol", "Dave"), ("@", "+", ""))
    ]


def test_lag_is_measured_by_our_own_clock() -> None:
    session = online("server-time")
    session.ping(NOON)
    token = sent(session)[-1].split()[1]
    assert hear(session, f"@time=2020-01-01T00:00:00Z :irc PONG irc {token}", now=at(0.25)) == [ev.Ponged(0.25)]


@pytest.mark.parametrize("stamp", ["nonsense", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_an_impossible_time_is_replaced_by_ours(stamp: str) -> None:
    (said,) = hear(online(), f"@time={stamp} :Alice!a@h PRIVMSG #lobby :hi")
    assert isinstance(said, ev.Said)
    assert said.time == NOON


def test_the_servers_ping_is_answered() -> None:
    session = online()
    assert hear(session, "PING :are you there") == []
    assert sent(session) == ["PONG :are you there"]


def test_why_the_server_closes_is_told_without_its_wrapping() -> None:
    assert hear(online(), "ERROR :Closing link: 127.0.0.1 (Server is shutting down)") == [
        ev.Dropped("Server is shutting down")
    ]


def test_the_list_of_rooms_is_bounded_and_biggest_first() -> None:
    session = online()
    session.list_rooms()
    (listed,) = hear(session, *[f":irc 322 Bob #r{n} {n} :" for n in range(300)], ":irc 323 Bob :End")
    assert isinstance(listed, ev.RoomsListed)
    assert len(listed.rooms) + listed.more == 300
    assert listed.rooms[0][1] > listed.rooms[-1][1]
