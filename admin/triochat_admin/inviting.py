"""The commands about invitations: invite, invites, uninvite. No IO."""

from triochat.managing import InviteRow
from triochat_admin import durations, render
from triochat_admin.caution import Done, carefully
from triochat_admin.grammar import Answer, Call, UsageError
from triochat_admin.text import number, visible

_USUAL_TIME = 24 * 3600
_MOST_USES = 10_000


def invite(call: Call) -> Done:
    """A code that lets people in."""
    room = call.words[0] if call.words else ""
    room = f"#{room}" if room and room[:1] != "#" else room
    uses, lasting = _uses(call), durations.seconds(call, default=_USUAL_TIME, example="1d")

    def go() -> Answer:
        row = call.operations.invites.create(room, uses, lasting, call.by)
        return Answer(_told(row), {"count": 1, "invite": row, "link": row.link}, 1, link=row.link)

    what = f"to {visible(room)}" if room else "to this server"
    return carefully(call, f"This would invite {number(uses, 'person', 'people')} {what}.", go)


def _told(row: InviteRow) -> str:
    what = visible(row.room) if row.room else "this server"
    until = f" until {row.until}" if row.until else ""
    into = f" --room '{visible(row.room)}'" if row.room else ""
    # Clients encrypt on the way to other machines unless they are told not to, whatever irc:// may mean elsewhere.
    plain = "--no-tls " if row.link.startswith("irc://") else ""
    there = f"{plain}{visible(row.place)}{into}"
    return (
        f"Invitation to {what} for {number(row.uses, 'person', 'people')}{until}: {row.code}\n"
        f"  link       {visible(row.link)}\n"
        f"  terminal   triochat connect {there} --password-stdin, and the code as the password\n"
        f"  IRC        {visible(row.place)}, with the code as the server's password\n"
        f"uninvite {row.code} takes it back."
    )


def _uses(call: Call) -> int:
    text = call.keys.get("uses", "1")
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not 0 < int(text) <= _MOST_USES:
        raise UsageError("uses= wants a number such as uses=5.")
    return int(text)


def invites(call: Call) -> Answer:
    """All that count."""
    rows = list(call.operations.invites.all())
    if not rows:
        return Answer("Nobody is invited.", rows)
    cells = (
        (row.code, row.room or "–", f"{row.used} of {row.uses}", row.until or "for ever", row.by) for row in rows
    )
    shown = render.table(("CODE", "ROOM", "USED", "UNTIL", "BY"), cells)
    return Answer(f"{shown}\n{number(len(rows), 'invitation')}.", rows)


def uninvite(call: Call) -> Done:
    """Take an invitation back."""
    code = call.words[0]

    def go() -> Answer:
        row = call.operations.invites.revoke(code, call.by)
        text = f"Took back {row.code}; it was used by {number(row.used, 'person', 'people')}, who stay."
        return Answer(text, {"count": 1, "invite": row}, 1)

    return carefully(call, f"This would take back {visible(code)}.", go)
