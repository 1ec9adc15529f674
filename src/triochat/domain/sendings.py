"""Lines that clients gave an id of their own, so that sending one again does not say it twice."""

from collections import OrderedDict

from triochat.domain.entry import Sent

_REMEMBERED = 20_000
"""The newest ids are known at once; older ones are looked up in the store."""


class Sendings:
    """What was accepted under which id, the newest of it."""

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Sent] = OrderedDict()

    def get(self, id: str) -> Sent | None:
        """What was accepted under *id*; it may be on its way to the store still."""
        return self._sent.get(id)

    def put(self, sent: Sent) -> None:
        """A line was accepted."""
        self._sent[sent.id] = sent
        if len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)

    def forget(self, id: str) -> None:
        """It could not be stored after all."""
        self._sent.pop(id, None)
