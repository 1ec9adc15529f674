"""https://modern.ircdocs.horse/#rplisupport-parameters and the tokens of the IRCv3 specifications

Not here: CLIENTTAGDENY (all tags of clients pass), draft/ICON (this server has none), draft/ACCOUNTREQUIRED (nobody
needs an account), MAXTARGETS (TARGMAX tells more), SILENCE and HOSTLEN.
"""

import re

import pytest

from specifications.example import person, server

_MODES = "[a-zA-Z]*"
FORMS = {
    "ACCOUNTEXTBAN": "[a-z]+",
    "AWAYLEN": r"\d+",
    "BOT": "[a-zA-Z]",
    "CASEMAPPING": "ascii",
    "CHANLIMIT": r"#:\d+",
    "CHANMODES": f"{_MODES},{_MODES},{_MODES},{_MODES}",
    "CHANNELLEN": r"\d+",
    "CHANTYPES": "#",
    "CHATHISTORY": r"\d+",
    "ELIST": "[CMNTU]+",
    "EXCEPTS": None,
    "EXTBAN": ",[a-z]+",
    "INVEX": None,
    "KICKLEN": r"\d+",
    "MAXLIST": r"b:(\d+),e:\1,I:\1",
    "MODES": r"\d+",
    "MONITOR": r"\d+",
    "MSGREFTYPES": "msgid,timestamp",
    "NAMELEN": r"\d+",
    "NETWORK": r"[^ =]+",
    "NICKLEN": r"\d+",
    "PREFIX": r"\(qohv\)~@%\+",
    "SAFELIST": None,
    "STATUSMSG": r"~@%\+",
    "TARGMAX": r"[A-Z]+:\d*(,[A-Z]+:\d*)*",
    "TOPICLEN": r"\d+",
    "USERLEN": r"\d+",
    "UTF8ONLY": None,
    "WHOX": None,
}
"""All tokens, and what their values look like."""


@pytest.fixture
def tokens() -> list[str]:
    nick = person(server(), "nick!user@host")
    lines = [line for line in nick.types("VERSION") if " 005 " in line]
    return [word for line in lines for word in line.partition(" nick ")[2].partition(" :")[0].split(" ")]


def test_every_token_has_the_form_that_it_should_have(tokens: list[str]) -> None:
    """Each section of https://modern.ircdocs.horse/#rplisupport-parameters."""
    assert [token.partition("=")[0] for token in tokens] == sorted(FORMS)
    for token in tokens:
        name, is_valued, value = token.partition("=")
        form = FORMS[name]
        assert bool(is_valued) == (form is not None)
        assert form is None or re.fullmatch(form, value), token


def test_modes_are_prefixes_or_channel_modes_and_not_both(tokens: list[str]) -> None:
    """Section "CHANMODES parameter"."""
    values = dict(token.split("=") for token in tokens if "=" in token)
    prefixes = values["PREFIX"][1:].partition(")")[0]
    channel_modes = values["CHANMODES"].replace(",", "")
    assert len(set(prefixes + channel_modes)) == len(prefixes + channel_modes)
