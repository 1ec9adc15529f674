"""How long is waited for peers. Pure."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines, in seconds."""

    registration: Annotated[float, "From the connection to a complete registration."] = 30.0
    ping_interval: Annotated[float, "Silence after which the server asks for a sign of life."] = 90.0
    ping_timeout: Annotated[float, "How long it then waits for the answer."] = 60.0
    stall: Annotated[float, "How long a session may take no bytes before it is cut."] = 120.0
    farewell: Annotated[
        float, "How long a closing connection may take the last bytes; also the grace time of the server's shutdown."
    ] = 5.0
