"""https://ircv3.net/specs/extensions/setname

Not here: CANNOT_CHANGE_REALNAME, as this server has no such reasons.
"""

import pytest

from specifications.example import person, play, server
from triochat.domain.limits import Limits

BATMAN = "batman!~batman@bat.cave"


@pytest.mark.parametrize("realname", ["Bruce Wayne <bruce@wayne.enterprises>", "Batman"])
def test_new_real_name(realname: str) -> None:
    """Section "Examples", the first two."""
    chat = server()
    batman, robin = person(chat, BATMAN, "setname"), person(chat, "robin!~robin@bat.cave", "setname")
    old = person(chat, "old!user@host")
    for somebody in (batman, robin, old):
        somebody.types("JOIN #cave")
    play(
        f"""
        C: SETNAME :{realname}
        S: :{BATMAN} SETNAME :{realname}
        S robin: :{BATMAN} SETNAME :{realname}
        C old: SETNAME :{realname}
        S: :old!user@host SETNAME :{realname}
        S robin: :old!user@host SETNAME :{realname}
        """,
        batman,
        robin=robin,
        old=old,
    )


def test_invalid_real_name() -> None:
    """Section "Examples", the last."""
    batman = person(server(limits=Limits(realname_length=100)), BATMAN, "setname")
    assert " NAMELEN=100 " in " ".join(batman.types("VERSION"))
    play(
        """
        C: SETNAME :Heute back ich, morgen brau ich, übermorgen hol ich der Königin ihr Kind; ach, wie gut, dass \
niemand weiß, dass ich Rumpelstilzchen heiß!
        S: FAIL SETNAME INVALID_REALNAME :Realname is not valid
        """,
        batman,
    )
