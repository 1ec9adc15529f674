"""The whole client without IO: what the server sends, what the person types, what each then gets."""

import pytest

from client.session_steps import IRCV3, NOON, Play, at
from triochat.client.chat import Entered
from triochat.client.events import Cause
from triochat.client.line import Kind
from triochat.client.lines import LINES_KEPT
from triochat.client.model import Link


@pytest.fixture
def play() -> Play:
    """A person called Bob in #lobby with Alice, on a simple server."""
    play = Play()
    play.connect()
    play.enter_room()
    play.sent()
    return play


def test_the_first_room_welcomes_and_names_who_is_there() -> None:
    play = Play()
    assert play.connect() == []
    assert play.enter_room(people="@Alice Zoë") == [
        "You joined the chat.",
        "#lobby, 3 here: Alice, Bob (you), Zoë.",
    ]
    assert play.chat.model.link is Link.ONLINE


def test_a_taken_name_is_explained_in_one_sentence() -> None:
    play = Play()
    play.chat.connected(NOON)
    read = play.hear(":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome")
    assert read == ["Bob is here already; you are Bob2. /name NEW changes it."]


def test_a_refused_name_ends_the_conversation_with_its_reason() -> None:
    play = Play()
    play.chat.connected(NOON)
    play.hear(":irc 432 * Bob :too long")
    assert play.chat.refusal is not None
    assert play.chat.refusal.cause is Cause.NAME
    assert play.chat.refusal.text == "Bob is not accepted as a name: too long"


def test_what_others_do_is_told(play: Play) -> None:
    assert play.hear(
        ":Zoë!z@h JOIN #lobby",
        ":Zoë!z@h PRIVMSG #lobby :hi",
        ":Zoë!z@h NICK Zoe",
        ":Alice!a@h TOPIC #lobby :cakes",
        ":Alice!a@h MODE #lobby +o Zoe",
        ":Alice!a@h KICK #lobby Zoe :enough",
        ":Alice!a@h PART #lobby",
    ) == [
        "Zoë joined",
        "hi",
        "Zoë is now Zoe",
        "Alice set the topic: cakes",
        "mode +o Zoe by Alice",
        "Alice removed Zoe (enough)",
        "Alice left",
    ]
    assert play.chat.model.people() == []


def test_who_leaves_several_rooms_at_once_is_told_once(play: Play) -> None:
    play.enter_room("#dev", "Alice")
    assert play.hear(":Alice!a@h QUIT :bye") == ["Alice left (bye)"]
    assert play.chat.model.people() == []


def test_text_goes_to_the_current_room_and_is_shown(play: Play) -> None:
    (line,) = play.type("hello everyone")
    assert (line.kind, line.name, line.text, line.mine) == (Kind.SAID, "Bob", "hello everyone", True)
    assert play.sent()[0] == "PRIVMSG #lobby :hello everyone"


def test_pasted_lines_are_one_message_each_and_no_commands(play: Play) -> None:
    play.type("one\n/quit\n\nthree")
    assert [line for line in play.sent() if "PRIVMSG" in line] == [
        "PRIVMSG #lobby one",
        "PRIVMSG #lobby /quit",
        "PRIVMSG #lobby three",
    ]
    assert not play.chat.leaving


def test_bytes_that_are_no_text_are_sent_as_a_sign_and_not_lost(play: Play) -> None:
    play.type(b"caf\xe9".decode(errors="surrogateescape"))
    assert play.sent()[0] == "PRIVMSG #lobby caf\ufffd"


def test_a_refusal_without_any_words_is_survived(play: Play) -> None:
    assert play.hear(":irc 433") == ["The server refused that."]


@pytest.mark.parametrize("text", ["/msg A\x1b[2J psst", "/leave #\x1b[2J", "/users \x1b[2J"])
def test_what_was_pasted_cannot_steer_the_terminal(play: Play, text: str) -> None:
    (line,) = play.type(text)
    play.chat.lost(NOON)
    shown = [line.text, line.to, *play.connect()]
    assert any("\u241b[2J" in part for part in shown)
    assert "\x1b" not in "".join(shown)


def test_a_private_message_is_shown_with_both_ends(play: Play) -> None:
    (mine,) = play.type("/msg Alice psst")
    assert (mine.to, mine.mine) == ("Alice", True)
    play.chat.receive(b":Alice!a@h PRIVMSG Bob :yes?", NOON)
    (theirs,) = play.chat.take_lines()
    assert (theirs.name, theirs.to, theirs.mine) == ("Alice", "Bob", False)


