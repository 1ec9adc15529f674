"""How typed text is shown: character for character, so that the cursor is where the terminal thinks it is. Pure."""

from triochat.proto.text import visible

_LEFT_OUT = frozenset("\u200d\ufe0e\ufe0f")  # terminals disagree about the width of what these join
_TAB = "    "


def readable(text: str, secret_from: int | None = None) -> tuple[str, list[int]]:
    """What to show for the line *text* of what is being typed, and where each of its characters begins in that.

    What stands at *secret_from* and behind it is not shown.
    """
    if secret_from is None:
        secret_from = len(text)
    if text.isprintable() and secret_from >= len(text) and _LEFT_OUT.isdisjoint(text):
        return text, list(range(len(text) + 1))
    shown, places = [], [0]
    for index, character in enumerate(text):
        if index >= secret_from and not character.isspace():
            part = "•"
        elif character in _LEFT_OUT:
            part = ""
        elif character == "\t":
            part = _TAB
        else:
            part = visible(character)
        shown.append(part)
        places.append(places[-1] + len(part))
    return "".join(shown), places
