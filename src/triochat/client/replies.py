"""Error replies of servers, in words for people. Pure."""

from triochat.proto.message import Message

_SENTENCES = {
    "401": "Nobody here is called {0}.",
    "403": "There is no room {0}.",
    "404": "{0} does not take messages from you: {text}",
    "405": "You are in too many rooms to join {0}.",
    "417": "The server found that line too long.",
    "421": "This server does not know the command {0}.",
    "431": "A name is missing.",
    "432": "{0} is not accepted as a name: {text}",
    "433": "{0} is here already; choose another name.",
    "437": "{0} is not available just now.",
    "442": "You are not in {0}.",
    "471": "{0} is full.",
    "473": "{0} is for invited people only.",
    "474": "You are banned from {0}.",
    "475": "{0} needs a key: /join {0} KEY",
    "477": "{0} admits registered names only.",
    "482": "Only operators of {0} may do that.",
}
LOGIN_FAILED = ("902", "904", "905", "906", "907")
NO_MOTD = "422"
CANNOT_JOIN = frozenset({"403", "405", "437", "471", "473", "474", "475", "476", "477", "479", "489"})
CANNOT_SEND = frozenset({"401", "403", "404", "407", "411", "412", "415", "477", "531"})


def is_error(command: str) -> bool:
    return len(command) == 3 and command[0] in "45" and command.isascii() and command.isdecimal()


def is_reserved(message: Message) -> bool:
    """True when a name was refused (433) because it belongs to an account, as far as the text tells."""
    return message.command == "433" and any("account" in text.lower() for text in message.params[-1:])


def sentence(message: Message) -> str:
    """One sentence for an error numeric; unknown ones as the server put them."""
    subjects = message.params[1:-1]
    text = message.params[-1] if len(message.params) > 1 else "The server refused that."
    if is_reserved(message) and subjects:
        name = subjects[0]
        return f"{name} belongs to an account; if it is yours: /login PASSWORD as {name}"
    template = _SENTENCES.get(message.command)
    if template and (subjects or "{0}" not in template):
        return template.format(*subjects[:1], text=text)
    return f"{' '.join(subjects)}: {text}" if subjects else text