def test_joining_switches_and_leaving_goes_back(play: Play) -> None:
    play.type("/join dev")
    assert play.sent()[0] == "JOIN #dev"
    assert play.enter_room("#dev", "Carol")[0] == "You are in #dev now."
    play.type("hi devs")
    assert play.sent()[0] == "PRIVMSG #dev :hi devs"
    play.chat.receive(b":Alice!a@h PRIVMSG #lobby :hello?", NOON)
    (line,) = play.chat.take_lines()
    assert line.label == "#lobby"
    play.type("/leave")
    assert "PART #dev" in play.sent()
    assert play.hear(":Bob!b@h PART #dev") == ["You left #dev. You are in #lobby now."]
    play.type("back")
    assert play.sent()[0] == "PRIVMSG #lobby back"


def test_joining_a_room_one_is_in_only_switches(play: Play) -> None:
    play.enter_room("#dev", "Carol")
    play.sent()
    (line,) = play.type("/join #lobby")
    assert line.text == "#lobby, 2 here: Alice, Bob (you)."
    assert play.sent() == []


def test_text_typed_between_two_rooms_goes_to_neither(play: Play) -> None:
    """Until the server has answered a /join or /leave, nobody knows where text belongs."""
    play.type("/join dev")
    assert play.chat.enter("for the developers", NOON) is Entered.HELD
    assert not play.chat.ready
    play.hear(":irc 473 Bob #dev :Cannot join")
    assert play.chat.enter("for the lobby then", NOON) is Entered.DONE


def test_a_server_that_ignores_a_join_does_not_silence_the_person(play: Play) -> None:
    play.type("/join dev")
    token = play.sent()[-1].removeprefix("PING ")
    play.hear(f":irc PONG irc {token}")
    assert play.chat.enter("still in the lobby", NOON) is Entered.DONE


def test_without_a_room_text_stays_where_it_was_typed(play: Play) -> None:
    play.hear(":Alice!a@h KICK #lobby Bob :out")
    assert play.chat.enter("hello", NOON) is Entered.HELD
    assert play.sent() == []


def test_a_typing_mistake_is_not_kept(play: Play) -> None:
    assert play.chat.enter("/jion dev", NOON) is Entered.WRONG


def test_text_typed_without_a_connection_stays_where_it_was_typed(play: Play) -> None:
    play.chat.lost(NOON)
    assert play.chat.enter("hello", NOON) is Entered.HELD
    assert [line.kind for line in play.chat.take_lines()] == [Kind.ERROR]


def test_a_server_that_confirms_nothing_gets_no_more_lines(play: Play) -> None:
    results = [play.chat.enter("hello", NOON) for _ in range(300)]
    assert results[0] is Entered.DONE
    assert results[-1] is Entered.HELD


def test_a_paste_that_is_too_long_is_refused_as_a_whole(play: Play) -> None:
    (line,) = play.type("line\n" * 500)
    assert line.text == "That is 500 lines; 200 can be sent at once."
    assert play.sent() == []


def test_questions_the_model_can_answer_are_not_sent(play: Play) -> None:
    play.hear(":irc 332 Bob #lobby :all about cakes")
    assert [line.text for line in play.type("/topic")] == ["Topic of #lobby: all about cakes"]
    assert [line.text for line in play.type("/users")] == ["#lobby, 2 here: Alice, Bob (you)."]
    assert play.sent() == []


def test_commands_for_the_server_are_sent(play: Play) -> None:
    play.type("/topic cakes and tea")
    play.type("/nick Robert")
    play.type("/rooms")
    assert play.sent() == ["TOPIC #lobby :cakes and tea", "NICK Robert", "LIST"]
    assert play.hear(":Bob!b@h NICK Robert") == ["You are Robert now"]
    assert play.hear(":irc 322 Robert #lobby 2 :cakes", ":irc 323 Robert :End") == ["* #lobby               2  cakes"]


def test_quitting_says_goodbye(play: Play) -> None:
    play.type("/quit so long")
    assert play.chat.leaving
    assert play.sent() == ["QUIT :so long"]


def said(msgid: str, text: str, name: str = "Alice", seconds: float = 0) -> str:
    """A line as the server sends it, with an id and a time."""
    return f"@msgid={msgid};time={at(seconds).isoformat()} :{name}!x@h PRIVMSG #lobby :{text}"


