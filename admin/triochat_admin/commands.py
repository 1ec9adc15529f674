"""The table of the console's commands. To add one: write its handler beside those in look.py or act.py, and a row
here; help, prefixes, guesses, the one-shot form and JSON follow from the row. No IO."""

from collections.abc import Sequence

from triochat_admin import act, barring, inside, look, past, top, watch
from triochat_admin.grammar import Answer, Call, Command, Leave, find
from triochat_admin.text import pad


def explain(words: Sequence[str]) -> Answer:
    """What help says: all commands, or the one named first in *words*; raises UsageError. Needs no server."""
    if not words:
        shown = [{"name": c.name, "usage": c.usage, "summary": c.summary} for c in COMMANDS]
        return Answer(overview(), shown)
    command = find(COMMANDS, words[0])
    data = {"name": command.name, "usage": command.usage, "summary": command.summary, "help": command.help}
    return Answer(f"{command.usage}\n{command.summary}\n\n{command.help}", data)


def help_(call: Call) -> Answer:
    """All commands, or one in detail."""
    return explain(call.words)


def overview() -> str:
    """One line for each command."""
    widest = max(len(command.usage) for command in COMMANDS)
    lines = [f"  {pad(command.usage, widest)}  {command.summary}" for command in COMMANDS]
    return "\n".join([*lines, "The beginning of a name will do (l, mon); help VERB tells more."])


def quit_(call: Call) -> Leave:
    """Leave the console."""
    return Leave()


_TARGET = "TARGET is a name, account:NAME, an address, a network (10.0.0.0/8) or a mask (*!*@*.example.org)."
_WHO = "WHO is a name, a session id (7 or #7) or an address."

