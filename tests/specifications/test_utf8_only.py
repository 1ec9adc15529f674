"""https://ircv3.net/specs/extensions/utf8-only

Not here: WARN, as this server changes no message.
"""

from specifications.example import person, play, server

LATIN_1 = "caf\udce9"
"""Bytes that are no UTF-8."""


def test_message() -> None:
    """Section "Examples", the first."""
    nick = person(server(), "nick!user@host")
    assert " UTF8ONLY " in " ".join(nick.types("VERSION"))
    play(
        f"""
        C: PRIVMSG #ircv3 :{LATIN_1}
        S: FAIL PRIVMSG INVALID_UTF8 :Message rejected, your IRC software MUST use UTF-8 encoding on this network
        """,
        nick,
    )


def test_real_name() -> None:
    """Section "Examples", the second."""
    play(
        f"""
        C: USER u s e :{LATIN_1}
        S: FAIL USER INVALID_UTF8 :Message rejected, your IRC software MUST use UTF-8 encoding on this network
        """,
        server().connect(),
    )