def history(*lines: str) -> list[str]:
    """A history batch of *lines*."""
    return [
        ":irc BATCH +h chathistory #lobby",
        *(line.replace("@", "@batch=h;", 1) for line in lines),
        ":irc BATCH -h",
    ]


def test_history_is_shown_between_rules_and_no_line_twice() -> None:
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    batch = history(said("1", "one", seconds=-60), said("2", "two", seconds=-30))
    assert play.hear(said("2", "two", seconds=-30), *batch) == ["earlier", "one", "two", "now"]
    assert play.hear(said("2", "two")) == []


def test_after_a_reconnect_only_what_was_missed_is_shown() -> None:
    """History older than the first look at the room is not missed, and known lines are not shown again."""
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*history(said("2", "two", seconds=-30)), said("3", "three", seconds=1))
    play.chat.lost(at(10))
    assert play.connect(now=at(51)) == []
    assert "JOIN #lobby" in play.sent()
    assert play.enter_room(now=at(51)) == []
    assert "CHATHISTORY AFTER #lobby msgid=3 500" in play.sent()
    batch = [said("1", "one", seconds=-60), said("2", "two", seconds=-30), said("3", "three", seconds=1)]
    assert play.hear(*history(*batch, said("4", "four", seconds=20)), now=at(51)) == [
        "Reconnected after 41 s, 1 missed line.",
        "four",
    ]


def test_in_a_room_that_was_silent_only_later_lines_count_as_missed() -> None:
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    assert play.hear(*history(said("1", "old", seconds=-60), said("2", "new", seconds=15))) == [
        "Reconnected after 10 s, 1 missed line.",
        "new",
    ]


def reconnected(play: Play, *lines: str) -> None:
    """The connection breaks 10 seconds after noon, when *lines* have been said, and comes back 10 seconds later."""
    play.hear(*history(), *lines)
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.hear(":irc 005 Bob CHATHISTORY=2 :are supported")
    play.enter_room(now=at(20))


def requests(play: Play) -> list[str]:
    """The history that was asked for."""
    return [line for line in play.sent() if line.startswith("CHATHISTORY")]


UNKNOWN = ":irc FAIL CHATHISTORY MESSAGE_ERROR AFTER #lobby msgid=0 :No message that is kept has this msgid"


@pytest.fixture
def lobby() -> Play:
    """In a room of a server that keeps history."""
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    return play


def test_what_was_missed_is_read_page_by_page_to_its_end_and_shown_in_order(lobby: Play) -> None:
    reconnected(lobby, said("0", "zero", seconds=1))
    assert requests(lobby) == ["CHATHISTORY AFTER #lobby msgid=0 2"]
    assert lobby.hear(said("5", "five", seconds=21)) == []
    assert lobby.hear(*history(said("1", "one", seconds=11), said("2", "two", seconds=12))) == []
    assert requests(lobby) == ["CHATHISTORY AFTER #lobby msgid=2 2"]
    assert lobby.hear(*history(said("3", "three", seconds=13), said("4", "four", seconds=14))) == []
    assert requests(lobby) == ["CHATHISTORY AFTER #lobby msgid=4 2"]
    assert lobby.hear(*history(said("5", "five", seconds=21)), said("6", "six", seconds=22)) == [
        "Reconnected after 10 s, 5 missed lines.",
        *("one", "two", "three", "four", "five"),
        "six",
    ]


def test_a_page_that_leads_nowhere_ends_the_reading(lobby: Play) -> None:
    """A server that gives the same page again and again is asked no third time."""
    reconnected(lobby, said("0", "zero", seconds=1))
    page = history(said("1", "one", seconds=11), said("2", "two", seconds=12))
    assert lobby.hear(*page) == []
    assert lobby.hear(*page)[0] == "Reconnected after 10 s, 2 missed lines."


def test_when_the_last_line_was_taken_back_reading_goes_on_from_an_older_one(lobby: Play) -> None:
    reconnected(lobby, *(said(f"l{number}", "known", seconds=1) for number in range(30)))
    assert requests(lobby)[-1] == "CHATHISTORY AFTER #lobby msgid=l29 2"
    assert lobby.hear(UNKNOWN) == []
    assert requests(lobby) == ["CHATHISTORY AFTER #lobby msgid=l10 2"]
    read = lobby.hear(*history(said("l28", "known", seconds=1)))
    assert read == ["Reconnected after 10 s, no missed lines."]


