"""RELAYMSG (draft/relaymsg: https://github.com/ircv3/ircv3-specifications/pull/417)."""

import pytest

from commands.harness import Chat, Person, numerics

CAP = "draft/relaymsg"


def pair(bot_caps: str = "", other_caps: str = "") -> tuple[Person, Person]:
    """A bridge, operator of #a, and Bob in it."""
    chat = Chat()
    bridge, bob = chat.user("Bridge", bot_caps), chat.user("Bob", other_caps)
    bridge.types("JOIN #a")
    bob.types("JOIN #a")
    bridge.sees()
    return bridge, bob


def test_a_message_from_elsewhere_is_a_message_like_any_other() -> None:
    bridge, bob = pair("echo-message")
    said = ":smt/discord!Bridge@irc.test PRIVMSG #a :hi there"
    assert bridge.types("RELAYMSG #A smt/discord :hi there") == [said]
    assert bob.sees() == [said]


def test_without_echo_the_bridge_sees_nothing_of_it() -> None:
    bridge, bob = pair()
    assert bridge.types("RELAYMSG #a smt/discord hi") == []
    assert len(bob.sees()) == 1


def test_those_who_asked_see_who_relayed_it() -> None:
    bridge, bob = pair(f"{CAP} echo-message", f"{CAP} message-tags")
    tagged = bridge.chat.user("Tagged", "message-tags")
    tagged.types("JOIN #a")
    bob.sees(), bridge.sees()
    line = ":smt/discord!Bridge@irc.test PRIVMSG #a :hi"
    assert bridge.types("RELAYMSG #a smt/discord hi") == [f"@draft/relaymsg=Bridge {line}"]
    (seen,) = bob.sees()
    assert seen.startswith("@draft/relaymsg=Bridge;msgid=") and seen.endswith(line)
    (seen,) = tagged.sees()
    assert "relaymsg" not in seen


def test_client_tags_travel_with_it() -> None:
    bridge, bob = pair("message-tags", f"{CAP} message-tags")
    bridge.types("@+reply=x;+draft/relaymsg=Eve RELAYMSG #a smt/discord hi")
    (seen,) = bob.sees()
    assert seen.startswith("@draft/relaymsg=Bridge;msgid=") and ";+reply=x;+draft/relaymsg=Eve :smt" in seen


def test_it_proves_no_account() -> None:
    chat = Chat()
    bridge, bob = chat.user("Bridge", account="Bridge"), chat.user("Bob", "account-tag")
    bridge.types("JOIN #a")
    bob.types("JOIN #a")
    bridge.types("RELAYMSG #a smt/discord hi")
    assert bob.sees() == [":smt/discord!Bridge@irc.test PRIVMSG #a :hi"]


def test_it_is_kept_with_the_rest() -> None:
    bridge, bob = pair("", f"{CAP} draft/chathistory batch")
    bridge.types("RELAYMSG #a smt/discord hi", "PRIVMSG #a :own")
    bob.sees()
    _, relayed, own, _ = bob.types("CHATHISTORY LATEST #a * 10")
    assert "draft/relaymsg=Bridge" in relayed and relayed.endswith(" :smt/discord!Bridge@irc.test PRIVMSG #a :hi")
    assert own.endswith(" PRIVMSG #a :own")


@pytest.mark.parametrize(
    "name",
    ["smt", "/discord", "smt/", "s!t/d", "s@t/d", "#a/d", "@smt/d", "~smt/d", "s:t/d", "s\u200bt/d", "x" * 63 + "/d"],
)
def test_names_that_could_be_mistaken_are_refused(name: str) -> None:
    bridge, bob = pair()
    assert bridge.types(f"RELAYMSG #a {name} :hi") == [
        ":irc.test FAIL RELAYMSG INVALID_NICK :Such a name is name/bridge, without spaces and !+%@&#$~:'\"?*,."
    ]
    assert bob.sees() == []


def test_only_operators_of_the_room_relay() -> None:
    bridge, bob = pair()
    refused = [":irc.test FAIL RELAYMSG PRIVS_NEEDED :Only operators of the room may relay messages to it"]
    assert bob.types("RELAYMSG #a smt/discord hi") == refused
    assert bridge.chat.user("Eve").types("RELAYMSG #a smt/discord hi") == refused
    assert numerics(bridge.types("RELAYMSG #none smt/discord hi")) == ["403"]
    assert bridge.sees() == []


def test_what_the_room_forbids_is_refused() -> None:
    bridge, bob = pair()
    bridge.types("MODE #a +b *!*@irc.test", "MODE #a +C")
    bob.sees()
    assert bridge.types("RELAYMSG #a smt/discord hi") == [
        ":irc.test 404 Bridge #a :smt/discord is banned from speaking in this room"
    ]
    bridge.types("MODE #a -b *!*@irc.test")
    assert numerics(bridge.types("RELAYMSG #a smt/discord :\x01VERSION\x01")) == ["404"]
    assert numerics(bridge.types("RELAYMSG #a smt/discord :")) == ["412"]
    assert numerics(bridge.types(f"RELAYMSG #a smt/discord :{'x' * 480}")) == ["417"]
    assert numerics(bridge.types("RELAYMSG #a smt/discord")) == ["461"]


def test_what_cannot_be_stored_is_not_sent() -> None:
    bridge, bob = pair()
    bridge.chat.journal.broken = True
    (answer,) = bridge.types("RELAYMSG #a smt/discord hi")
    assert " MESSAGE_NOT_STORED " in answer
    assert bob.sees() == []


def test_the_separator_is_announced() -> None:
    listed = " ".join(Chat().connect().types("CAP LS 302"))
    assert "draft/relaymsg=/" in listed
