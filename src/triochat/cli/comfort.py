"""The prompt of `triochat admin` on a terminal: history, and completion that the server helps with."""

from collections.abc import Callable, Iterable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.shortcuts import CompleteStyle

Choices = Callable[[str], tuple[int, Sequence[str]]]
"""What a line could go on with: where the word begins, and what could stand there."""


class Prompt:
    """Asks a person for lines. What was typed is forgotten at the end, as it may hold secrets."""

    def __init__(self, choices: Choices) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            completer=_Completer(choices),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
        )

    def ask(self, prompt: str) -> str:
        """The next line. Raises KeyboardInterrupt and EOFError."""
        return self._session.prompt(prompt)


class _Completer(Completer):
    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """See prompt_toolkit."""
        before = document.text_before_cursor
        start, choices = self._choices(before)
        end = " " if len(choices) == 1 and not choices[0].endswith("=") else ""
        for choice in choices:
            yield Completion(choice + end, start_position=start - len(before))