def test_a_gap_that_is_no_longer_kept_is_admitted(lobby: Play) -> None:
    reconnected(lobby, said("0", "zero", seconds=1), said("1", "one", seconds=2))
    lobby.hear(UNKNOWN, UNKNOWN)
    assert requests(lobby)[-1] == "CHATHISTORY LATEST #lobby * 2"
    assert lobby.hear(*history(said("8", "eight", seconds=12))) == [
        "Reconnected after 10 s, 1 missed line; what was said before these is not known here.",
        "eight",
    ]


def test_history_that_cannot_be_read_at_all_is_admitted(lobby: Play) -> None:
    reconnected(lobby, said("0", "zero", seconds=1))
    assert lobby.hear(UNKNOWN, UNKNOWN) == ["Reconnected after 10 s; what was said meanwhile is not known here."]


def test_more_than_can_be_held_is_admitted(lobby: Play) -> None:
    reconnected(lobby, said("0", "zero", seconds=1))
    seconds = 0
    while seconds < 6000:
        assert lobby.hear(*history(*(said(f"m{seconds + n}", "many", seconds=11 + n) for n in (1, 2)))) == []
        seconds += 2
    read = lobby.hear(*history())
    assert read[0] == "Reconnected after 10 s, 5000 missed lines; older ones are not shown."
    assert len(read) == 5001


def test_without_history_a_reconnect_says_that_lines_may_be_missing(play: Play) -> None:
    play.chat.lost(NOON)
    play.connect(now=at(5))
    assert play.enter_room(now=at(5))[0] == "Reconnected after 5 s; what was said meanwhile is not known here."


def test_after_a_reconnect_the_same_room_is_current(play: Play) -> None:
    play.enter_room("#dev")
    play.type("/join #lobby")
    play.chat.lost(NOON)
    play.connect()
    assert {"JOIN #lobby", "JOIN #dev"} <= set(play.sent())
    play.enter_room("#lobby")
    play.enter_room("#dev")
    assert play.chat.model.current is play.chat.model.room("#lobby")


def test_the_name_one_had_is_asked_for_again(play: Play) -> None:
    play.hear(":Bob!b@h NICK Robert")
    play.chat.lost(NOON)
    play.chat.connected(NOON)
    assert "NICK Robert" in play.sent()


def test_an_old_connection_of_ours_that_holds_the_name_is_explained(play: Play) -> None:
    play.chat.lost(NOON)
    play.chat.connected(NOON)
    read = play.hear(":irc 433 * Bob :taken", ":irc 001 Bob2 :Welcome")
    assert read == ["Your old connection still holds Bob; you are Bob2 until it is gone."]


def test_a_line_whose_echo_was_lost_but_stands_in_the_history_is_delivered() -> None:
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.type("arrived")
    play.type("did not")
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    read = play.hear(*history(said("1", "arrived", name="Bob", seconds=9)), now=at(20))
    assert "arrived" in read
    assert "Perhaps not delivered to #lobby: did not" in read
    assert play.chat.lost_lines == 1


def test_a_line_whose_fate_is_unknown_is_sent_again_where_that_does_not_say_it_twice() -> None:
    play = Play(f"{IRCV3} triochat/resend")
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.sent()
    play.type("arrived")
    play.type("did not")
    first = [line for line in play.sent() if "PRIVMSG" in line]
    assert all(line.startswith("@+triochat/id=") for line in first)
    play.chat.lost(at(10))
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    play.sent()
    read = play.hear(*history(said("1", "arrived", name="Bob", seconds=9)), now=at(20))
    assert read == ["Reconnected after 10 s, no missed lines, 2 of yours sent.", "arrived"]
    tag = first[1].split(" ")[0]
    assert [line for line in play.sent() if "PRIVMSG" in line] == [f"{tag};+triochat/again PRIVMSG #lobby :did not"]
    echo = f"@msgid=2;time={at(21):%Y-%m-%dT%H:%M:%S.000Z} :Bob!b@h PRIVMSG #lobby :did not"
    assert play.hear(echo, now=at(21)) == ["did not"]
    assert (play.chat.unconfirmed, play.chat.lost_lines) == (0, 0)


def test_unconfirmed_private_lines_are_reported_after_a_reconnect(play: Play) -> None:
    play.type("/msg Alice psst")
    play.chat.lost(NOON)
    assert play.connect() == ["Perhaps not delivered to Alice: psst"]


