"""What a person wants, as plain values: made of typed lines by `slash` or by a view. `Chat.perform` does it. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    """*to* None = the current conversation. *text* may have several lines: they are one message where the server
    knows such messages and *together* is set, else one message each."""

    text: str
    to: str | None = None
    together: bool = True


@dataclass(frozen=True, slots=True)
class Act:
    text: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """An empty *text* opens the conversation only."""

    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Say *text* to whoever wrote privately last."""

    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """The own line *msgid* ("" = the last one in the current conversation) is to read *text*."""

    text: str
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Take the own line *msgid* back ("" = the last one)."""

    msgid: str = ""


@dataclass(frozen=True, slots=True)
class React:
    """Answer the line *msgid* ("" = the last one of somebody else) with a sign such as an emoji."""

    sign: str
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    about: str = ""


@dataclass(frozen=True, slots=True)
class ShowPeople:
    room: str | None


@dataclass(frozen=True, slots=True)
class ShowRooms:
    pass


@dataclass(frozen=True, slots=True)
class ShowStatus:
    pass


@dataclass(frozen=True, slots=True)
class Whois:
    name: str


@dataclass(frozen=True, slots=True)
class Join:
    room: str
    key: str


@dataclass(frozen=True, slots=True)
class Leave:
    """*room* may be a person, too: the conversation is closed then. None = the current one."""

    room: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Rename:
    name: str


@dataclass(frozen=True, slots=True)
class Register:
    """Make the name that we use an account of ours."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """*account* "" = the name that we wanted to have."""

    password: str = field(repr=False)
    account: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """An empty *text* means back."""

    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """*text* None asks for the topic."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Invite:
    """*room* None = the current one."""

    name: str
    room: str | None


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do not show what *name* says, or show it again; "" asks who is ignored."""

    name: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Let the current conversation call nobody, or again."""


@dataclass(frozen=True, slots=True)
class Search:
    words: str
    room: str
    sender: str


@dataclass(frozen=True, slots=True)
class History:
    """Read earlier lines of the current conversation."""


@dataclass(frozen=True, slots=True)
class Export:
    """Write the current conversation to the file *path*: JSON lines if it ends in .jsonl, else text."""

    path: str


@dataclass(frozen=True, slots=True)
class TellTyping:
    """Whether others see that we type; None = the other way than now."""

    on: bool | None


@dataclass(frozen=True, slots=True)
class Quit:
    reason: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The line makes no sense; *text* says why, in a sentence."""

    text: str


Intent = (
    Say
    | Act
    | Whisper
    | Reply
    | Edit
    | Delete
    | React
    | ShowHelp
    | ShowPeople
    | ShowRooms
    | ShowStatus
    | Whois
    | Join
    | Leave
    | Rename
    | Register
    | Login
    | Away
    | Topic
    | Invite
    | Ignore
    | Mute
    | Search
    | History
    | Export
    | TellTyping
    | Quit
    | Wrong
)
