"""https://ircv3.net/specs/extensions/whox

The second example is not in the order of the fields that the specification asks for; here it is.
"""

from specifications.example import person, play, server
from triochat.commands.server import Operator


def test_fields_with_and_without_a_token() -> None:
    """Section "Examples"."""
    chat = server(operators={"admin": Operator("admin", "sesame")})
    user = person(chat, "cooluser!~cooluser@coolhost", account="coolaccount", realname="Cool User")
    oper, mynick = person(chat, "cooloper!oper@host", account="cooloper"), person(chat, "mynick!user@host")
    user.types("JOIN #ircv3")
    oper.types("JOIN #ircv3", "OPER admin sesame")
    assert " WHOX " in " ".join(mynick.types("VERSION")) + " "
    play(
        """
        C: WHO cooluser %cuhnar
        S: :irc.example.com 354 mynick #ircv3 ~cooluser coolhost cooluser coolaccount :Cool User
        S: :irc.example.com 315 mynick cooluser :End of WHO list
        C: WHO #ircv3 %afnt,42
        S: :irc.example.com 354 mynick 42 cooluser H@ coolaccount
        S: :irc.example.com 354 mynick 42 cooloper H* cooloper
        S: :irc.example.com 315 mynick #ircv3 :End of WHO list
        C: WHO mynick %tcuihsnfdlaor,1
        S: 354 mynick 1 * user host host irc.example.com mynick H 0 0 0 n/a :Real Name
        S: 315 mynick mynick :End of WHO list
        """,
        mynick,
    )
