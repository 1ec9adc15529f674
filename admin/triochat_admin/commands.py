"""The table of the console's commands. To add one: write its handler beside those in look.py or act.py, and a row
here; help, prefixes, guesses, the one-shot form and JSON follow from the row. No IO."""

from collections.abc import Sequence
from functools import cache

from triochat.managing import includes
from triochat_admin import act, barring, inside, look, past, render, top, watch
from triochat_admin.caution import ASK_ABOVE
from triochat_admin.governing import CONTENTS, PEOPLE, WHOLE
from triochat_admin.grammar import CONTENT, Answer, Call, Command, Form, Leave, UsageError, find
from triochat_admin.text import pad

GROUPS = ("Look", "Act", "Watch", "Inside", "Accounts and content", "Whole server", "Self")
"""The headings of help, in order."""


def explain(words: Sequence[str], role: str = "admin") -> Answer:
    """What help says to an operator with *role*: all commands, or the one named first in *words*; raises UsageError.
    Needs no server."""
    if not words:
        commands = [command for command in COMMANDS if includes(role, command.needs)]
        return Answer(overview(role), [_told(command) for command in commands])
    command = find(COMMANDS, words[0])
    lines = [command.usage, command.summary, "", command.help]
    if command.changes and "--dry-run" not in command.help:
        lines.append("--dry-run only tells what would be done.")
    if command.needs != "viewer":
        lines.append(f"Needs the role {command.needs}.")
    return Answer("\n".join(lines), {**_told(command), "help": command.help})


def _told(command: Command) -> dict[str, str]:
    return {
        "name": command.name,
        "usage": command.usage,
        "summary": command.summary,
        "needs": command.needs,
        "group": command.group,
    }


def help_(call: Call) -> Answer:
    """All commands, or one in detail."""
    return explain(call.words, call.role)


@cache
def overview(role: str = "admin") -> str:
    """One line for each command that *role* may use, under headings."""
    shown = [command for command in COMMANDS if includes(role, command.needs)]
    widest = max(len(command.usage) for command in shown if len(command.usage) <= _WIDE)
    lines = []
    for group in GROUPS:
        rows = [command for command in shown if command.group == group]
        lines += [group] if rows else []
        for command in rows:
            gap = f"\n  {' ' * widest}" if len(command.usage) > widest else ""
            lines.append(f"  {pad(command.usage, widest if not gap else 0)}{gap}  {command.summary}")
    return "\n".join([*lines, "The beginning of a name will do (l, mon); help VERB tells more."])


def form(call: Call) -> Form:
    """JSON for every answer, or text."""
    word = call.words[0].lower()
    if word not in ("on", "off"):
        raise UsageError("json is on or off.")
    return Form(word == "on")


def quit_(call: Call) -> Leave:
    """Leave the console."""
    return Leave()


