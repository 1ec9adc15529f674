"""https://ircv3.net/specs/extensions/standard-replies

Not here: the examples themselves, whose commands are invented, or not for clients of this server.
"""

from specifications.example import person, play, server


def test_form() -> None:
    """Section "Message Format"."""
    chat = server()
    chat.account("jilles")
    play(
        """
        C: ACCOUNT LOGIN nobody nothing
        S: FAIL ACCOUNT INVALID_CREDENTIALS LOGIN :Wrong name or password
        C: ACCOUNT SHOW
        S: FAIL ACCOUNT ACCOUNT_REQUIRED * :Log in first
        C: ACCOUNT LOGIN jilles sesame
        S: 900 nick nick!user@host jilles :You are now logged in as jilles
        C: ACCOUNT PASSWORD sesame another
        S: NOTE ACCOUNT DONE PASSWORD :The password is changed
        """,
        person(chat, "nick!user@host", "standard-replies"),
    )
