"""The ISUPPORT tokens that tell clients what this server can do (https://modern.ircdocs.horse/#rplisupport-005)."""

from typing import Protocol

TOKENS_A_LINE = 13
MODES_LIMIT = 20
NAMES_TARGETS = 8
_ESCAPES = str.maketrans({" ": "\\x20", "=": "\\x3D", "\\": "\\x5C"})


class _Limits(Protocol):
    @property
    def nick_length(self) -> int: ...
    @property
    def user_length(self) -> int: ...
    @property
    def channel_length(self) -> int: ...
    @property
    def topic_length(self) -> int: ...
    @property
    def away_length(self) -> int: ...
    @property
    def kick_length(self) -> int: ...
    @property
    def list_modes(self) -> int: ...
    @property
    def rooms_per_user(self) -> int: ...
    @property
    def monitor(self) -> int: ...
    @property
    def realname_length(self) -> int: ...
    @property
    def targets(self) -> int: ...


def tokens(
    network: str, limits: _Limits, *, casemapping: str, chanmodes: str, prefix: str, history: int | None
) -> list[str]:
    """All tokens, sorted. *history* is how many messages one request for them returns; None = there is no history."""
    lists = chanmodes.partition(",")[0]
    return sorted(
        [
            f"AWAYLEN={limits.away_length}",
            "ACCOUNTEXTBAN=a",
            "BOT=B",
            f"CASEMAPPING={casemapping}",
            f"CHANLIMIT=#:{limits.rooms_per_user}",
            f"CHANMODES={chanmodes}",
            f"CHANNELLEN={limits.channel_length}",
            "CHANTYPES=#",
            "ELIST=CMNTU",
            "EXCEPTS",
            "EXTBAN=,am",
            "INVEX",
            f"KICKLEN={limits.kick_length}",
            f"MAXLIST={','.join(f'{mode}:{limits.list_modes}' for mode in lists)}",
            f"MODES={MODES_LIMIT}",
            f"MONITOR={limits.monitor}",
            f"NAMELEN={limits.realname_length}",
            f"NETWORK={network.translate(_ESCAPES)}",
            f"NICKLEN={limits.nick_length}",
            f"PREFIX={prefix}",
            "SAFELIST",
            f"STATUSMSG={prefix.partition(')')[2]}",
            f"TARGMAX=JOIN:,KICK:,NAMES:{NAMES_TARGETS},NOTICE:{limits.targets},PART:,PRIVMSG:{limits.targets},WHOIS:1",
            f"TOPICLEN={limits.topic_length}",
            f"USERLEN={limits.user_length}",
            "UTF8ONLY",
            "WHOX",
            *([f"CHATHISTORY={history}", "MSGREFTYPES=msgid,timestamp"] if history is not None else []),
        ]
    )


def lines(all_tokens: list[str]) -> list[list[str]]:
    """The tokens in portions that fit a 005 line."""
    return [all_tokens[i : i + TOKENS_A_LINE] for i in range(0, len(all_tokens), TOKENS_A_LINE)]
