"""https://ircv3.net/specs/extensions/server-time

Not here: a leap second in what the server says, as computers' clocks have none.
"""

from specifications.example import person, play, server


def test_time_of_what_happens() -> None:
    """Section "Examples"."""
    chat = server()
    wiz = person(chat, "Wiz!wiz@example.org", "server-time")
    wiz.types("JOIN #chan")
    play(
        """
        C angel: PRIVMSG Wiz :Hello
        S: @time=2023-11-14T22:13:20.<said> :Angel!angel@example.org PRIVMSG Wiz :Hello
        C john: JOIN #chan
        S: @time=2023-11-14T22:13:20.<joined> :John!~john@1.2.3.4 JOIN #chan
        ...
        """,
        wiz,
        angel=person(chat, "Angel!angel@example.org"),
        john=person(chat, "John!~john@1.2.3.4"),
    )


def test_leap_second_of_a_client() -> None:
    """Section "Examples": what other servers said in a leap second may be referred to."""
    play(
        """
        C: MARKREAD #chan timestamp=2012-06-30T23:59:60.419Z
        S: MARKREAD #chan timestamp=2012-07-01T00:00:00.419Z
        """,
        person(server(), "Wiz!wiz@example.org"),
    )
