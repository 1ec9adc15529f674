"""Where a person types: prompt_toolkit's buffer and window, with a prompt, several lines, completion and a memory."""

from bisect import bisect_right
from collections.abc import Callable, Iterable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout.containers import Window
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from triochat.client.slash import is_secret, secret_from
from triochat.terminal.cells import Row, width
from triochat.terminal.readable import readable

Complete = Callable[[str], tuple[str, list[tuple[str, str]]]]
"""The word at the end of a text, and what it may become, with what to show for that."""
MOST_LINES_UNASKED = 5
_MOST_REMEMBERED = 1000


class WritingLine:
    """A line, or several, being written."""

    def __init__(
        self,
        prompt: Callable[[], Row],
        complete: Complete | None = None,
        *,
        several_lines: bool = True,
        to: Callable[[], str] = lambda: "",
    ) -> None:
        """*prompt* says what stands before the first line, *to* whom one writes."""
        self.prompt = prompt
        self._remembered = InMemoryHistory()
        self.buffer = Buffer(
            multiline=several_lines,
            history=self._remembered,
            completer=_Completer(complete) if complete else None,
            complete_while_typing=False,
            accept_handler=lambda _: True,  # Enter is ours; whatever else accepts leaves the text where it is
        )
        control = BufferControl(self.buffer, input_processors=[Readable(to)], include_default_input_processors=False)
        self.window = Window(control, wrap_lines=True, get_line_prefix=self._prefix)

    def _prefix(self, line: int, wrapped: int) -> StyleAndTextTuples:
        row = self.prompt()
        if line == 0 and wrapped == 0:
            return list(row)
        return [("class:dim", " " * sum(width(text) for _, text in row))]

    def rows(self, columns: int, most: int) -> int:
        """How many rows it wants on a screen of *columns*."""
        return max(1, min(most, self.window.preferred_height(columns, most).preferred))

    # -- what is in it

    @property
    def text(self) -> str:
        return self.buffer.text

    @text.setter
    def text(self, text: str) -> None:
        self.buffer.set_document(Document(text))

    def take(self, to: str = "") -> None:
        """It was accepted, and went *to* them: remember and empty it."""
        text = self.buffer.text
        if text.strip() and not is_secret(text, to):
            self._remembered.append_string(text)
        self.clear()

    def clear(self) -> None:
        """Empty it, undoing and all, and tell who listens: a bare `reset` of the buffer tells nobody."""
        self.buffer.reset()
        self.buffer.on_text_changed.fire()

    def typed_before(self) -> list[str]:
        """What was accepted, the newest first, each text once."""
        texts = reversed(self._remembered.get_strings())
        return list(dict.fromkeys(texts))[:_MOST_REMEMBERED]

    def continue_on_a_new_line(self) -> bool:
        """Make a new line of a backslash that ends the text; False when none does."""
        buffer = self.buffer
        if not buffer.text.endswith("\\") or buffer.text.endswith("\\\\"):
            return False
        self.text = buffer.text[:-1] + "\n"
        return True


class Readable(Processor):
    """Shows what is typed as `readable` says."""

    def __init__(self, to: Callable[[], str]) -> None:
        self._to = to

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        text = "".join(part[1] for part in transformation_input.fragments)
        document = transformation_input.document
        hidden = secret_from(document.text, self._to())
        if hidden is not None:
            hidden = max(0, hidden - document.translate_row_col_to_index(transformation_input.lineno, 0))
        shown, places = readable(text, hidden)
        if shown == text:
            return Transformation(transformation_input.fragments)

        def to_display(at: int) -> int:
            return places[min(at, len(places) - 1)] + max(0, at - len(places) + 1)

        def to_source(at: int) -> int:
            return max(0, bisect_right(places, at) - 1) + max(0, at - places[-1])

        return Transformation([("", shown)], to_display, to_source)


class _Completer(Completer):
    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        word, choices = self._complete(document.text_before_cursor)
        for choice, shown in choices:
            yield Completion(choice, start_position=-len(word), display=shown)
