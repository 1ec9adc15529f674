"""Emoji by their names, as `:tada:`. Loads its table when it is first asked. Pure."""

from functools import cache
from heapq import nsmallest

_MOST = 50
_FEWEST_LETTERS = 2


@cache
def _by_name() -> dict[str, str]:
    """Names without colons, the usual short ones and the long ones of Unicode."""
    import emoji

    names: dict[str, str] = {}
    for picture, data in emoji.EMOJI_DATA.items():
        if data["status"] == emoji.STATUS["fully_qualified"]:
            for name in (*data.get("alias", ()), data["en"]):
                names.setdefault(name.strip(":").casefold(), picture)
    return names


def completions(word: str) -> list[tuple[str, str]]:
    """(picture, name) for what *word* begins to name, the shortest names first; nothing unless it begins with a colon
    and two letters."""
    typed = word[1:].rstrip(":").casefold()
    if word[:1] != ":" or len(typed) < _FEWEST_LETTERS:
        return []
    fitting = ((len(name), name, picture) for name, picture in _by_name().items() if name.startswith(typed))
    return [(picture, f":{name}:") for _, name, picture in nsmallest(_MOST, fitting)]
