"""One stranger in two worlds that differ in a secret room."""

from commands.harness import Chat, Person
from triochat.commands.server import Operator

COMES_UPON_IT = frozenset({"JOIN", "RENAME", "QUIT"})
"""JOIN and RENAME may open a room of that name, or find the name taken: then it is no secret any more."""


def stranger(*, secret: bool) -> Person:
    """Alice, in a world where Bob and Carol sit in #lounge, or in no room at all."""
    chat = Chat(operators={"admin": Operator("admin", password="sesame")})
    alice = chat.user("Alice", "draft/chathistory multi-prefix")
    bob, carol = chat.user("Bob", username="bob"), chat.user("Carol")
    if secret:
        bob.types("JOIN #Lounge", "MODE #Lounge +s", "TOPIC #Lounge :Plans", "MODE #Lounge +b *!*@*")
        carol.user.invited |= set(bob.user.rooms)
        carol.types("JOIN #Lounge")
        bob.types("MODE #Lounge +l 2", "PRIVMSG #Lounge :hush")
    # Message ids are counted over the whole server: they tell how much happens, and nobody where.
    chat.journal.skip_to(30)
    alice.types("JOIN #open")
    return alice


def twins() -> tuple[Person, Person]:
    """The stranger where the room is, and where it is not."""
    return stranger(secret=True), stranger(secret=False)
