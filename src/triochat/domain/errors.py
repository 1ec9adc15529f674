"""How the domain refuses."""

from triochat.proto.numerics import Numeric


class Refused(Exception):
    """A rule forbids it. Carries the reply that explains why: a numeric, its parameters, and its text when the
    numeric's usual one says too little."""

    def __init__(self, numeric: Numeric, *params: str, text: str | None = None) -> None:
        super().__init__(numeric, *params)
        self.numeric = numeric
        self.params = params
        self.text = text
