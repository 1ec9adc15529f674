"""https://ircv3.net/specs/extensions/echo-message

Not here: text that the server changes, as it does not.
"""

from specifications.example import person, play, server


def test_echo() -> None:
    """Section "Examples", the first."""
    chat = server()
    example, attila = person(chat, "example!ex@example.com", "echo-message"), person(chat, "Attila!user@host")
    play(
        """
        C: PRIVMSG Attila :hi
        S: :example!ex@example.com PRIVMSG Attila :hi
        S attila: :example!ex@example.com PRIVMSG Attila :hi
        """,
        example,
        attila=attila,
    )
