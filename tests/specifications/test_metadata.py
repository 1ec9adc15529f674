"""https://ircv3.net/specs/extensions/metadata, as draft/metadata-3 has it
(https://github.com/ircv3/ircv3-specifications/pull/613): changes are told by 761 and 766, and some codes have other
names.

Not here: keys that only some may see or set, as everybody may; values set by services or other servers; several
replies where one is enough.
"""

import pytest

from commands.harness import Chat, Person
from specifications.example import person, play, server
from triochat.domain.limits import Limits

CAPS = "batch draft/metadata-3"
SUBSCRIBED = """
        S: :irc.example.com BATCH +{0} metadata-subs
        S: @batch={0} :irc.example.com 772 client {1}
        S: :irc.example.com BATCH -{0}
"""


@pytest.fixture
def chat() -> Chat:
    return server(limits=Limits(metadata_keys=1, metadata_subs=5))


@pytest.fixture
def client(chat: Chat) -> Person:
    return person(chat, "client!user@host", CAPS)


def test_setting(client: Person) -> None:
    """Section "METADATA command examples"."""
    person(client.chat, "user1!user@host")
    client.types("JOIN #example")
    play(
        """
        C: METADATA * SET url :http://www.example.com
        S: :irc.example.com 761 client client url * :http://www.example.com
        C: METADATA * SET im.xmpp :client@example.com
        S: FAIL METADATA LIMIT_REACHED * 1 :Metadata limit reached
        C: METADATA user1 SET url :http://www.example.com
        S: FAIL METADATA KEY_NO_PERMISSION user1 url :You do not have permission to set 'url' on 'user1'
        C: METADATA #example SET url :http://www.example.com
        S: :irc.example.com 761 client #example url * :http://www.example.com
        C: METADATA $a:user SET url :http://www.example.com
        S: FAIL METADATA INVALID_TARGET $a:user :Invalid target.
        C: METADATA user1 SET $url$ :http://www.example.com
        S: FAIL METADATA INVALID_KEY $url$ :Invalid key.
        """,
        client,
    )


def test_setting_too_often() -> None:
    """Section "METADATA command examples", on rate limits."""
    client = person(server(limits=Limits(metadata_rate=0.2)), "client!user@host", CAPS)
    client.types(*(f"METADATA * SET url :{i}" for i in range(30)))
    play(
        """
        C: METADATA * SET url :http://www.example.com
        S: FAIL METADATA RATE_LIMITED * url 5 :Rate-limit reached. Try again in 5 seconds.
        """,
        client,
    )


def test_looking(client: Person) -> None:
    """Section "Listing and Viewing Metadata Examples", the first two."""
    user1 = person(client.chat, "user1!user@host", CAPS)
    user1.types("METADATA * SET im.xmpp :user1@xmpp.example.com")
    play(
        """
        C: METADATA user1 LIST
        S: :irc.example.com BATCH +<first> metadata user1
        S: @batch=<first> :irc.example.com 761 client user1 im.xmpp * :user1@xmpp.example.com
        S: :irc.example.com BATCH -<first>
        C: METADATA user1 GET blargh splot im.xmpp
        S: :irc.example.com BATCH +<second> metadata user1
        S: @batch=<second> 766 client user1 blargh :No matching key
        S: @batch=<second> 766 client user1 splot :No matching key
        S: @batch=<second> :irc.example.com 761 client user1 im.xmpp * :user1@xmpp.example.com
        S: :irc.example.com BATCH -<second>
        """,
        client,
    )


def test_joining(client: Person) -> None:
    """Section "Listing and Viewing Metadata Examples", the third."""
    user1, user2 = person(client.chat, "user1!user@host", CAPS), person(client.chat, "user2!user@host", CAPS)
    user1.types("JOIN #smallchan", "METADATA * SET foo :third example value")
    user2.types("JOIN #smallchan", "METADATA * SET bar :second example value")
    client.types("METADATA * SUB foo bar")
    play(
        """
        C: JOIN #smallchan
        S: :client!user@host JOIN #smallchan
        S: :irc.example.com 353 client = #smallchan :@user1 user2 client
        S: :irc.example.com 366 client #smallchan :End of /NAMES list.
        S: :irc.example.com BATCH +<ref> metadata #smallchan
        S: @batch=<ref> :irc.example.com 761 client user1 foo * :third example value
        S: @batch=<ref> :irc.example.com 761 client user2 bar * :second example value
        S: :irc.example.com BATCH -<ref>
        """,
        client,
    )


