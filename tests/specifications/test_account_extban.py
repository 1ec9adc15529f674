"""https://ircv3.net/specs/extensions/account-extban"""

from specifications.example import person, play, server


def test_example() -> None:
    """Section "Examples"; this server's masks need no prefix."""
    chat = server()
    alice = person(chat, "alice!alice@example.org", "account-tag")
    bob = person(chat, "bob_!~bob1@example.org", account="bob")
    tokens = " ".join(alice.types("VERSION"))
    assert " EXTBAN=,am " in tokens and " ACCOUNTEXTBAN=a " in tokens
    alice.types("JOIN #chat")
    bob.types("JOIN #chat")
    play(
        """
        C bob: PRIVMSG #chat :I am bad
        S: @account=bob :bob_!~bob1@example.org PRIVMSG #chat :I am bad
        C: MODE #chat +b a:bob
        S: :alice!alice@example.org MODE #chat +b a:bob
        S bob: :alice!alice@example.org MODE #chat +b a:bob
        C bob: PRIVMSG #chat :I am bad
        S bob: 404 bob_ #chat :Cannot send to channel
        """,
        alice,
        bob=bob,
    )
