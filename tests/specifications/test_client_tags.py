"""https://ircv3.net/specs/client-tags/channel-context, https://ircv3.net/specs/client-tags/react,
https://ircv3.net/specs/client-tags/reply and https://ircv3.net/specs/client-tags/typing"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server

CAPS = "message-tags echo-message"


@pytest.fixture
def nick() -> Person:
    return person(server(), "nick!user@host", CAPS)


@pytest.fixture
def nick2(nick: Person) -> Person:
    """Beside nick in #channel."""
    nick2 = person(nick.chat, "nick2!user2@host2", CAPS)
    for somebody in (nick, nick2):
        somebody.types("JOIN #channel")
    return nick2


def test_channel_context(nick: Person) -> None:
    """channel-context, section "Examples"."""
    bot = person(nick.chat, "bot!bot@bot", "message-tags")
    for somebody in (nick, bot):
        somebody.types("JOIN #chan")
    play(
        """
        C: PRIVMSG #chan :!help
        S: @msgid=<asked> :nick!user@host PRIVMSG #chan :!help
        S bot: @msgid=<asked> :nick!user@host PRIVMSG #chan :!help
        C bot: @+channel-context=#chan NOTICE nick :I'm helping.
        S: @msgid=<answer>;+channel-context=#chan :bot!bot@bot NOTICE nick :I'm helping.
        """,
        nick,
        bot=bot,
    )


@pytest.mark.parametrize("reaction", ["lol", ":)", "👋"])
def test_reaction(nick: Person, nick2: Person, reaction: str) -> None:
    """react, section "Examples", the first three."""
    play(
        f"""
        C author: PRIVMSG #channel :Hello!
        S: @msgid=<hello> :nick!user@host PRIVMSG #channel :Hello!
        C: @+reply=<hello>;+draft/react={reaction} TAGMSG #channel
        S: @msgid=<reaction>;+reply=<hello>;+draft/react={reaction} :nick2!user2@host2 TAGMSG #channel
        ...
        """,
        nick2,
        author=nick,
    )


def test_reaction_with_a_text(nick: Person, nick2: Person) -> None:
    """react, section "Examples", the fourth."""
    play(
        """
        C author: PRIVMSG #channel :Hello!
        S: @msgid=<hello> :nick!user@host PRIVMSG #channel :Hello!
        C: @+reply=<hello>;+draft/react=lol PRIVMSG #channel :lol
        S: @msgid=<reaction>;+reply=<hello>;+draft/react=lol :nick2!user2@host2 PRIVMSG #channel :lol
        ...
        """,
        nick2,
        author=nick,
    )


def test_reaction_that_is_taken_back(nick: Person, nick2: Person) -> None:
    """react, section "Examples", the last."""
    play(
        """
        C author: PRIVMSG #channel :They won!
        S: @msgid=<won> :nick!user@host PRIVMSG #channel :They won!
        C: @+reply=<won>;+draft/react=🇦🇷 TAGMSG #channel
        S: @msgid=<first>;+reply=<won>;+draft/react=🇦🇷 :nick2!user2@host2 TAGMSG #channel
        C author: PRIVMSG #channel :Actually it was Germany...
        S: @msgid=<actually> :nick!user@host PRIVMSG #channel :Actually it was Germany...
        C: @+reply=<won>;+draft/unreact=🇦🇷 TAGMSG #channel
        S: @msgid=<second>;+reply=<won>;+draft/unreact=🇦🇷 :nick2!user2@host2 TAGMSG #channel
        C: @+reply=<won>;+draft/react=🇩🇪 TAGMSG #channel
        S: @msgid=<third>;+reply=<won>;+draft/react=🇩🇪 :nick2!user2@host2 TAGMSG #channel
        ...
        """,
        nick2,
        author=nick,
    )


def test_reply(nick: Person, nick2: Person) -> None:
    """reply, section "Examples"."""
    play(
        """
        C author: PRIVMSG #channel :Hello!
        S: @msgid=<hello> :nick!user@host PRIVMSG #channel :Hello!
        C: @+reply=<hello> PRIVMSG #channel :Hello to you!
        S: @msgid=<reply>;+reply=<hello> :nick2!user2@host2 PRIVMSG #channel :Hello to you!
        ...
        """,
        nick2,
        author=nick,
    )


@pytest.mark.parametrize("state", ["active", "paused", "done"])
def test_typing(nick: Person, state: str) -> None:
    """typing, section "Examples"; a client's own source does not count."""
    target = person(nick.chat, "target!user@host", "message-tags")
    play(
        f"""
        C nick: @+typing={state} :nick!ident@host TAGMSG target
        S: @msgid=<id>;+typing={state} :nick!user@host TAGMSG target
        ...
        """,
        target,
        nick=nick,
    )
