"""Wildcard masks: `*` any text, `?` one character (https://modern.ircdocs.horse/#wildcard-expressions)."""

import re
from functools import lru_cache

ACCOUNT, MUTE = "a:", "m:"
"""How extended masks begin (EXTBAN=,am)."""

_TOKEN = re.compile(r"\\[*?]|.", re.DOTALL)


def match(mask: str, text: str) -> bool:
    r"""True when *mask* matches the whole of *text*; both are folded. `\*` and `\?` mean the characters themselves.

    The stretches between two stars are searched one after the other, each in the first place where it fits: at worst
    len(mask) * len(text) steps in C. One regular expression for the whole could backtrack for ever.
    """
    first, *others = _stretches(mask)
    if not others:
        return first.pattern.fullmatch(text) is not None
    *middle, last = others
    if first.pattern.match(text) is None:
        return False
    at = first.size
    for stretch in middle:
        found = stretch.pattern.search(text, at)
        if found is None:
            return False
        at = found.end()
    start = len(text) - last.size
    return start >= at and last.pattern.match(text, start) is not None


class _Stretch:
    """What stands between two stars: a pattern without repetition, and its length."""

    __slots__ = ("pattern", "size")

    def __init__(self, tokens: list[str]) -> None:
        self.pattern = re.compile("".join("." if t == "?" else re.escape(t[-1]) for t in tokens), re.DOTALL)
        self.size = len(tokens)


@lru_cache(maxsize=4096)
def _stretches(mask: str) -> tuple[_Stretch, ...]:
    stretches: list[list[str]] = [[]]
    for token in _TOKEN.findall(mask):
        if token == "*":
            stretches.append([])
        else:
            stretches[-1].append(token)
    return tuple(map(_Stretch, stretches))


def normalise(mask: str) -> str:
    """A mask of a list as it is kept: an extended one (see `matches`), or
    `nick`, `nick!user`, `user@host` or `host` completed to `nick!user@host`."""
    if mask[:2] == MUTE:
        return MUTE + normalise(mask[2:])
    if mask[:2] == ACCOUNT:
        return mask
    nick, bang, rest = mask.partition("!")
    if bang:
        user, at, host = rest.partition("@")
        return f"{nick or '*'}!{user or '*'}@{(host if at else '*') or '*'}"
    user, at, host = mask.partition("@")
    if at:
        return f"*!{user or '*'}@{host or '*'}"
    if "." in mask or ":" in mask:
        return f"*!*@{mask}"
    return f"{mask or '*'}!*@*"


def matches(mask: str, source: str, account: str | None) -> bool:
    """True when a folded mask of a list matches somebody with this folded `nick!user@host` and account: a usual mask,
    or `a:account` (https://ircv3.net/specs/extensions/account-extban). `m:mask`, which only mutes, matches nobody
    here."""
    if mask[1:2] == ":":
        if mask[0] == "a":
            return account is not None and match(mask[2:], account)
        if mask[0] == "m":
            return False
    return match(mask, source)
