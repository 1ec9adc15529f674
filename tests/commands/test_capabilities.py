"""What capabilities change about what a client sees. Others in the same room see theirs unchanged."""

from dataclasses import replace

import pytest

from commands.harness import Chat, Person
from triochat.commands.offering import offer_of, tell_of_changes

ALICE = ":Alice!u@192.0.2.1"
BOB = ":Bob!bob@192.0.2.1"


def room_of(alice_caps: str, bob_caps: str = "") -> tuple[Person, Person]:
    """Alice and Bob in #a."""
    chat = Chat()
    alice = chat.user("Alice", alice_caps)
    bob = chat.user("Bob", bob_caps, username="bob", realname="Bob B.")
    alice.types("JOIN #a")
    bob.types("JOIN #a")
    alice.sees()
    return alice, bob


def test_server_time_and_msgid() -> None:
    alice, bob = room_of("server-time message-tags", "server-time")
    alice.types("PRIVMSG #a :x")
    (line,) = bob.sees()
    tags, _, rest = line.partition(" ")
    assert tags.startswith("@time=2023-11-14T22:13:20.") and tags.endswith("Z") and len(tags) == len("@time=") + 24
    assert rest == f"{ALICE} PRIVMSG #a :x"
    bob.types("PRIVMSG #a :y")
    (line,) = alice.sees()
    assert line.startswith("@msgid=m") and ";time=2023-11-14T22:13:20." in line


@pytest.mark.parametrize("caps", ["", "echo-message", "echo-message server-time message-tags"])
def test_echo_is_what_the_others_see(caps: str) -> None:
    alice, bob = room_of(caps, caps.replace("echo-message", ""))
    echoed = alice.types("PRIVMSG #a :x", "PRIVMSG Bob :y", "NOTICE #a :z")
    seen = bob.sees()
    assert len(seen) == 3
    assert echoed == (seen if caps else [])


def test_extended_join_shows_account_and_real_name() -> None:
    chat = Chat()
    alice, carol = chat.user("Alice", "extended-join"), chat.user("Carol")
    alice.types("JOIN #a")
    carol.types("JOIN #a")
    alice.sees()
    chat.user("Bob", username="bob", realname="Bob B.").types("JOIN #a")
    assert alice.sees() == [f"{BOB} JOIN #a * :Bob B."]
    assert carol.sees()[-1] == f"{BOB} JOIN #a"


def test_away_notify_tells_changes_once_to_those_who_asked() -> None:
    alice, bob = room_of("away-notify")
    carol = alice.chat.user("Carol")
    for person in (alice, bob):
        person.types("JOIN #b")
    carol.types("JOIN #a")
    alice.sees(), bob.sees(), carol.sees()
    assert bob.types("AWAY :lunch") == [":irc.test 306 Bob :You have been marked as being away"]
    assert alice.sees() == [f"{BOB} AWAY :lunch"]
    assert bob.types("AWAY :lunch") == [":irc.test 306 Bob :You have been marked as being away"]
    assert bob.types("AWAY") == [":irc.test 305 Bob :You are no longer marked as being away"]
    assert bob.types("AWAY :") == [":irc.test 305 Bob :You are no longer marked as being away"]
    assert alice.sees() == [f"{BOB} AWAY"]
    assert carol.sees() == []


def test_own_away_is_not_notified_to_oneself() -> None:
    alice, _ = room_of("away-notify")
    assert alice.types("AWAY :x") == [":irc.test 306 Alice :You have been marked as being away"]


def test_invite_notify_tells_those_who_could_have_invited() -> None:
    alice, bob = room_of("invite-notify", "invite-notify")
    carol, dave = alice.chat.user("Carol", "invite-notify"), alice.chat.user("Dave")
    carol.types("JOIN #a")
    alice.sees(), bob.sees(), carol.sees()
    bob.types("INVITE Dave #a")
    assert alice.sees() == [f"{BOB} INVITE Dave #a"]
    assert carol.sees() == []
    assert dave.sees() == [f"{BOB} INVITE Dave #a"]


