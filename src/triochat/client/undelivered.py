"""Lines of ours whose fate is not known, since the connection broke before the server confirmed them. Pure.

Where the history of their room comes, they are looked for in it; what is not there, or cannot be there, is sent again
where that does not say it twice, and else the person is told.
"""

from collections.abc import Callable
from dataclasses import replace

from triochat.client.delivery import MOST, Sent
from triochat.client.events import HistoryRead
from triochat.client.line import Line, error
from triochat.client.model import Model
from triochat.client.session import Session, clean


class Undelivered:
    """They, oldest first, and what became of others."""

    def __init__(self, model: Model, show: Callable[[Line], None]) -> None:
        self.lines: list[Sent] = []
        self.lost = 0
        """Lines that certainly or possibly did not arrive."""
        self.failures: dict[str, str] = {}
        """Why, by the id of their Sent; of the last ones."""
        self._model = model
        self._show = show

    def back(self, session: Session) -> int:
        """We are connected again: deal with those that no history will tell of; how many were sent again."""
        now = [sent for sent in self.lines if not self._comes_with_history(session, sent)]
        self.lines = [sent for sent in self.lines if self._comes_with_history(session, sent)]
        return self._settle(session, now)

    def compare(self, session: Session | None, history: HistoryRead) -> HistoryRead:
        """Lines of its room either stand in *history* or did not arrive. Returns it with those marked."""
        fold = self._model.fold
        lines = list(history.lines)
        ours = [index for index, said in enumerate(lines) if said.mine]
        missing, waiting = [], []
        arrived = 0
        for sent in self.lines:
            if fold(sent.target) != fold(history.room):
                waiting.append(sent)
            elif (index := next((index for index in ours if lines[index].text == sent.text), None)) is not None:
                ours.remove(index)
                lines[index] = replace(lines[index], sent=sent.id)
                arrived += 1
            else:
                missing.append(sent)
        self.lines = waiting
        return replace(history, lines=tuple(lines), sent=arrived + self._settle(session, missing))

    def give_up(self) -> None:
        """There will be no other connection: tell the person about all of them."""
        lines, self.lines = self.lines, []
        for sent in lines:
            self._report(sent)

    def refused(self, id: str, reason: str) -> None:
        """The server did not take this line."""
        self.lost += 1
        self._fail(id, reason)

    def _settle(self, session: Session | None, lines: list[Sent]) -> int:
        again = 0
        for sent in lines:
            if session is not None and session.say_again(sent):
                again += 1
            else:
                self._report(sent)
        return again

    def _report(self, sent: Sent) -> None:
        self.lost += 1
        self._model.failed(sent.id)
        sentence = f"Perhaps not delivered to {clean(sent.target)}: {sent.text}"
        self._fail(sent.id, sentence)
        for line in sentence.split("\n"):
            self._show(error(line))

    def _fail(self, id: str, reason: str) -> None:
        self.failures[id] = reason
        if len(self.failures) > MOST:
            del self.failures[next(iter(self.failures))]

    def _comes_with_history(self, session: Session, sent: Sent) -> bool:
        return session.caps.keeps_history and self._model.room(sent.target) is not None
