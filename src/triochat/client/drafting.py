"""Every conversation has its own half-typed text. Pure."""

from triochat.client.conversation import Conversation
from triochat.client.model import Model


class Drafting:
    """Knows in which conversation somebody writes, whose one field for that serves all of them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._where: Conversation | None = None

    def typed(self, text: str) -> None:
        """The field reads *text*."""
        where = self._where
        if where is not None and self._model.conversation(where.name) is where:
            self._model.keep_draft(where, text)

    def moved(self, text: str) -> str | None:
        """What is to stand in the field, which reads *text*, when the person went elsewhere since the last call; None
        if not."""
        current = self._model.current
        if current is self._where:
            return None
        carried = text if self._where is None else ""  # typed before there was a conversation
        self.typed(text)
        self._where = current
        return None if current is None else carried or self._model.draft(current)
