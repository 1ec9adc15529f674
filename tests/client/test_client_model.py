"""Conversations as a view sees them: their lines, what is unread, who types, where one was."""

from datetime import timedelta

import pytest

from client.session_steps import IRCV3, NOON, Play, at
from triochat.client import intents
from triochat.client.conversation import Conversation, Past, Sort
from triochat.client.line import Kind, Line, State
from triochat.client.lines import Lines
from triochat.client.model import Link
from triochat.client.settings import AwaySettings, NotificationSettings, Settings, TypingSettings

EVERYTHING = (
    f"{IRCV3} away-notify draft/message-redaction draft/multiline draft/read-marker labeled-response multi-prefix"
    " standard-replies triochat/resend"
)


def said(msgid: str, text: str, name: str = "Alice", to: str = "#lobby", seconds: float = 0, tags: str = "") -> str:
    """A line as the server sends it."""
    return f"@msgid={msgid};time={at(seconds).isoformat()}{tags} :{name}!x@h PRIVMSG {to} :{text}"


def history(*lines: str, of: str = "#lobby") -> list[str]:
    """A history batch of *lines*."""
    return [
        f":irc BATCH +h chathistory {of}",
        *(line.replace("@", "@batch=h;", 1) for line in lines),
        ":irc BATCH -h",
    ]


def texts(conversation: Conversation) -> list[str]:
    """What was said in it."""
    return [line.text for line in conversation.lines if line.is_speech]


def room(play: Play, name: str = "#lobby") -> Conversation:
    found = play.chat.model.conversation(name)
    assert found is not None
    return found


@pytest.fixture
def play() -> Play:
    """Bob in #lobby with Alice, on a server with everything; the room's history is empty."""
    return arrived()


def arrived(settings: Settings | None = None) -> Play:
    play = Play(EVERYTHING, settings=settings)
    play.connect()
    play.hear(":irc 005 Bob PREFIX=(ov)@+ CHANMODES=b,k,l,nt WHOX :are supported")
    play.enter_room()
    play.hear(*history())
    play.sent()
    return play


def in_dev(play: Play) -> Conversation:
    """Bob goes on to #dev, and looks at it."""
    play.enter_room("#dev", "Carol")
    play.hear(*history(of="#dev"))
    play.chat.look_at(room(play, "#dev"), NOON)
    play.sent()
    return room(play, "#dev")


# -- lines of ours


def test_an_own_line_is_pending_at_the_end_until_it_is_stored(play: Play) -> None:
    play.type("mine")
    before = room(play).lines[-1]
    assert (before.text, before.state, before.mine) == ("mine", State.PENDING, True)
    play.hear(said("1", "theirs"))
    assert texts(room(play)) == ["theirs", "mine"]
    play.hear(said("2", "mine", name="Bob"))
    after = room(play).lines[-1]
    assert (after.id, after.state, after.msgid) == (before.id, State.STORED, "2")
    assert room(play).lines.index_of(before.id) == len(room(play).lines) - 1


def test_echoes_find_their_lines_by_label_in_any_order(play: Play) -> None:
    """A server may change the text."""
    play.type("one")
    play.type("two")
    labels = [line.partition("label=")[2].split(" ")[0].split(";")[0] for line in play.sent() if "PRIVMSG" in line]
    play.hear(said("1", "TWO", name="Bob", tags=f";label={labels[1]}"))
    assert [(line.text, line.state) for line in room(play).lines if line.is_speech] == [
        ("TWO", State.STORED),
        ("one", State.PENDING),
    ]


def test_a_refused_line_is_not_sent_and_stays_where_it_is(play: Play) -> None:
    play.type("never")
    (label,) = [line.partition("label=")[2].split(" ")[0] for line in play.sent() if "PRIVMSG" in line]
    assert play.hear(f"@label={label} :irc FAIL PRIVMSG MESSAGE_NOT_STORED #lobby :Try later") == [
        "Not sent: Try later"
    ]
    (line,) = [line for line in room(play).lines if line.is_speech]
    assert line.state is State.NOT_SENT
    assert play.chat.unconfirmed == 0


def test_a_line_that_was_lost_with_the_connection_turns_red_when_it_cannot_be_sent_again() -> None:
    play = Play(IRCV3)  # without resending
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.type("arrived")
    play.type("lost")
    play.chat.lost(at(10))
    assert [line.state for line in room(play).lines.pending] == [State.PENDING] * 2
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    play.hear(*history(said("1", "arrived", name="Bob", seconds=9)), now=at(20))
    assert [(line.text, line.state) for line in room(play).lines if line.is_speech] == [
        ("lost", State.NOT_SENT),
        ("arrived", State.STORED),
    ]


