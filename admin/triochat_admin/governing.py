"""Rows of the table of commands (see commands.py): people's names and places, accounts, what was said, the whole
server. No IO."""

from triochat_admin import accounts, inviting, past, people, whole
from triochat_admin.grammar import CONTENT, Command

_LEVELS = "\n".join(f"{level}: {meaning}." for level, meaning in enumerate(whole.LEVELS) if level)

PEOPLE: tuple[Command, ...] = (
    Command(
        "rename",
        "rename WHO NEW",
        "Give somebody another name.",
        "The name must be free, as if they had asked for it themselves.\nExample: rename Bob Robert",
        people.rename,
        words=(2, 2),
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "move",
        "move WHO|#ROOM #ROOM [from=#ROOM]",
        "Put somebody, or a whole room, into another room.",
        "Whatever keeps others out of the room, such as a key, does not count here. from= takes them out of a room;\n"
        "move #old #new moves everybody who is in #old. People who are here by plain lines stay in #lobby.\n"
        "Example: move Bob #dev from=#lobby",
        people.move,
        words=(2, 2),
        keys=("from",),
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "close",
        "close #ROOM [reason]",
        "Put everybody out of a room, and end it.",
        "Nobody owns it afterwards, and anybody may open a new one of this name. What was said there is kept.\n"
        "A room with an owner, or with many people, wants a yes (or --yes).\n"
        "Example: close #spam enough of this",
        people.close,
        words=(1, 1),
        text="reason",
        changes=True,
        needs="moderator",
        group="Act",
    ),
)

CONTENTS: tuple[Command, ...] = (
    Command(
        "invite",
        "invite [#ROOM] [uses=5] [for=1d]",
        "Make a code that lets people in.",
        "It is given as the server's password, and counts where a password, a lockdown or the modes of the room\n"
        "would keep them out: for one person and one day, unless uses= and for= say otherwise. A terminal that is\n"
        "wide enough shows the link, with the code in it, as a QR code, too.\n"
        "Example: invite #dev uses=5 for=2d",
        inviting.invite,
        words=(0, 1),
        keys=("uses", "for"),
        changes=True,
        needs="moderator",
        group="Accounts and content",
    ),
    Command(
        "invites",
        "invites",
        "Show the invitations that count.",
        "With the codes, and how often each was used.",
        inviting.invites,
        needs="moderator",
        group="Accounts and content",
    ),
    Command(
        "uninvite",
        "uninvite CODE",
        "Take an invitation back.",
        "Who has come in by it stays.\nExample: uninvite abcd-efgh-jkmn-pqrs",
        inviting.uninvite,
        words=(1, 1),
        changes=True,
        needs="moderator",
        group="Accounts and content",
    ),
    Command(
        "account",
        "account [list|create|reset|suspend|resume|delete] [NAME] [reason]",
        "Show and manage registered names.",
        "account list shows all, or those with a word in the name; nopassword, suspended or here choose some.\n"
        "create and reset make a password and show it once; its owner changes it. suspend lets nobody log in, and\n"
        "sends away who is. delete takes the private history and the ownership of rooms as well, after a yes.\n"
        "Moderators may list, suspend and resume; the rest is for admins.\n"
        "Example: account suspend Mallory selling watches",
        accounts.account,
        words=(0, 2),
        text="reason",
        changes=True,
        needs="moderator",
        group="Accounts and content",
    ),
    Command(
        "history",
        f"history #ROOM [last=…] [{CONTENT}]",
        "Show the newest lines of a room.",
        f"Each with the msgid that redact takes. Texts are hidden («27 chars») unless {CONTENT} is given, which the\n"
        "audit records.\n"
        "Example: history #lobby last=50",
        past.history,
        words=(1, 1),
        keys=("last",),
        options=(CONTENT,),
        group="Accounts and content",
    ),
    Command(
        "redact",
        "redact MSGID [reason]",
        "Take back what somebody said in a room.",
        "It is gone from the history for good; clients that know redaction hide it. history shows msgids.\n"
        "Example: redact 0a1b2c3d4e-17 a telephone number",
        past.redact,
        words=(1, 1),
        text="reason",
        changes=True,
        needs="moderator",
        group="Accounts and content",
    ),
    Command(
        "export",
        "export #ROOM FILE",
        "Write the log of a room to a file.",
        "One JSON object a line. FILE is named in full, on the server's machine, and must not be there yet.\n"
        "Example: export #lobby /var/backups/lobby.jsonl",
        past.export,
        words=(2, 2),
        needs="admin",
        group="Accounts and content",
    ),
)