COMMANDS: tuple[Command, ...] = (
    Command(
        "help",
        "help [VERB]",
        "Show all commands, or one in detail.",
        "A line is a verb, then its words, then key=value, then --options. A word with spaces stands in quotes.\n"
        "--json behind any command answers in JSON. Ctrl-C drops the line, Ctrl-D leaves.",
        help_,
        words=(0, 1),
        aliases=("?",),
    ),
    Command(
        "list",
        "list [FILTER …] [room=…] [sort=…]",
        "Show who is connected.",
        "FILTER is looked for in names, rooms, addresses and clients; with * or ? it must fit as a whole.\n"
        "Keys: user= room= from= client= tls=yes|no parked=yes|no sort=id|name|idle|lag|queue|from limit=200\n"
        "QUEUE is what waits for a client that does not read; parked: it will catch up from the room's log.\n"
        "Example: list room=#dev sort=queue",
        look.list_,
        words=(0, 8),
        keys=look.LIST_KEYS,
    ),
    Command(
        "show",
        "show WHO",
        "Show everything about one user.",
        f"{_WHO}\nExample: show Bob",
        look.show,
        words=(1, 1),
    ),
    Command(
        "rooms",
        "rooms [ROOM]",
        "Show the rooms, or one with its members.",
        "Example: rooms #lobby",
        look.rooms,
        words=(0, 1),
        keys=("limit",),
    ),
    Command(
        "status",
        "status",
        "Show how the server is doing.",
        "Users, rooms, messages, how long commits take, memory, how busy the event loop is, disk, the last error.",
        inside.status,
    ),
    Command(
        "top",
        "top [sort=…] [every=…] [limit=…] [--once]",
        "Show the busiest sessions, again and again; Enter, q or Ctrl-C stops.",
        "sort=messages|bytes|queue|lag|idle every=2 limit=20\n"
        "LINES/S is what a session says; IN/S and OUT/S are its bytes as the system counts them; LAG is the answer\n"
        "to the last PING, otherwise the round trip that the system measured. --once measures for a second.\n"
        "Example: top sort=queue",
        top.top,
        keys=("sort", "every", "limit"),
        options=("--once",),
    ),
    Command(
        "doctor",
        "doctor",
        "Say in plain English what is wrong, or soon will be.",
        "The event loop, commits, the disk, readers that do not keep up, limits, the certificate, accounts, ports,\n"
        "backups, the log. The worst comes first.",
        inside.doctor,
    ),
    Command(
        "slow",
        "slow",
        "Show the last operations that took long.",
        "Kinds: commit (storing), fan-out (handing out), command (all waited), wait (its sender alone waited), turn\n"
        "(the event loop was held up). The last hundred are kept.",
        inside.slow,
    ),
    Command(
        "tasks",
        "tasks",
        "Show the tree of Trio tasks, and where each waits.",
        "Of many of a kind only ten are told one by one. It works while the event loop is blocked, too: then a new\n"
        "connection to the console is answered by a thread, and shows what blocks.",
        inside.tasks,
    ),
    Command(
        "where",
        "where TASK|WHO",
        "Show the stack of a task.",
        f"TASK is a number that tasks shows, such as t12. {_WHO}\nExample: where Bob",
        inside.where,
        words=(1, 1),
    ),
    Command(
        "stats",
        "stats",
        "Show all metrics, as Prometheus reads them.",
        "The same that /metrics answers, when [metrics] is enabled in the settings.",
        inside.stats,
    ),
    Command(
        "monitor",
        "monitor [user=…] [room=…] [KIND …] [--content]",
        "Watch what happens; Enter, q or Ctrl-C stops.",
        f"Kinds: {' '.join(watch.KINDS)}.\n"
        "Texts are hidden («27 chars») unless --content is given, which the server's log records. Private messages\n"
        f"are never shown. At most {watch.RATE} events a second are shown (rate=20 for fewer), the others counted.\n"
        "Example: monitor room=#lobby message join",
        watch.monitor,
        words=(0, len(watch.KINDS)),
        keys=("user", "room", "rate"),
        options=("--content",),
    ),
    Command(
        "kick",
        "kick WHO [--yes] [reason]",
        "Disconnect a user; the name is free at once.",
        f"{_WHO}\nMore than {act.ASK_ABOVE} sessions are listed first, and go after a yes (or with --yes).\n"
        "The reason is the rest of the line, as it is.\n"
        "Example: kick Bob being rude",
        act.kick,
        words=(1, 1),
        options=("--yes",),
        text="reason",
        changes=True,
    ),
    Command(
        "ban",
        "ban TARGET [for=2h] [--dry-run] [--yes] [reason]",
        "Keep somebody out of the server.",
        f"{_TARGET}\nThose who are hit are disconnected, and told the reason. for= is a time such as 30m, 2h or 7d;\n"
        f"without it a ban holds until unban. More than {barring.ASK_ABOVE} sessions, everybody, or a wide target\n"
        "want a yes (or --yes). --dry-run only shows who would be hit.\n"
        "Example: ban 10.0.0.5 for=1h frozen tabs",
        barring.ban,
        words=(1, 1),
        keys=("for",),
        options=("--dry-run", "--yes"),
        text="reason",
        changes=True,
    ),
    Command(
        "unban",
        "unban NUMBER|TARGET",
        "Lift a ban.",
        "The number is the one that bans shows.\nExample: unban 4",
        barring.unban,
        words=(1, 1),
        changes=True,
    ),
    Command(
        "mute",
        "mute TARGET [for=2h] [--dry-run] [--yes] [reason]",
        "Let somebody read, but not speak.",
        f"{_TARGET}\nNobody is disconnected. The rest is as with ban.\nExample: mute Bob for=10m calm down",
        barring.mute,
        words=(1, 1),
        keys=("for",),
        options=("--dry-run", "--yes"),
        text="reason",
        changes=True,
    ),
    Command(
        "unmute",
        "unmute NUMBER|TARGET",
        "Lift a mute.",
        "The number is the one that bans shows.\nExample: unmute 5",
        barring.unmute,
        words=(1, 1),
        changes=True,
    ),
    Command(
        "bans",
        "bans",
        "Show who is banned or muted.",
        "Bans and mutes outlive restarts; those whose time has passed vanish by themselves.",
        barring.bans,
    ),
    Command(
        "say",
        "say #ROOM|WHO TEXT",
        "Send a notice from the server to one room or user.",
        "Example: say #lobby the cake is in the kitchen",
        act.say,
        words=(1, 1),
        text="TEXT",
        changes=True,
    ),
    Command(
        "announce",
        "announce TEXT",
        "Send a notice from the server to everybody.",
        "Example: announce back in five minutes",
        act.announce,
        text="TEXT",
        changes=True,
    ),
    Command(
        "search",
        "search WORD … [room=…] [last=…] [--content]",
        "Find what was said in rooms.",
        "All words must be in a line; case and accents do not count, and fast finds faster, too.\n"
        f"Shown are the newest {past.LAST}, or last=N. Texts are hidden («27 chars») unless --content is given; the\n"
        "server's log records both. Private messages are never looked at.\n"
        "Example: search cake kitchen room=#lobby --content",
        past.search,
        words=(1, 16),
        keys=("room", "last"),
        options=("--content",),
    ),
    Command(
        "audit",
        "audit [last=…]",
        "Show what operators did.",
        "When, who, what, to whom, how many were hit. Kept in the database, as long as history.keep_days says.\n"
        "Example: audit last=50",
        past.audit,
        keys=("last",),
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
    ),
    Command(
        "reload",
        "reload",
        "Read the TLS certificate anew; nobody is disconnected.",
        "SIGHUP does the same. When it cannot be read, the old one stays in use.",
        past.reload,
    ),
    Command(
        "shutdown",
        "shutdown [reason]",
        "Stop the server kindly.",
        "Everybody is told the reason, what waits is sent and stored, then the server ends.\n"
        "Example: shutdown new version",
        act.shutdown,
        text="reason",
        changes=True,
    ),
    Command("quit", "quit", "Leave the console.", "exit and Ctrl-D do the same.", quit_, aliases=("exit",)),
)