def test_of_two_equal_lines_one_that_arrived_speaks_for_one_only() -> None:
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.type("same")
    play.type("same")
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    play.hear(*history(said("1", "same", name="Bob", seconds=9)), now=at(20))
    assert sorted(line.state.name for line in room(play).lines if line.is_speech) == ["NOT_SENT", "STORED"]
    assert play.chat.lost_lines == 1


def test_what_one_tells_services_is_hidden(play: Play) -> None:
    play.type("/msg NickServ IDENTIFY sesame")
    play.hear(said("1", "IDENTIFY sesame", name="Bob", to="NickServ"))
    assert texts(room(play, "NickServ")) == ["••••"]


# -- several lines as one


def test_several_lines_are_one_message_where_the_server_knows_such(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :draft/multiline=max-bytes=4096,max-lines=3")
    play.sent()
    play.type("one\n  two\nthree")
    opening, *lines, closing = play.sent()
    reference = opening.split()[2].removeprefix("+")
    assert opening.split(" ", 1)[1] == f"BATCH +{reference} draft/multiline #lobby"
    assert lines == [f"@batch={reference} PRIVMSG #lobby {text}" for text in ("one", ":  two", "three")]
    assert closing == f"BATCH -{reference}"
    assert room(play).lines[-1].text == "one\n  two\nthree"
    play.type("1\n2\n3\n4")  # more lines than it takes
    assert [line.split(" ", 1)[1] for line in play.sent()] == [f"PRIVMSG #lobby {n}" for n in "1234"]


def test_a_long_line_of_several_is_continued(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :draft/multiline=max-bytes=4096")
    play.sent()
    long = "wörd " * 150
    play.type(f"first\n{long}x")
    pieces = [line for line in play.sent() if "PRIVMSG" in line]
    assert [("concat" in piece.split(" ")[0]) for piece in pieces] == [False, False, True]
    assert "".join(piece.partition("#lobby ")[2].removeprefix(":") for piece in pieces[1:]) == f"{long}x"


def test_a_message_of_several_lines_comes_as_one_also_in_history(play: Play) -> None:
    play.hear(
        f"@msgid=1;time={at(1).isoformat()} :Alice!x@h BATCH +m draft/multiline #lobby",
        "@batch=m :Alice!x@h PRIVMSG #lobby :one",
        "@batch=m :Alice!x@h PRIVMSG #lobby :two ",
        "@batch=m;draft/multiline-concat :Alice!x@h PRIVMSG #lobby :and a half\x1b[2J",
        ":irc BATCH -m",
    )
    (line,) = [line for line in room(play).lines if line.is_speech]
    assert (line.msgid, line.text) == ("1", "one\ntwo and a half␛[2J")
    play.chat.earlier(room(play), NOON)
    play.hear(
        ":irc BATCH +h chathistory #lobby",
        "@batch=h;msgid=0 :Alice!x@h BATCH +n draft/multiline #lobby",
        "@batch=n :Alice!x@h PRIVMSG #lobby :old",
        "@batch=n :Alice!x@h PRIVMSG #lobby :lines",
        ":irc BATCH -n",
        ":irc BATCH -h",
    )
    assert room(play).lines[0].text == "old\nlines"


# -- unread, mentions, markers, here


def test_lines_nobody_looks_at_are_counted_and_marked_from_where_one_was(play: Play) -> None:
    in_dev(play)
    play.hear(said("1", "anyone?"), said("2", "Bob, tea?"), said("3", "my own", name="Bob"))
    lobby = room(play)
    assert (lobby.unread, lobby.mentions) == (2, 1)
    first = lobby.lines.find("1")
    assert first is not None
    assert lobby.first_unread == lobby.here == first.id
    play.chat.switch(lobby, NOON)
    play.chat.look_at(lobby, NOON)
    assert (lobby.unread, lobby.mentions, lobby.first_unread) == (0, 0, 0)
    assert lobby.here == first.id, "the rule stays while one reads"
    play.chat.switch(room(play, "#dev"), NOON)
    assert lobby.here == 0


def test_what_one_sees_is_not_unread_and_scrolling_up_ends_seeing(play: Play) -> None:
    play.chat.look_at(room(play), NOON)
    play.hear(said("1", "seen"))
    assert room(play).unread == 0
    play.chat.look_at(None, NOON)
    play.hear(said("2", "not seen"))
    assert room(play).unread == 1


@pytest.mark.parametrize(
    ("text", "mentions"),
    [("Bob: tea?", 1), ("bob!", 1), ("Bobby", 0), ("@bob", 1), ("deploy now", 1), ("redeploy", 0), ("[x]y", 0)],
)
def test_a_mention_is_our_name_or_a_chosen_word_alone(text: str, mentions: int) -> None:
    play = arrived(Settings(notifications=NotificationSettings(words=("deploy",))))
    play.hear(said("1", text))
    assert room(play).mentions == mentions


def test_a_new_name_is_looked_for_at_once(play: Play) -> None:
    play.hear(":Bob!b@h NICK Rob[ert]", said("1", "rob[ert], tea?"), said("2", "Bob, tea?"))
    assert room(play).mentions == 1


def test_the_next_conversation_is_that_with_a_mention_then_the_one_unread_longest(play: Play) -> None:
    in_dev(play)
    play.enter_room("#tea")
    play.hear(*history(of="#tea"), said("1", "x", to="#dev"), said("2", "x"))
    model = play.chat.model
    assert model.next_active() is room(play, "#lobby")  # #dev is looked at, #tea current
    play.hear(said("3", "psst", to="Bob", name="Carol"))
    assert model.next_active() is room(play, "Carol")
    play.chat.switch(room(play, "Carol"), NOON)
    play.type("/mute")
    play.chat.switch(room(play, "#tea"), NOON)
    assert model.next_active() is room(play, "#lobby")


def test_having_read_is_told_to_other_devices_once_and_not_at_every_line(play: Play) -> None:
    play.chat.look_at(room(play), NOON)
    play.hear(said("1", "one", seconds=1), said("2", "two", seconds=2), now=at(2))
    play.chat.tick(at(2))
    assert play.sent() == ["MARKREAD #lobby timestamp=2026-11-22T12:00:02.000Z"]
    play.hear(said("3", "three", seconds=3), now=at(3))
    play.chat.tick(at(3))
    assert play.sent() == []
    assert play.chat.due == at(4)
    play.chat.tick(at(4))
    assert play.sent() == ["MARKREAD #lobby timestamp=2026-11-22T12:00:03.000Z"]
    play.chat.tick(at(9))
    assert (play.sent(), play.chat.due) == ([], None)


def test_what_another_device_read_is_not_unread_here(play: Play) -> None:
    play.hear(*(said(str(second), "x", seconds=second) for second in (1, 2, 3)))
    assert room(play).unread == 3
    play.hear(":irc MARKREAD #lobby timestamp=2026-11-22T12:00:02.000Z")
    assert room(play).unread == 1
    line = room(play).lines.find("3")
    assert line is not None
    assert room(play).here == line.id
    play.hear(":irc MARKREAD #lobby timestamp=2026-11-22T12:00:03.000Z", ":irc MARKREAD #lobby *")
    assert (room(play).unread, room(play).here) == (0, 0)


def test_history_behind_the_marker_is_unread_and_what_is_before_it_is_not() -> None:
    play = Play(EVERYTHING)
    play.connect()
    play.hear(":Bob!bob@host JOIN #lobby", ":irc MARKREAD #lobby timestamp=2026-11-22T11:00:00.000Z")
    play.hear(*history(said("1", "read", seconds=-7200), said("2", "new", seconds=-60)))
    assert texts(room(play)) == ["read", "new"]
    assert room(play).unread == 1
    line = room(play).lines.find("2")
    assert line is not None
    assert room(play).here == line.id


def test_the_rule_stands_before_what_was_missed_while_one_looked(play: Play) -> None:
    play.chat.look_at(room(play), NOON)
    play.hear(said("1", "known", seconds=1))
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    play.hear(*history(said("1", "known", seconds=1), said("2", "missed", seconds=11)), now=at(20))
    line = room(play).lines.find("2")
    assert line is not None
    assert (room(play).unread, room(play).here) == (0, line.id)


# -- typing


def test_who_types_is_known_until_they_say_it_stop_or_fall_silent(play: Play) -> None:
    def typing(state: str, name: str = "Alice", to: str = "#lobby") -> None:
        play.hear(f"@+typing={state} :{name}!x@h TAGMSG {to}")

    typists = room(play).typists
    typing("active")
    typing("active", "Carol")
    typing("active", "Bob")  # our other device
    assert typists.names(NOON) == ["Alice", "Carol"]
    play.hear(said("1", "there"))
    typing("done", "Carol")
    assert typists.names(NOON) == []
    typing("active")
    assert typists.names(at(5)) == ["Alice"]
    assert play.chat.due == at(6)
    play.chat.tick(at(6))
    assert (typists.names(at(6)), play.chat.due) == ([], None)
    typing("paused")
    assert typists.names(at(29)) == ["Alice"]
    play.hear(":Alice!x@h QUIT :bye")
    assert typists.names(NOON) == []
    typing("nonsense")
    typing("active", "Alice", "Bob")
    assert play.chat.model.private == {}, "typing opens no conversation"


def test_own_typing_is_told_seldom_and_ended(play: Play) -> None:
    chat = play.chat
    chat.typed("h", NOON)
    chat.typed("he", at(1))
    assert play.sent() == ["@+typing=active TAGMSG #lobby"]
    chat.typed("hel", at(3))
    assert play.sent() == ["@+typing=active TAGMSG #lobby"]
    assert chat.due == at(8)
    chat.tick(at(8))
    assert play.sent() == ["@+typing=paused TAGMSG #lobby"]
    chat.typed("", at(9))
    assert play.sent() == ["@+typing=done TAGMSG #lobby"]
    chat.typed("hello", at(10))
    play.type("hello")
    chat.typed("", at(11))
    assert [line for line in play.sent() if "typing=done" in line] == []


def test_commands_and_those_who_do_not_want_it_tell_nothing(play: Play) -> None:
    play.chat.typed("/msg Alice psst", NOON)
    assert play.sent() == []
    play.chat.typed("/me waves", NOON)
    assert len(play.sent()) == 1
    play.type("/typing off")
    assert play.sent() == ["@+typing=done TAGMSG #lobby"]
    play.chat.typed("x", at(10))
    assert play.sent() == []
    silent = arrived(Settings(typing=TypingSettings(send=False)))
    silent.chat.typed("x", NOON)
    assert silent.sent() == []


# -- people


def test_members_have_their_ranks_and_are_away_or_not(play: Play) -> None:
    play.enter_room("#dev", "@+Alice +Carol Dave")
    assert "WHO #dev %cnf" in play.sent()
    play.hear(*history(of="#dev"))
    play.hear(":irc 354 Bob #dev Carol G", ":irc 354 Bob #dev Dave H", ":irc 315 Bob #dev :End")
    play.hear(":Alice!x@h AWAY :tea", ":Carol!x@h AWAY", ":Alice!x@h MODE #dev -o+v Alice Bob")
    members = {member.name: (member.marks, member.away) for member in room(play, "#dev").members.values()}
    assert members == {"Alice": ("+", True), "Carol": ("+", False), "Dave": ("", False), "Bob": ("+", False)}
    play.hear(":Alice!x@h MODE #dev +oo-v+l Alice Nobody Bob 5")
    marks = {member.name: member.marks for member in room(play, "#dev").members.values()}
    assert (marks["Alice"], marks["Bob"]) == ("@+", "")


def test_away_is_said_by_the_person_or_comes_by_itself_and_ends_with_a_key() -> None:
    play = arrived(Settings(away=AwaySettings(after_minutes=10, text="gone")))
    chat = play.chat
    assert chat.due is None, "a program has no keys, and is never away"
    chat.active(NOON)
    assert chat.due == NOON + timedelta(minutes=10)
    chat.tick(at(600))
    assert play.sent() == ["AWAY gone"]
    play.hear(":irc 306 Bob :away")
    assert chat.model.away == "gone"
    chat.active(at(700))
    assert play.sent() == ["AWAY"]
    assert play.hear(":irc 305 Bob :back") == ["You are back."]
    assert chat.model.away is None
    play.type("/away for tea")
    chat.active(at(800))
    assert (play.sent(), chat.due) == (["AWAY :for tea"], None)
    chat.lost(at(900))
    play.connect(now=at(900))
    assert "AWAY :for tea" in play.sent()


def test_ignored_people_are_not_heard(play: Play) -> None:
    play.type("/ignore alice")
    play.hear(said("1", "spam"), said("2", "spam", to="Bob"), "@+typing=active :Alice!x@h TAGMSG #lobby")
    assert (texts(room(play)), play.chat.model.private, room(play).typists.names(NOON)) == ([], {}, [])
    play.type("/ignore Alice")
    play.hear(said("3", "hello again"))
    assert texts(room(play)) == ["hello again"]


# -- private conversations


def test_a_private_conversation_is_a_room_of_its_own(play: Play) -> None:
    play.hear(said("1", "psst", to="Bob"))
    alice = room(play, "alice")
    assert (alice.sort, alice.unread, alice.mentions) == (Sort.PRIVATE, 1, 1)
    play.type("/reply yes?")
    assert play.sent()[0].endswith("PRIVMSG Alice yes?")
    assert [(line.text, line.state) for line in alice.lines] == [("psst", State.STORED), ("yes?", State.PENDING)]
    play.hear(said("2", "yes?", name="Bob", to="Alice"))
    play.chat.switch(alice, NOON)
    play.type("and now")
    assert play.sent()[0].endswith("PRIVMSG Alice :and now")
    play.hear(":Alice!x@h NICK Alicia")
    assert play.chat.model.current is alice
    assert alice.name == "Alicia"
    play.type("/leave")
    assert play.chat.model.current is room(play, "#lobby")


def test_private_conversations_of_strangers_are_bounded(play: Play) -> None:
    play.hear(said("1", "hello", to="Bob"))
    play.type("/reply hi")
    for number in range(600):
        play.hear(said(f"p{number}", "buy", name=f"spam{number}", to="Bob"))
    play.hear(said("2", "it is me", name="Carol", to="Bob"))
    assert len(play.chat.model.private) == 500
    assert texts(room(play, "Alice")) == ["hello", "hi"], "a friend is not pushed away"
    assert texts(room(play, "Carol")) == ["it is me"], "nor kept out"


def test_private_lines_missed_are_read_after_a_reconnect(play: Play) -> None:
    play.hear(":irc 900 Bob Bob!x@h Bob :You are now logged in", said("1", "psst", to="Bob", seconds=1))
    play.sent()
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.hear(":irc 900 Bob Bob!x@h Bob :You are now logged in", now=at(20))
    targets = [line for line in play.sent() if "TARGETS" in line]
    assert targets == ["CHATHISTORY TARGETS timestamp=2026-11-23T12:00:20.000Z timestamp=2026-11-22T12:00:10.000Z 50"]
    play.hear(
        ":irc BATCH +t draft/chathistory-targets",
        "@batch=t :irc CHATHISTORY TARGETS #lobby 2026-11-22T12:00:15.000Z",
        "@batch=t :irc CHATHISTORY TARGETS Alice 2026-11-22T12:00:15.000Z",
        "@batch=t :irc CHATHISTORY TARGETS Carol 2026-11-22T12:00:16.000Z",
        ":irc BATCH -t",
    )
    asked = [line for line in play.sent() if line.startswith(("CHATHISTORY", "MARKREAD"))]
    assert asked == [
        "MARKREAD Alice",
        "CHATHISTORY AFTER Alice msgid=1 500",
        "MARKREAD Carol",
        "CHATHISTORY LATEST Carol * 20",
    ]
    play.hear(*history(said("2", "are you there?", to="Bob", seconds=15), of="Alice"), now=at(20))
    play.hear(*history(said("3", "hello", name="Carol", to="Bob", seconds=16), of="Carol"), now=at(20))
    assert texts(room(play, "Alice")) == ["psst", "are you there?"]
    assert (room(play, "Alice").unread, texts(room(play, "Carol"))) == (2, ["hello"])


# -- history upward


def test_scrolling_up_reads_page_after_page_to_the_beginning(play: Play) -> None:
    lobby = room(play)
    play.hear(said("5", "five", seconds=5))
    assert play.chat.earlier(lobby, NOON)
    assert lobby.past is Past.ASKED
    assert not play.chat.earlier(lobby, NOON), "once is enough"
    assert [line for line in play.sent() if "CHAT" in line] == ["CHATHISTORY BEFORE #lobby msgid=5 100"]
    ids = [line.id for line in lobby.lines]
    play.hear(*history(said("3", "three", seconds=-3), said("4", "four", seconds=-2)), said("6", "six", seconds=6))
    assert texts(lobby) == ["three", "four", "five", "six"]
    assert [lobby.lines.index_of(id) for id in ids] == list(range(2, 2 + len(ids)))
    assert (lobby.past, lobby.unread) == (Past.MORE, 2)
    play.chat.earlier(lobby, NOON)
    play.hear(*history())
    assert lobby.past is Past.BEGINNING
    assert [line.text for line in play.type("/history")] == ["There is nothing earlier."]


def test_when_the_oldest_line_is_gone_from_the_server_its_time_leads_on(play: Play) -> None:
    play.hear(said("5", "five", seconds=5))
    play.chat.earlier(room(play), NOON)
    play.sent()
    play.hear(":irc FAIL CHATHISTORY MESSAGE_ERROR BEFORE #lobby msgid=5 :No such message")
    assert play.sent()[0] == "CHATHISTORY BEFORE #lobby timestamp=2026-11-22T12:00:05.000Z 100"
    play.hear(":irc FAIL CHATHISTORY MESSAGE_ERROR BEFORE #lobby :No")
    assert room(play).past is Past.NOT_KEPT


def test_a_server_without_history_is_not_asked() -> None:
    play = Play()
    play.connect()
    play.enter_room()
    play.sent()
    assert not play.chat.earlier(room(play), NOON)
    assert (play.sent(), room(play).past) == ([], Past.NOT_KEPT)


# -- taking back, editing


def test_a_line_that_is_taken_back_leaves_its_place_and_no_text(play: Play) -> None:
    play.hear(said("1", "Bob: oops"))
    assert play.hear(":Alice!x@h REDACT #lobby 1 :typo") == ["Alice took a line back"]
    line = room(play).lines[-1]
    assert (line.msgid, line.text, line.redacted, line.mention) == ("1", "", True, False)
    assert play.hear(":Alice!x@h REDACT #lobby 1", ":Alice!x@h REDACT #lobby unknown") == []
    play.hear(said("2", "spam"))
    assert play.hear(":Oper!x@h REDACT #lobby 2") == ["Oper took a line of Alice back"]


def test_an_edit_says_what_it_replaces_and_takes_the_old_line_back(play: Play) -> None:
    play.type("tpyo")
    play.hear(said("1", "tpyo", name="Bob"))
    play.sent()
    play.type("/edit typo")
    new, old = play.sent()
    assert "+triochat/replaces=1 PRIVMSG #lobby typo" in new
    assert old == "REDACT #lobby 1"
    assert room(play).lines[-1].replaces == "1"
    assert play.hear(said("2", "typo", name="Bob"), ":Bob!b@h REDACT #lobby 1") == ["typo"]
    shown = [(line.text, line.redacted, line.replaces) for line in room(play).lines if line.is_speech]
    assert shown == [("", True, ""), ("typo", False, "1")]
    mine = play.chat.model.my_last(room(play))
    assert mine is not None
    assert mine.msgid == "2"


def test_nobody_edits_what_somebody_else_said(play: Play) -> None:
    play.hear(said("1", "mine"), said("2", "forged", name="Eve", tags=";+triochat/replaces=1"))
    assert [(line.text, line.replaces) for line in room(play).lines if line.is_speech] == [
        ("mine", ""),
        ("forged", ""),
    ]


def test_only_own_stored_lines_are_deleted(play: Play) -> None:
    assert [line.text for line in play.type("/delete")] == ["There is no line of yours here that can be changed."]
    play.type("one")
    play.hear(said("1", "one", name="Bob"), said("2", "theirs"))
    play.type("on its way")
    play.sent()
    play.type("/delete")
    assert play.sent() == ["REDACT #lobby 1"]
    play.chat.perform(intents.Delete("2"), NOON)
    assert play.sent() == []


# -- accounts


def test_a_name_is_made_ones_own_and_the_password_is_nowhere(play: Play) -> None:
    play.hear(
        ":irc CAP Bob NEW :draft/account-registration sasl=PLAIN", ":irc CAP Bob ACK :draft/account-registration sasl"
    )
    play.sent()
    play.type("/register open sesame")
    assert play.sent() == ["REGISTER * * :open sesame"]
    play.hear(":irc REGISTER SUCCESS Bob :Account", ":irc 900 Bob Bob!x@h Bob :You are now logged in as Bob")
    assert play.chat.model.account == "Bob"
    everything = repr([list(other.lines) for other in play.chat.model.everywhere()])
    assert "sesame" not in everything
    assert "sesame" not in repr(intents.Register("sesame"))


def test_a_wrong_password_is_one_sentence_and_forgotten(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :sasl=PLAIN", ":irc CAP Bob ACK :sasl")
    play.sent()
    play.type("/login wrong")
    assert play.sent() == ["AUTHENTICATE PLAIN"]
    play.hear("AUTHENTICATE +")
    assert play.sent() == ["AUTHENTICATE AEJvYgB3cm9uZw=="]
    assert play.hear(":irc 904 Bob :SASL authentication failed: wrong name or password") == [
        "This is not the password of Bob."
    ]
    play.chat.lost(NOON)
    play.connect()
    assert not [line for line in play.sent() if "AUTHENTICATE" in line]


def test_who_logged_in_is_logged_in_again_after_a_reconnect_and_gets_the_name(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :sasl=PLAIN", ":irc CAP Bob ACK :sasl")
    play.type("/login sesame as Robert")
    play.hear("AUTHENTICATE +", ":irc 900 Bob Bob!x@h Robert :You are now logged in as Robert")
    play.sent()
    play.hear(":irc 903 Bob :SASL authentication successful")
    assert play.sent() == ["NICK Robert"]
    play.caps += " sasl"
    play.chat.lost(NOON)
    play.connect()
    assert "AUTHENTICATE PLAIN" in play.sent()


# -- the container


def numbered(id: int, msgid: str = "") -> Line:
    return Line(Kind.SAID, str(id), id=id, msgid=msgid)


def test_lines_are_found_wherever_they_move() -> None:
    lines = Lines(most=100)
    lines.add_pending(numbered(1))
    lines.add_pending(numbered(2))
    for id in range(3, 50):
        lines.add(numbered(id, f"m{id}"))
    lines.prepend([numbered(id, f"m{id}") for id in range(100, 110)])
    lines.settle(numbered(2))
    lines.add(numbered(50))
    assert [line.id for line in lines][-3:] == [2, 50, 1]
    assert [lines.index_of(line.id) for line in lines] == list(range(len(lines)))
    lines.drop(5)
    assert [lines.index_of(line.id) for line in lines] == list(range(len(lines)))
    assert (lines.get(104), lines.find("m104"), lines.knows("m104")) == (None, None, False)
    assert lines.knows("m105")


def test_a_conversation_holds_so_many_lines_and_takes_no_older_ones_then() -> None:
    lines = Lines(most=100)
    assert lines.prepend([numbered(id) for id in range(1, 96)]) == 95
    assert lines.prepend([numbered(id) for id in range(200, 210)]) == 5
    assert lines[0].id == 205
    assert lines.is_full
    lines.add(numbered(300))
    assert len(lines) <= 100
    assert lines[-1].id == 300


def test_all_conversations_together_are_bounded(play: Play) -> None:
    """The longest that nobody looks at gives way."""
    for number in range(6):
        play.enter_room(f"#r{number}")
        play.hear(*history(of=f"#r{number}"))
        room(play, f"#r{number}").past = Past.BEGINNING
        for line in range(45_000):
            play.chat.model.tell(room(play, f"#r{number}"), Line(Kind.SAID, str(line)))
    assert room(play, "#r0").past is Past.MORE
    sizes = [len(other.lines) for other in play.chat.model.conversations]
    assert sum(sizes) <= 200_000
    assert room(play, "#r5").lines[-1].text == "44999"


def test_nothing_drawn_changes_in_place(play: Play) -> None:
    """A view keeps what it drew for a line for as long as it is that very object."""
    play.hear(said("1", "one"), said("2", "two"))
    one, two = (room(play).lines.find(msgid) for msgid in "12")
    revision = room(play).revision, play.chat.model.revision
    play.hear(":Alice!x@h REDACT #lobby 1")
    assert room(play).lines.find("1") is not one
    assert room(play).lines.find("2") is two
    assert room(play).revision > revision[0]
    assert play.chat.model.revision > revision[1]


def test_what_belongs_nowhere_is_told_where_the_person_looks(play: Play) -> None:
    play.hear(":irc NOTICE Bob :Maintenance at noon")
    assert room(play).lines[-1].text == "-irc- Maintenance at noon"
    newcomer = Play()
    newcomer.chat.connected(NOON)
    newcomer.hear(":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome", ":irc 372 Bob2 :- Tea at four")
    assert [line.text for line in newcomer.chat.model.server.lines] == [
        "Bob is here already; you are Bob2. /name NEW changes it.",
        "Tea at four",
    ]
    assert newcomer.chat.model.link is Link.ONLINE


def test_an_echo_within_an_answer_of_several_lines_finds_its_line(play: Play) -> None:
    """Who is away is told along with the echo."""
    play.type("/msg Alice one")
    play.type("/msg Alice two")
    labels = [line.partition("label=")[2].split(" ")[0] for line in play.sent() if "PRIVMSG" in line]
    play.hear(
        f"@label={labels[1]} :irc BATCH +l labeled-response",
        said("1", "TWO", name="Bob", to="Alice", tags=";batch=l"),
        "@batch=l :irc 301 Bob Alice :tea",
        ":irc BATCH -l",
    )
    assert [(line.text, line.state) for line in room(play, "Alice").lines] == [
        ("TWO", State.STORED),
        ("one", State.PENDING),
    ]


def test_history_that_comes_while_one_looks_is_seen_and_the_rule_stays(play: Play) -> None:
    play.hear(":Bob!bob@host JOIN #tea", ":irc MARKREAD #tea timestamp=2026-11-22T11:00:00.000Z")
    play.chat.look_at(room(play, "#tea"), NOON)
    play.hear(*history(said("1", "new", to="#tea", seconds=-60), of="#tea"))
    line = room(play, "#tea").lines.find("1")
    assert line is not None
    assert (room(play, "#tea").unread, room(play, "#tea").here) == (0, line.id)


def test_a_question_for_earlier_lines_that_was_cut_off_can_be_asked_again(play: Play) -> None:
    play.hear(said("1", "x"))
    assert play.chat.earlier(room(play), NOON)
    play.chat.lost(at(1))
    assert room(play).past is Past.MORE


def test_login_means_the_name_that_was_asked_for_last(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :sasl=PLAIN", ":irc CAP Bob ACK :sasl", ":Bob!b@h NICK Robert")
    play.type("/login x")
    play.hear("AUTHENTICATE +")
    assert play.sent()[-1] == "AUTHENTICATE AFJvYmVydAB4"


def test_reactions_are_told_with_the_line_that_they_are_for(play: Play) -> None:
    play.hear(said("1", "tea at four in the kitchen, with all the cakes that are left"))
    play.type("/react 👍")
    assert play.sent() == ["@+draft/react=👍;+draft/reply=1 TAGMSG #lobby"]
    assert play.hear("@+draft/react=👍;+draft/reply=1 :Bob!b@h TAGMSG #lobby") == [
        "Bob 👍 Alice: tea at four in the kitchen, with all the…"
    ]
    assert room(play).lines[-1].kind is Kind.EVENT
    assert play.hear("@+draft/react=x;+draft/reply=unknown :Carol!b@h TAGMSG #lobby") == []
    assert play.hear(":Alice!x@h REDACT #lobby 1", "@+draft/react=x;+draft/reply=1 :C!c@h TAGMSG #lobby") == [
        "Alice took a line back"
    ]


def test_who_logged_in_comes_back_as_that_before_anybody_sees_another_name(play: Play) -> None:
    play.hear(":irc CAP Bob NEW :sasl=PLAIN", ":irc CAP Bob ACK :sasl")
    play.type("/login sesame")
    play.hear("AUTHENTICATE +", ":irc 900 Bob Bob!x@h Bob :You are now logged in", ":irc 903 Bob :ok")
    play.chat.lost(NOON)
    play.chat.connected(NOON)
    play.sent()
    play.hear(":irc CAP * LS :sasl=PLAIN", ":irc CAP * ACK :sasl")
    assert play.sent() == ["CAP REQ sasl", "AUTHENTICATE PLAIN"]
    play.hear("AUTHENTICATE +")
    play.sent()
    assert play.hear(":irc 900 * * Bob :You are now logged in", ":irc 903 * :ok") == []
    assert play.sent() == ["CAP END"]
    play.chat.lost(NOON)
    play.chat.connected(NOON)
    play.hear(":irc CAP * LS :sasl=PLAIN", ":irc CAP * ACK :sasl", "AUTHENTICATE +")
    play.sent()
    assert play.hear(":irc 904 * :SASL authentication failed") == ["This is not the password of Bob."]
    assert play.sent() == ["CAP END"]


def test_an_edit_of_several_lines_is_one_message_or_several_and_one_replaces(play: Play) -> None:
    for multiline in (False, True):
        if multiline:
            play.hear(":irc CAP Bob NEW :draft/multiline=max-bytes=4096")
        old = str(int(multiline))
        play.type("old")
        play.hear(said(old, "old", name="Bob"))
        play.sent()
        play.chat.perform(intents.Edit("one\ntwo"), NOON)
        sent = play.sent()
        assert [f"replaces={old}" in line.split(" ")[0] for line in sent].count(True) == 1
        assert f"replaces={old}" in sent[0]
        assert sent[0].split(" ")[1] == ("BATCH" if multiline else "PRIVMSG")
        assert sent[-1] == f"REDACT #lobby {old}"
    play.hear(said("5", "one", name="Bob", tags=";+triochat/replaces=1"))
    assert room(play).lines.is_replaced("1")
    assert not room(play).lines.is_replaced("5")


@pytest.mark.parametrize(
    "intent",
    [
        intents.Say("a\r\nQUIT"),
        intents.Act("a\nQUIT"),
        intents.Whisper("Al\nQUIT", "a\nQUIT"),
        intents.Topic("a\nQUIT"),
        intents.Away("a\nQUIT"),
        intents.Leave(None, "a\nQUIT"),
        intents.Rename("a\nQUIT"),
        intents.Invite("a\nQUIT", "#a\nQUIT"),
        intents.Join("#a\nQUIT", "a\nQUIT"),
        intents.Whois("a\nQUIT"),
        intents.Search("a\nQUIT", "", ""),
        intents.Quit("a\nQUIT"),
        intents.React("a\nQUIT"),
    ],
)
def test_no_intent_of_a_program_carries_a_second_command(play: Play, intent: intents.Intent) -> None:
    play.hear(said("1", "x"))
    play.chat.perform(intent, NOON)
    assert all(line.split(" ")[0] != "QUIT" or intent == intents.Quit("a\nQUIT") for line in play.sent())


def test_what_was_said_before_there_was_a_room_is_read_in_the_first_one() -> None:
    play = Play(EVERYTHING)
    play.chat.connected(NOON)
    play.hear(":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome")
    play.enter_room()
    play.hear(*history(said("1", "old", seconds=-60)))
    assert [line.text for line in room(play).lines][:3] == [
        "old",
        "Bob is here already; you are Bob2. /name NEW changes it.",
        "You joined the chat.",
    ]
    assert len(play.chat.model.server.lines) == 0


def test_what_was_dropped_can_be_asked_for_again(play: Play) -> None:
    lobby = room(play)
    lobby.lines = Lines(most=100)
    lobby.past = Past.BEGINNING
    for number in range(145):
        play.hear(said(f"n{number}", str(number), seconds=number))
    assert len(lobby.lines) <= 100
    assert lobby.past is Past.MORE
    play.sent()
    assert play.chat.earlier(lobby, NOON)
    assert play.sent()[0] == f"CHATHISTORY BEFORE #lobby msgid={lobby.lines[0].msgid} 100"


def test_after_the_last_room_one_is_with_a_person(play: Play) -> None:
    play.hear(said("1", "psst", to="Bob"))
    play.chat.switch(room(play, "Alice"), NOON)
    play.chat.switch(room(play, "#lobby"), NOON)
    assert play.hear(":Bob!b@h PART #lobby") == ["You left #lobby. You are with Alice now."]