_WIDE = 50
"""Longer forms of commands stand on a line of their own in the overview."""
_TARGET = (
    "TARGET is a name, account:NAME, certificate:SHA256, an address, a network (10.0.0.0/8)\n"
    "or a mask (*!*@*.example.org)."
)
_WHO = "WHO is a name, a session id (7 or #7), an address, a network or a mask."
_FILTERS = "user= room= from= client= account= door= tls=yes|no parked=yes|no"

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
        group="Look",
    ),
    Command(
        "list",
        "list [FILTER …] [room=…] [sort=…] [cols=…]",
        "Show who is connected.",
        "FILTER is looked for in names, rooms, addresses and clients; with * or ? it must fit as a whole.\n"
        f"Keys: {_FILTERS}\n"
        "sort=id|name|idle|lag|queue|from|since|account limit=200\n"
        f"cols={','.join(render.COLUMNS)}\n"
        "QUEUE is what waits for a client that does not read; parked: it will catch up from the room's log; stuck:\n"
        "it takes nothing at all.\n"
        "Example: list room=#dev sort=queue cols=id,name,account,queue",
        look.list_,
        words=(0, 8),
        keys=look.LIST_KEYS,
        aliases=("l",),
        group="Look",
    ),
    Command(
        "show",
        "show WHO",
        "Show everything about one user.",
        f"{_WHO}\nExample: show Bob",
        look.show,
        words=(1, 1),
        group="Look",
    ),
    Command(
        "room",
        "room #ROOM",
        "Show everything about one room.",
        "Its modes, topic, owners, lists and members.\nExample: room #lobby",
        look.room,
        words=(1, 1),
        group="Look",
    ),
    Command(
        "rooms",
        "rooms [ROOM]",
        "Show the rooms, or those with a name like this.",
        "Example: rooms dev",
        look.rooms,
        words=(0, 1),
        keys=("limit",),
        group="Look",
    ),
    Command(
        "status",
        "status",
        "Show how the server is doing.",
        "Users, rooms, messages, how long commits take, memory, how busy the event loop is, disk, the last error.",
        inside.status,
        group="Look",
    ),
    Command(
        "nodes",
        "nodes",
        "Show the servers that are this chat: one.",
        "A triochat server stands alone, and links no others: its version, how long it runs, and where it listens.",
        inside.nodes,
        group="Look",
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
        f"Kinds: {' '.join(watch.KINDS[:10])}\n{' '.join(watch.KINDS[10:])};\n"
        f"or several at once: {' '.join(watch.GROUPS)}.\n"
        "Texts are hidden («27 chars») unless --content is given, which the server's log records. Private messages\n"
        f"are never shown. At most {watch.RATE} events a second are shown (rate=20 for fewer), the others counted.\n"
        "Example: monitor room=#lobby message join",
        watch.monitor,
        words=(0, len(watch.KINDS)),
        keys=("user", "room", "rate"),
        options=(CONTENT,),
        group="Watch",
    ),
    Command(
        "log",
        "log [LEVEL] [grep=…]",
        "Watch the server's own log; Enter, q or Ctrl-C stops.",
        f"From LEVEL on: {' '.join(watch.LEVELS)}; also levels that are not written to the log file.\n"
        "Example: log warning grep=tls",
        watch.log,
        words=(0, 1),
        keys=("grep", "rate"),
        needs="admin",
        group="Watch",
    ),
    Command(
        "kick",
        "kick WHO|FILTER [--dry-run] [--yes] [reason]",
        "Disconnect users; their names are free at once.",
        f"{_WHO}\nFILTER is one or more of: {_FILTERS}\n"
        "Also who is stopped or gone; the answer tells in how many ms the connection was closed.\n"
        f"More than {ASK_ABOVE} sessions are listed first, and go after a yes or with --yes. --dry-run only lists.\n"
        "The reason is the rest of the line, as it is.\n"
        "Example: kick room=#spam client=bot* being rude",
        act.kick,
        words=(1, 1),
        keys=look.FILTER_KEYS,
        filters=True,
        text="reason",
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "ban",
        "ban TARGET [for=2h] [--dry-run] [--yes] [reason]",
        "Keep somebody out of the server.",
        f"{_TARGET}\nThose who are hit are disconnected, and told the reason. for= is a time such as 30m, 2h or 7d;\n"
        f"without it a ban holds until unban. More than {ASK_ABOVE} sessions, everybody, or a wide target\n"
        "want a yes (or --yes). --dry-run only shows who would be hit.\n"
        "Example: ban 10.0.0.5 for=1h frozen tabs",
        barring.ban,
        words=(1, 1),
        keys=("for",),
        text="reason",
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "unban",
        "unban NUMBER|TARGET",
        "Lift a ban.",
        "The number is the one that bans shows.\nExample: unban 4",
        barring.unban,
        words=(1, 1),
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "mute",
        "mute TARGET [for=2h] [--dry-run] [--yes] [reason]",
        "Let somebody read, but not speak.",
        f"{_TARGET}\nNobody is disconnected. The rest is as with ban.\nExample: mute Bob for=10m calm down",
        barring.mute,
        words=(1, 1),
        keys=("for",),
        text="reason",
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "unmute",
        "unmute NUMBER|TARGET",
        "Lift a mute.",
        "The number is the one that bans shows.\nExample: unmute 5",
        barring.unmute,
        words=(1, 1),
        changes=True,
        needs="moderator",
        group="Act",
    ),
    Command(
        "bans",
        "bans",
        "Show who is banned or muted.",
        "Bans and mutes outlive restarts; those whose time has passed vanish by themselves.",
        barring.bans,
        group="Act",
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
        needs="moderator",
        group="Act",
    ),
    Command(
        "announce",
        "announce TEXT",
        "Send a notice from the server to everybody.",
        "Example: announce back in five minutes",
        act.announce,
        text="TEXT",
        changes=True,
        needs="admin",
        group="Act",
    ),
    *PEOPLE,
    Command(
        "search",
        "search WORD … [#ROOM] [last=…] [--content]",
        "Find what was said in rooms.",
        "All words must be in a line, said in #ROOM (or room=), or anywhere; case and accents do not count, and\n"
        "fast finds faster, too.\n"
        f"Shown are the newest {past.LAST}, or last=N. Texts are hidden («27 chars») unless --content is given; the\n"
        "server's log records both. Private messages are never looked at.\n"
        "Example: search cake kitchen room=#lobby --content",
        past.search,
        words=(1, 16),
        keys=("room", "last"),
        options=(CONTENT,),
        group="Accounts and content",
    ),
    *CONTENTS,
    Command(
        "audit",
        "audit [last=…]",
        "Show what operators did.",
        "When, who, what, to whom, how many were hit. Kept in the database, as long as history.keep_days says.\n"
        "Example: audit last=50",
        past.audit,
        keys=("last",),
        group="Self",
    ),
    *WHOLE,
    Command(
        "json",
        "json on|off",
        "Answer in JSON from now on, or in text again.",
        "One line for each answer, as --json does for one.\nExample: json on",
        form,
        words=(1, 1),
        group="Self",
    ),
    Command(
        "quit",
        "quit",
        "Leave the console.",
        "exit and Ctrl-D do the same.",
        quit_,
        aliases=("exit",),
        group="Self",
    ),
)