def test_subscribing(client: Person) -> None:
    """Section "Subscription Examples": subscribing, asking, and taking it back."""
    play(
        f"""
        C: METADATA * SUB avatar website foo bar
        S: :irc.example.com 770 client avatar website foo bar
        ...
        C: METADATA * SUBS
        {SUBSCRIBED.format("<first>", "avatar website foo bar")}
        C: METADATA * UNSUB foo bar
        S: :irc.example.com 771 client foo bar
        C: METADATA * SUBS
        {SUBSCRIBED.format("<second>", "avatar website")}
        C: METADATA * SUB avatar website
        S: :irc.example.com 770 client avatar website
        C: METADATA * SUB avatar avatar
        S: :irc.example.com 770 client avatar
        C: METADATA * UNSUB foo foo
        S: :irc.example.com 771 client foo
        C: METADATA * SUBS
        {SUBSCRIBED.format("<third>", "avatar website")}
        """,
        client,
    )


def test_nothing_subscribed(client: Person) -> None:
    """Section "Subscription Examples", on the empty list."""
    play(
        """
        C: METADATA * SUBS
        S: :irc.example.com BATCH +<ref> metadata-subs
        S: :irc.example.com BATCH -<ref>
        """,
        client,
    )


def test_invalid_key(client: Person) -> None:
    """Section "Subscription Examples", on invalid keys."""
    play(
        """
        C: METADATA * SUB foo $url bar
        S: :irc.example.com 770 client foo bar
        S: WARN METADATA INVALID_KEY $url :Invalid key
        ...
        """,
        client,
    )


def test_too_many_keys(client: Person) -> None:
    """Section "Subscription Examples", on too many keys."""
    play(
        f"""
        C: METADATA * SUB website avatar foo
        S: :irc.example.com 770 client website avatar foo
        ...
        C: METADATA * SUB email city country bar baz
        S: :irc.example.com 770 client email city
        S: FAIL METADATA LIMIT_REACHED country 5 :Too many subscriptions!
        ...
        C: METADATA * SUBS
        {SUBSCRIBED.format("<ref>", "website avatar foo email city")}
        """,
        client,
    )


def test_before_connect(chat: Chat) -> None:
    """Section "Setting keys and subscribing with before-connect"."""
    play(
        """
        C: CAP REQ :batch message-tags draft/metadata-3
        S: :irc.example.com CAP * ACK :batch message-tags draft/metadata-3
        C: METADATA * SUB display-name
        S: :irc.example.com 770 * display-name
        C: METADATA * SET display-name :a b c
        S: :irc.example.com 761 * * display-name * :a b c
        C: NICK abc
        C: USER u s e r
        C: CAP END
        S: :irc.example.com 001 abc :Welcome to the MetadataTesting IRC Network abc
        ...
        S: :irc.example.com BATCH +<first> metadata abc
        S: @batch=<first> :irc.example.com 761 abc abc display-name * :a b c
        S: :irc.example.com BATCH -<first>
        S: :irc.example.com 422 abc :MOTD File is missing
        C: METADATA * LIST
        S: :irc.example.com BATCH +<second> metadata abc
        S: @batch=<second> :irc.example.com 761 abc abc display-name * :a b c
        S: :irc.example.com BATCH -<second>
        C: METADATA * SUBS
        S: :irc.example.com BATCH +<third> metadata-subs
        S: @batch=<third> :irc.example.com 772 abc display-name
        S: :irc.example.com BATCH -<third>
        """,
        chat.connect(),
    )