def test_multi_prefix_shows_every_rank() -> None:
    alice, bob = room_of("multi-prefix")
    alice.types("MODE #a +vh Alice Bob", "AWAY :x")
    bob.sees()
    assert alice.types("NAMES #a")[0] == ":irc.test 353 Alice = #a :@+Alice %Bob"
    assert alice.types("WHO Alice")[0] == ":irc.test 352 Alice #a u 192.0.2.1 irc.test Alice G@+ :0 Real Name"
    assert alice.types("WHOIS Alice")[1] == ":irc.test 319 Alice Alice :@+#a"
    assert bob.types("NAMES #a")[0] == ":irc.test 353 Bob = #a :@Alice %Bob"
    assert bob.types("WHO Alice")[0].endswith(" Alice G@ :0 Real Name")


def test_userhost_in_names() -> None:
    alice, bob = room_of("userhost-in-names multi-prefix")
    assert alice.types("NAMES #a")[0] == ":irc.test 353 Alice = #a :@Alice!u@192.0.2.1 Bob!bob@192.0.2.1"
    assert bob.types("NAMES #a")[0] == ":irc.test 353 Bob = #a :@Alice Bob"


def test_capability_changed_in_a_room_changes_the_next_line() -> None:
    alice, bob = room_of("")
    alice.types("CAP REQ message-tags")
    bob.types("PRIVMSG #a :one")
    (first,) = alice.sees()
    alice.types("CAP REQ -message-tags")
    bob.types("PRIVMSG #a :two")
    assert alice.sees() == [f"{BOB} PRIVMSG #a :two"]
    assert first.startswith("@msgid=") and first.endswith(f" {BOB} PRIVMSG #a :one")


def test_events_carry_the_same_tags_as_messages() -> None:
    alice, bob = room_of("", "message-tags server-time")
    alice.types("TOPIC #a :t", "MODE #a +m", "NICK Alicia", "PART #a")
    lines = bob.sees()
    assert [line.split(" ")[2] for line in lines] == ["TOPIC", "MODE", "NICK", "PART"]
    assert all(line.startswith("@msgid=m") and ";time=2023" in line for line in lines)


# -- cap-notify: what becomes of capabilities while the server runs --

REGISTRATION = "draft/account-registration"


def policy_changes(chat: Chat, **changes: bool) -> None:
    """Operators have changed the settings and had them read again."""
    former = offer_of(chat.server)
    chat.server.adopt_policy(replace(chat.server.policy, **changes))
    for person in chat.people:
        tell_of_changes(person.client, former)
    chat.deliver()


def test_who_wants_to_know_is_told_what_goes_and_what_comes() -> None:
    chat = Chat()
    modern, asked, old = chat.connect(), chat.user("Asked", f"cap-notify {REGISTRATION}"), chat.user("Old")
    modern.types("CAP LS 302", f"CAP REQ {REGISTRATION}")
    policy_changes(chat, registration=False)
    assert modern.sees() == [f":irc.test CAP * DEL {REGISTRATION}"]
    assert asked.sees() == [f":irc.test CAP Asked DEL {REGISTRATION}"]
    assert modern.types("CAP LIST") == [":irc.test CAP * LIST cap-notify"]
    assert modern.types(f"CAP REQ {REGISTRATION}") == [f":irc.test CAP * NAK {REGISTRATION}"]
    policy_changes(chat, registration=True, registration_before_connect=False)
    assert modern.sees() == [f":irc.test CAP * NEW {REGISTRATION}=custom-account-name"]
    assert asked.sees() == [f":irc.test CAP Asked NEW {REGISTRATION}"]
    assert old.sees() == []
    assert modern.types("NICK Dan", "REGISTER * * sesame")[0].startswith(":irc.test FAIL REGISTER COMPLETE_CONN")


def test_another_value_is_told_to_those_who_read_values() -> None:
    chat = Chat()
    modern, asked = chat.connect(), chat.user("Asked", "cap-notify")
    modern.types("CAP LS 302")
    policy_changes(chat, registration_email_required=True)
    assert modern.sees() == [f":irc.test CAP * NEW {REGISTRATION}=before-connect,email-required,custom-account-name"]
    assert asked.sees() == []
    policy_changes(chat)
    assert modern.sees() == []


def test_what_is_told_of_capabilities_is_no_part_of_an_answer() -> None:
    chat = Chat()
    modern = chat.user("Ann", "cap-notify labeled-response batch")
    modern.client.begin_label("abc")
    modern.client.send("PONG", "x")
    policy_changes(chat, registration=False)
    assert modern.sees() == [f":irc.test CAP Ann DEL {REGISTRATION}"]
    modern.client.end_label()
    modern.client.flush()
    assert modern.sees() == ["@label=abc :irc.test PONG x"]
