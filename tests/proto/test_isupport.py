"""The 005 tokens stay readable whatever the operator called the network."""

from triochat.domain import modes
from triochat.domain.limits import Limits
from triochat.proto import isupport


def tokens_of(network: str, limits: Limits) -> list[str]:
    """The tokens of a server with these settings."""
    return isupport.tokens(
        network, limits, casemapping="ascii", chanmodes=modes.CHANMODES, prefix=modes.PREFIX, history=100
    )


def test_network_name_with_spaces_is_one_token() -> None:
    tokens = tokens_of("My Net = \\o/", Limits())
    assert "NETWORK=My\\x20Net\\x20\\x3D\\x20\\x5Co/" in tokens


def test_tokens_tell_the_limits_in_force() -> None:
    tokens = tokens_of("net", Limits(nick_length=9, channel_length=50, topic_length=80, targets=3))
    assert {"NICKLEN=9", "CHANNELLEN=50", "TOPICLEN=80"} <= set(tokens)
    assert any("PRIVMSG:3" in token for token in tokens)


def test_tokens_tell_the_modes_that_there_are() -> None:
    tokens = tokens_of("net", Limits())
    assert f"CHANMODES={modes.CHANMODES}" in tokens
    assert f"PREFIX={modes.PREFIX}" in tokens


def test_no_line_has_more_than_thirteen_tokens_and_none_is_lost() -> None:
    tokens = tokens_of("net", Limits())
    lines = isupport.lines(tokens)
    assert all(len(line) <= 13 for line in lines)
    assert [token for line in lines for token in line] == tokens
