"""What is answered to monitoring systems, apart from how. Pure."""

from typing import NamedTuple


class Answer(NamedTuple):
    """What is answered to a path."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"
