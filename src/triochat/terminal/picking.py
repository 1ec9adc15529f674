"""Choosing one of many by typing a part of it: rooms and people, or lines that were typed before. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """*text* is what is typed to find it, *then* called when it is chosen, *hint* shown behind it."""

    text: str
    then: Callable[[], None]
    hint: str = ""


def closeness(typed: str, text: str) -> int | None:
    """How well *typed* fits *text*: None if its letters do not come in it in this order, else the lower the better.

    Letters that stand together, and at the beginning of words, fit better. Both are compared without case.
    """
    typed, text = typed.casefold(), text.casefold()
    if not typed:
        return 0
    if (at := text.find(typed)) >= 0:
        return at + (0 if at == 0 or not text[at - 1].isalnum() else 20) + len(text) // 8
    score, at = 100, -1
    for letter in typed:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        if found != at + 1:
            score += min(found - at, 10) - (3 if found and not text[found - 1].isalnum() else 0)
        at = found
    return score + len(text) // 8


@dataclass(slots=True)
class Picker:
    """A list that gets shorter while a part of the wanted entry is typed. The first of what fits best is chosen."""

    prompt: str
    choices: Sequence[Choice]
    empty: str = "Nothing fits."
    chosen: int = 0
    shown: list[Choice] = field(init=False)

    def __post_init__(self) -> None:
        self.shown = list(self.choices[:_MOST])

    def type(self, typed: str) -> None:
        """Show what fits *typed*, the best first; equals keep their order."""
        scored = [(closeness(typed, choice.text), choice) for choice in self.choices]
        fitting = sorted(((score, choice) for score, choice in scored if score is not None), key=lambda pair: pair[0])
        self.shown = [choice for _, choice in fitting[:_MOST]]
        self.chosen = 0

    def move(self, by: int) -> None:
        """Choose another; stops at both ends."""
        self.chosen = max(0, min(len(self.shown) - 1, self.chosen + by))

    def accept(self) -> bool:
        """Do what is to be done with the chosen one; False when there is none."""
        if not self.shown:
            return False
        self.shown[self.chosen].then()
        return True
