"""What Tab may complete a typed word to. Pure."""

from triochat.client.model import Model
from triochat.client.slash import command_names

_MOST = 200


def completions(model: Model, before: str) -> tuple[str, list[str]]:
    """The word at the end of *before* and what it may become, whatever its case: names, /commands, #rooms."""
    word = before.rpartition(" ")[2]
    first = word == before
    if word.startswith("/") and first:
        choices = [f"{name} " for name in command_names()]
    elif word.startswith(("#", "&")):
        choices = [f"{room.name} " for room in model.rooms.values()]
    elif word or not first:
        choices = [f"{name}: " if first else f"{name} " for name in model.people()]
    else:
        choices = []
    typed = word.casefold()
    return word, [choice for choice in choices if choice.casefold().startswith(typed)][:_MOST]
