"""Room modes as tables, and the parsing of MODE changes.

Kinds as in the CHANMODES token (https://modern.ircdocs.horse/#channel-mode): lists, a key that needs its parameter
both ways, settings that need it only when set, flags; besides the prefixes that members carry.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from triochat.proto.message import byte_length

LISTS = {"b": "ban", "e": "ban exception", "I": "invite exception"}
KEY = "k"
FORWARD, LIMIT = "f", "l"
SETTINGS = {FORWARD: "who may not join is led to this room instead", LIMIT: "the most members that the room may have"}
NO_CTCP, REGISTERED, MODERATED_FOR_GUESTS, AUDITORIUM, OPERATORS_HEAR = "C", "R", "M", "u", "U"
FLAGS = {
    NO_CTCP: "no CTCP messages but ACTION (/me)",
    MODERATED_FOR_GUESTS: "only who is logged in, or has voice or more, may speak",
    REGISTERED: "only who is logged in may join",
    OPERATORS_HEAR: "what members without voice say is seen by operators only",
    "i": "only who is invited may join",
    "m": "only members with voice or more may speak",
    "n": "only members may send messages to the room",
    "s": "the room is hidden from those outside",
    "t": "only half-operators and operators may change the topic",
    AUDITORIUM: "members without voice are seen by operators only",
}
PREFIXES = {"q": "~", "o": "@", "h": "%", "v": "+"}
"""Member modes by rank, highest first, with the prefix that NAMES shows."""

RANK = {mode: len(PREFIXES) - i for i, mode in enumerate(PREFIXES)}
PREFIX_RANKS = {prefix: RANK[mode] for mode, prefix in PREFIXES.items()}
"""The rank that each prefix stands for."""
FOUNDER, OPERATOR, HALF_OPERATOR, VOICE = RANK["q"], RANK["o"], RANK["h"], RANK["v"]

CHANMODES = f"{''.join(LISTS)},{KEY},{''.join(SETTINGS)},{''.join(FLAGS)}"
PREFIX = f"({''.join(PREFIXES)}){''.join(PREFIXES.values())}"
DEFAULT = "nt"

BOT, ONLY_REGISTERED, NO_PRIVATE_CTCP = "B", "R", "T"
INVISIBLE, SERVER_OPERATOR, SERVER_NOTICES, WALLOPS = "i", "o", "s", "w"
USER_MODES = {
    BOT: "a program, not a person (https://ircv3.net/specs/extensions/bot-mode)",
    ONLY_REGISTERED: "private messages only from who is logged in, was accepted (ACCEPT), or was written to",
    NO_PRIVATE_CTCP: "no private CTCP messages but ACTION (/me)",
    INVISIBLE: "seen only by those in the same room",
    SERVER_OPERATOR: "an operator of the server; given by OPER",
    SERVER_NOTICES: "sees what happens that concerns operators; for operators only",
    WALLOPS: "sees what operators tell with WALLOPS",
}


class Change(NamedTuple):
    """One change, such as +o Bob: *add* or remove, the mode's letter, its parameter if it has one."""

    add: bool
    mode: str
    parameter: str | None = None


class Parsed(NamedTuple):
    """What a MODE command asks for. *queries* are list modes without parameter, *missing* modes that lack one."""

    changes: list[Change]
    queries: list[str]
    unknown: list[str]
    missing: list[Change]


def parse(params: Sequence[str]) -> Parsed:
    """Read `+ov-b nick nick mask`; parameters are taken in order by the modes that need one."""
    result = Parsed([], [], [], [])
    arguments = iter(params[1:])
    add = True
    for letter in params[0] if params else "":
        if letter in "+-":
            add = letter == "+"
        elif letter in LISTS:
            mask = next(arguments, None)
            if mask is not None:
                result.changes.append(Change(add, letter, mask))
            elif letter not in result.queries:
                result.queries.append(letter)
        elif letter in PREFIXES or letter == KEY or (letter in SETTINGS and add):
            parameter = next(arguments, None)
            if parameter is None and letter == KEY and not add:
                parameter = "*"
            if parameter is None:
                result.missing.append(Change(add, letter))
            else:
                result.changes.append(Change(add, letter, parameter))
        elif letter in FLAGS or letter in SETTINGS:
            result.changes.append(Change(add, letter))
        elif letter not in result.unknown:
            result.unknown.append(letter)
    return result


def format_changes(changes: Sequence[Change]) -> list[str]:
    """Changes as MODE parameters: one word of signs and letters, then the parameters."""
    letters = ""
    sign = None
    for change in changes:
        if change.add != sign:
            sign = change.add
            letters += "+" if sign else "-"
        letters += change.mode
    return [letters, *(c.parameter for c in changes if c.parameter is not None)]


def portions(changes: Sequence[Change], width: int) -> Iterator[list[str]]:
    """The same, split so that each portion takes at most *width* bytes of a line."""
    part: list[Change] = []
    for change in changes:
        if part and byte_length(" ".join(format_changes([*part, change]))) > width:
            yield format_changes(part)
            part = []
        part.append(change)
    if part:
        yield format_changes(part)


def prefix_of(member_modes: str, *, every: bool = False) -> str:
    """The prefix characters of a member: the highest, or *every* one."""
    prefixes = [PREFIXES[mode] for mode in PREFIXES if mode in member_modes]
    return "".join(prefixes if every else prefixes[:1])


def rank_of(member_modes: str) -> int:
    """0 for none."""
    return max((RANK[mode] for mode in member_modes), default=0)
