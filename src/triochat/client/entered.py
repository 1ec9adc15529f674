"""What becomes of what a person enters. Pure."""

from enum import Enum, auto


class Entered(Enum):
    """What became of a typed text, or of an intent."""

    DONE = auto()
    WRONG = auto()
    """It makes no sense, now or later; the person was told."""
    HELD = auto()
    """It could not be done just now, and should stay where it was typed."""
