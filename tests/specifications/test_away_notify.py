"""https://ircv3.net/specs/extensions/away-notify and https://ircv3.net/specs/extensions/pre-away"""

from specifications.example import person, play, server


def test_coming_and_going() -> None:
    """away-notify, section "Description"."""
    chat = server()
    client, nick = person(chat, "client!user@host", "away-notify"), person(chat, "nick!user@host", "away-notify")
    late = person(chat, "late!user@host")
    for somebody in (client, nick):
        somebody.types("JOIN #channel")
    late.types("AWAY :message")
    play(
        """
        C nick: AWAY :message
        S nick: 306 nick :You have been marked as being away
        S: :nick!user@host AWAY :message
        C nick: AWAY :changed
        S nick: 306 nick :You have been marked as being away
        S: :nick!user@host AWAY :changed
        C nick: AWAY
        S nick: 305 nick :You are no longer marked as being away
        S: :nick!user@host AWAY
        C late: JOIN #channel
        S: :late!user@host JOIN #channel
        S: :late!user@host AWAY :message
        S nick: :late!user@host JOIN #channel
        S nick: :late!user@host AWAY :message
        S late: :late!user@host JOIN #channel
        ...
        """,
        client,
        nick=nick,
        late=late,
    )


def test_away_before_one_is_there() -> None:
    """pre-away, section "Implementation"."""
    chat = server()
    client, nick = person(chat, "client!user@host"), chat.connect("host")
    client.types("MONITOR + nick")
    for text, seen in ((":Gone to lunch.  Back in 5", "Gone to lunch.  Back in 5"), ("*", "*")):
        play(
            f"""
            C nick: CAP REQ draft/pre-away
            S nick: CAP * ACK draft/pre-away
            C nick: AWAY
            S nick: 305 * :You are no longer marked as being away
            C nick: AWAY {text}
            S nick: 306 * :You have been marked as being away
            C nick: NICK nick
            C nick: USER user 0 * :Real Name
            C nick: CAP END
            S: 730 client :nick!user@host
            C: PRIVMSG nick :Hello
            S: 301 client nick :{seen}
            ...
            C nick: QUIT
            S: 731 client :nick
            ...
            """,
            client,
            nick=nick,
        )
        nick = chat.connect("host")