def test_a_room_that_cannot_be_entered_is_told(play: Play) -> None:
    play.type("/join club")
    assert play.hear(":irc 473 Bob #club :Cannot join") == ["#club is for invited people only."]


def test_a_rooms_memory_is_bounded(play: Play) -> None:
    for number in range(LINES_KEPT + 10):
        play.chat.receive(f"@msgid={number} :Alice!a@h PRIVMSG #lobby :{number}".encode(), NOON)
    room = play.chat.model.current
    assert room is not None
    assert LINES_KEPT - 1000 <= len(room.lines) <= LINES_KEPT
    assert not room.lines.knows("0")


def test_rooms_that_a_server_forces_on_us_are_bounded(play: Play) -> None:
    for number in range(1000):
        play.hear(f":Bob!b@h JOIN #r{number}")
    assert len(play.chat.model.rooms) == 500


# -- searching


@pytest.fixture
def library() -> Play:
    """In a room of a server that searches."""
    play = Play(f"{IRCV3} soju.im/search")
    play.connect()
    play.enter_room()
    play.sent()
    return play


def answer(*lines: str) -> list[str]:
    """What a search found."""
    found = [line.replace("@", "@batch=s;", 1) for line in lines]
    return [":irc BATCH +s soju.im/search", *found, ":irc BATCH -s"]


def test_what_is_found_is_shown_between_rules_with_its_room(library: Play) -> None:
    library.hear(*history(said("1", "tea; and cake")))
    library.type("/search tea; from:Alice in:lobby")
    assert library.sent() == ["SEARCH in=#lobby;from=Alice;text=tea\\:;limit=50"]
    elsewhere = said("2", "tea at ten").replace("#lobby", "#dev")
    for line in answer(said("1", "tea; and cake"), elsewhere):
        library.chat.receive(line.encode(), NOON)
    lines = library.chat.take_lines()
    assert [(line.text, line.label) for line in lines] == [
        ("2 lines with tea;", ""),
        ("tea; and cake", ""),
        ("tea at ten", "#dev"),
        ("now", ""),
    ]


def test_searches_are_answered_in_their_order_and_a_refused_one_is_said(library: Play) -> None:
    library.hear(*history())
    for words in ("one", "two", "three"):
        library.type(f"/search {words}")
    assert library.hear(*answer()) == ["There are no lines with one."]
    assert library.hear(":irc FAIL SEARCH INTERNAL_ERROR :Try later") == ["Try later"]
    assert library.hear(*answer(said("3", "x")))[0] == "1 line with three"


def test_answers_that_nobody_asked_for_are_nothing(library: Play) -> None:
    library.hear(*history())
    assert library.hear(*answer(said("1", "x")), ":irc BATCH -s") == []


def test_a_server_that_cannot_search_is_not_asked(play: Play) -> None:
    play.sent()
    assert [line.text for line in play.type("/search tea")] == ["This server cannot search."]
    assert play.sent() == []


# -- lines on their way


def pending(play: Play) -> list[str]:
    """Own lines that are not stored yet, as far as the person sees."""
    return [sent.text for sent in play.chat.model.pending]


def test_own_lines_are_pending_until_they_are_stored_also_without_a_connection() -> None:
    play = Play(f"{IRCV3} triochat/resend")
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.type("one")
    play.type("two")
    assert pending(play) == ["one", "two"]
    play.hear(said("1", "one", name="Bob"))
    assert pending(play) == ["two"]
    play.chat.lost(at(10))
    assert pending(play) == ["two"]
    play.connect(now=at(20))
    play.enter_room(now=at(20))
    assert pending(play) == ["two"]
    play.hear(*history())
    assert pending(play) == ["two"]  # sent again
    play.hear(said("2", "two", name="Bob"))
    assert pending(play) == []


def test_a_pending_line_that_cannot_be_stored_is_marked() -> None:
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*history())
    play.type("lost")
    play.chat.lost(at(10))
    play.chat.report_lost_lines()
    assert [line.text for line in play.chat.take_lines()] == ["Perhaps not delivered to #lobby: lost"]
    assert pending(play) == []


def test_lines_that_no_echo_will_bring_are_shown_at_once_and_not_pending(play: Play) -> None:
    assert [line.text for line in play.type("hello")] == ["hello"]
    assert pending(play) == []
