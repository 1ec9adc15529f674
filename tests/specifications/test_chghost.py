"""https://ircv3.net/specs/extensions/chghost"""

import pytest

from commands.harness import Chat
from specifications.example import person, play, server
from triochat.commands.server import Operator


@pytest.fixture
def chat() -> Chat:
    return server(operators={"admin": Operator("admin", "sesame")})


@pytest.mark.parametrize(
    ("before", "after"), [("~toolshed@backyard", "~b ckyard"), ("b@ckyard", "toolshed backyard")]
)
def test_who_knows_it_is_told(chat: Chat, before: str, after: str) -> None:
    """Section "Examples"."""
    tim, other = person(chat, f"tim!{before}", "chghost"), person(chat, "other!user@host", "chghost")
    for somebody in (tim, other):
        somebody.types("JOIN #ircv3")
    tim.types("OPER admin sesame")
    play(
        f"""
        C tim: CHGHOST tim {after}
        S: :tim!{before} CHGHOST {after}
        S tim: :tim!{before} CHGHOST {after}
        """,
        other,
        tim=tim,
    )


def test_others_see_somebody_leave_and_come(chat: Chat) -> None:
    """Section "Fallback when the chghost capability has not been negotiated"."""
    oper, other = person(chat, "ircop!user@host"), person(chat, "other!user@host")
    nick = person(chat, "nick!old_user@old_host.local")
    for somebody in (oper, nick, other):
        somebody.types("JOIN #ircv3")
    oper.types("MODE #ircv3 +v nick", "OPER admin sesame")
    play(
        """
        C oper: CHGHOST nick new_user new_host.local
        S: :nick!old_user@old_host.local QUIT :Changing host
        S: :nick!new_user@new_host.local JOIN #ircv3
        S: :irc.example.com MODE #ircv3 +v :nick
        S oper: :nick!old_user@old_host.local QUIT :Changing host
        S oper: :nick!new_user@new_host.local JOIN #ircv3
        S oper: :irc.example.com MODE #ircv3 +v :nick
        """,
        other,
        oper=oper,
        nick=nick,
    )
