"""https://ircv3.net/specs/extensions/account-notify and https://ircv3.net/specs/extensions/account-tag"""

from specifications.example import person, play, server

USER = "user!user@host"


def test_logging_in_and_out_is_told_to_oneself_and_to_others() -> None:
    """account-notify, section "Description"."""
    chat = server()
    chat.account("accountname")
    nick, other = person(chat, "nick!user@host", "account-notify"), person(chat, "other!user@host", "account-notify")
    for somebody in (nick, other):
        somebody.types("JOIN #channel")
    play(
        """
        C: ACCOUNT LOGIN accountname sesame
        S: 900 nick nick!user@host accountname :You are now logged in as accountname
        S: :nick!user@host ACCOUNT accountname
        S other: :nick!user@host ACCOUNT accountname
        C: ACCOUNT LOGOUT
        S: 901 nick nick!user@host :You are now logged out
        S: :nick!user@host ACCOUNT *
        S other: :nick!user@host ACCOUNT *
        """,
        nick,
        other=other,
    )


def test_the_tag_is_the_account_of_who_said_it_then() -> None:
    """account-tag, section "Description"."""
    chat = server()
    chat.account("hax0r")
    chat.account("bob")
    user, other = person(chat, USER), person(chat, "other!user@host", "account-notify account-tag")
    for somebody in (user, other):
        somebody.types("JOIN #atheme")
    play(
        f"""
        C user: PRIVMSG #atheme :Hello everyone.
        S: :{USER} PRIVMSG #atheme :Hello everyone.
        C user: ACCOUNT LOGIN hax0r sesame
        S user: 900 user {USER} hax0r :You are now logged in
        S: :{USER} ACCOUNT hax0r
        C user: PRIVMSG #atheme :Now I'm logged in.
        S: @account=hax0r :{USER} PRIVMSG #atheme :Now I'm logged in.
        C user: ACCOUNT LOGIN bob sesame
        S user: 900 user {USER} bob :You are now logged in
        S: @account=hax0r :{USER} ACCOUNT bob
        C user: PRIVMSG #atheme :I switched accounts.
        S: @account=bob :{USER} PRIVMSG #atheme :I switched accounts.
        """,
        other,
        user=user,
    )
