"""How typed text is shown: character for character, so that the cursor is where the terminal thinks it is. Pure."""

from triochat.proto.text import visible

_LEFT_OUT = frozenset("\u200d\ufe0e\ufe0f")  # terminals disagree about the width of what these join
_SECRET_AFTER = ("/login ", "/register ")
_TAB = "    "


def readable(text: str, *, first_line: bool = True) -> tuple[str, list[int]]:
    """What to show for the line *text* of what is being typed, and where each of its characters begins in that.

    Passwords behind commands that take one are not shown.
    """
    secret_from = len(text)
    if first_line:
        for command in _SECRET_AFTER:
            if text.lower().startswith(command):
                secret_from = len(command)
    if text.isprintable() and secret_from == len(text) and _LEFT_OUT.isdisjoint(text):
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


def is_secret(text: str) -> bool:
    """It must not be kept to be found again."""
    return text.lstrip().lower().startswith(tuple(command.strip() for command in _SECRET_AFTER))
