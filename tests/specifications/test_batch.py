"""https://ircv3.net/specs/extensions/batch

Not here: the examples with `netsplit` (and `netjoin`, https://ircv3.net/specs/batches/netsplit), which only a network
of several servers has; two batches open side by side, as this server ends one before it begins another.
"""

from specifications.example import person, play, server


def test_nested_batch() -> None:
    """Section "Nested batch": a message of several lines in the history."""
    nick = person(server(), "nick!user@host", "batch draft/multiline draft/chathistory")
    nick.types("JOIN #channel")
    nick.types("BATCH +1 draft/multiline #channel", "@batch=1 PRIVMSG #channel :Hi", "@batch=1 PRIVMSG #channel :Ho")
    nick.types("BATCH -1")
    play(
        """
        C: CHATHISTORY LATEST #channel * 1
        S: :irc.example.com BATCH +<outer> chathistory #channel
        S: @batch=<outer> :nick!user@host BATCH +<inner> draft/multiline #channel
        S: @batch=<inner> :nick!user@host PRIVMSG #channel :Hi
        S: @batch=<inner> :nick!user@host PRIVMSG #channel :Ho
        S: @batch=<outer> BATCH -<inner>
        S: :irc.example.com BATCH -<outer>
        """,
        nick,
    )


def test_empty_batch() -> None:
    """Section "The BATCH verb"."""
    nick = person(server(), "nick!user@host", "batch draft/chathistory")
    nick.types("JOIN #channel")
    play(
        """
        C: CHATHISTORY LATEST #channel * 1
        S: :irc.example.com BATCH +<ref> chathistory #channel
        S: :irc.example.com BATCH -<ref>
        """,
        nick,
    )
