"""Wildcard masks: `*` any text, `?` one character (https://modern.ircdocs.horse/#wildcard-expressions)."""

from triochat.domain.names import fold

ESCAPED = "\\"


def match(mask: str, text: str) -> bool:
    r"""True when *mask* matches the whole of *text*, by casemapping. `\*` and `\?` mean the characters themselves.

    Worst case len(mask) * len(text) steps: no mask can stall the server, as a regular expression could.
    """
    pattern = _tokens(fold(mask))
    text = fold(text)
    i = j = 0
    star, resume = -1, 0
    while j < len(text):
        if i < len(pattern) and pattern[i] == "*":
            star, resume = i, j
            i += 1
        elif i < len(pattern) and pattern[i] in ("?", ESCAPED + text[j], text[j]):
            i += 1
            j += 1
        elif star >= 0:
            resume += 1
            i, j = star + 1, resume
        else:
            return False
    return all(token == "*" for token in pattern[i:])


def _tokens(mask: str) -> list[str]:
    """The characters of *mask*; a `*` or `?` behind a backslash is one token with it."""
    tokens: list[str] = []
    for character in mask:
        if tokens and tokens[-1] == ESCAPED and character in "*?":
            tokens[-1] = ESCAPED + character
        else:
            tokens.append(character)
    return tokens


def normalise(mask: str) -> str:
    """`nick`, `nick!user`, `user@host` or `host` completed to `nick!user@host`."""
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