WHOLE: tuple[Command, ...] = (
    Command(
        "limits",
        "limits [WORD]",
        "Show the limits, and which can be set.",
        "Those with WORD in their names, or all; of a few it tells in full what they mean. What set has changed\n"
        "shows when it will be as usual again.\n"
        "Example: limits rate",
        whole.limits,
        words=(0, 1),
    ),
    Command(
        "set",
        "set LIMIT VALUE [for=10m]",
        "Set a limit while the server runs.",
        "limits shows which can be set so; for the others there are the settings and a restart. With for= the limit\n"
        "becomes again what it was; without it does so when the server stops or reads its settings.\n"
        "Example: set command_rate 5 for=10m",
        whole.set_,
        words=(2, 2),
        keys=("for",),
        changes=True,
        needs="admin",
    ),
    Command(
        "lockdown",
        "lockdown [1|2|3|off] [for=30m]",
        "Keep newcomers out for a while.",
        f"{_LEVELS}\nWho is here stays. It ends by itself, after half an hour unless for= says otherwise, or when\n"
        "the server stops. Without a level it shows what holds.\n"
        "Example: lockdown 2 for=1h",
        whole.lockdown,
        words=(0, 1),
        keys=("for",),
        changes=True,
        needs="moderator",
        group="Whole server",
    ),
    Command(
        "pause",
        "pause [off] [for=5s]",
        "Read nothing from clients for some seconds.",
        "What they send meanwhile waits, and is read afterwards. It ends by itself, after a minute at most.\n"
        "Example: pause for=10s",
        whole.pause,
        words=(0, 1),
        keys=("for",),
        changes=True,
        needs="admin",
        group="Whole server",
    ),
    Command(
        "drain",
        "drain [off]",
        "Take no new connections.",
        "Who is here stays until they leave; drain again tells how many are left. drain off ends it.\nExample: drain",
        whole.drain,
        words=(0, 1),
        changes=True,
        needs="admin",
        group="Whole server",
    ),
    Command(
        "reload",
        "reload [--check]",
        "Read settings, TLS certificate and message of the day anew.",
        "Nobody is disconnected. The answer tells what counts now and what must wait for a restart. When something\n"
        "is wrong, nothing is changed. --check only tells. SIGHUP does the same.\n"
        "Example: reload --check",
        whole.reload,
        options=("--check",),
        changes=True,
        needs="admin",
        group="Whole server",
    ),
    Command(
        "backup",
        "backup FILE",
        "Write a copy of the database while the server runs.",
        "FILE is named in full, on the server's machine, and must not be there yet; it is for its owner only.\n"
        "It holds everything that is kept, private messages and passwords' hashes too.\n"
        "Example: backup /var/backups/chat.db",
        past.backup,
        words=(1, 1),
        needs="admin",
        group="Whole server",
    ),
    Command(
        "shutdown",
        "shutdown [in=60s] [reason]",
        "Stop the server kindly, at once or after a time.",
        "Everybody is told the reason, what waits is sent and stored, then the server ends. With in= it is\n"
        "announced at once, and again when a half, ten minutes, a minute and ten seconds are left; cancel stops it.\n"
        "Example: shutdown in=60s new version",
        whole.shutdown,
        keys=("in", "reason"),
        text="reason",
        changes=True,
        needs="admin",
        group="Whole server",
    ),
    Command(
        "cancel",
        "cancel",
        "Do not shut down after all.",
        "Everybody who was told of it is told so.",
        whole.cancel,
        changes=True,
        needs="admin",
        group="Whole server",
    ),
)
