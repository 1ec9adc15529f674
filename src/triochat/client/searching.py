"""Looking for lines on the server: SEARCH and its answers
(https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md). Pure."""

from collections import deque

from triochat.client.events import Found, Said

CAPABILITY = "soju.im/search"
_MOST_WAITING = 20
_MOST_LINES = 1000


class Searches:
    """Searches without an answer yet, in order, and the answers being read."""

    def __init__(self) -> None:
        self._asked: deque[str] = deque(maxlen=_MOST_WAITING)
        self._answers: dict[str, deque[Said]] = {}  # by batch reference

    def asked(self, words: str) -> None:
        """The server was asked for lines with *words*; it answers in order."""
        self._asked.append(words)

    def opened(self, reference: str) -> None:
        if len(self._answers) < _MOST_WAITING:
            self._answers[reference] = deque(maxlen=_MOST_LINES)

    def is_open(self, reference: str) -> bool:
        return reference in self._answers

    def add(self, reference: str, said: Said | None) -> None:
        if said is not None:
            self._answers[reference].append(said)

    def closed(self, reference: str) -> list[Found]:
        """The answer is complete, or it was no answer at all."""
        lines = self._answers.pop(reference, None)
        if lines is None or not self._asked:
            return []
        return [Found(self._asked.popleft(), tuple(lines))]

    def refused(self) -> None:
        """The server does not answer the oldest."""
        if self._asked:
            self._asked.popleft()
