"""Examples as the specifications write them, played against the server.

    C: JOIN #channel                        the client says this
    S: :nick!user@host JOIN #channel        and sees this next
    C bob: PRIVMSG #channel :Hello          so does another one
    S: @msgid=<msgid> :bob!b@h PRIVMSG #channel :Hello
    ...                                     whatever comes before the next line that is told
    C: REDACT #channel <msgid>              what stood for <msgid> before

All that a client sees must be told, in this order, with exactly these tags. Without a source anybody may have said
it. What a reply says to people at its end is free.
"""

import re

from commands.checks import well_formed
from commands.harness import Chat, Identity, Person
from triochat.proto.message import Message, parse

SERVER = "irc.example.com"
_LINE = re.compile(r"(?P<side>[CS])(?: (?P<who>\w+))?: ?(?P<line>.*)")
_PLACEHOLDER = re.compile(r"<([a-z]+)>")
_DATA = re.compile("00[45]|221|30[123]|31[149]|32[249]|33[236]|34[168]|35[234]|36[47]|73[012]|76[01]|77[012]")
"""Replies whose last parameter is no text for people."""
_FREE = {"FAIL", "WARN", "NOTE", "ERROR", "REGISTER", "VERIFY"}


def server(**settings: object) -> Chat:
    """The server of the examples."""
    identity = Identity(SERVER, "Example", "An example", "triochat-1", "today")
    return Chat(**({"identity": identity} | settings))  # type: ignore[arg-type]


def person(chat: Chat, mask: str, caps: str = "", **more: str) -> Person:
    """Somebody who is here as nick!user@host."""
    nick, username, host = re.split("[!@]", mask)
    return chat.user(nick, caps, username=username, address=host, **more)


def play(transcript: str, client: Person, **others: Person) -> dict[str, str]:
    """Play *transcript*; returns what its <placeholders> stood for. What was seen before is no part of it."""
    people = {"": client, **others}
    seen: dict[str, list[Message]] = {name: [] for name in people}
    known: dict[str, str] = {}
    skipping = False
    for who in people.values():
        who.sees()
    for written in filter(None, map(str.strip, transcript.splitlines())):
        if written == "...":
            skipping = True
            continue
        found = _LINE.fullmatch(written)
        assert found is not None, written
        name, line = found["who"] or "", found["line"].replace("<SPACE>", " ")
        if found["side"] == "C":
            said = _PLACEHOLDER.sub(lambda placeholder: known[placeholder[1]], line)
            people[name].sends(said.encode(errors="surrogateescape"))
            for other, who in people.items():
                seen[other] += well_formed(who.sees_bytes())
            continue
        while skipping and seen[name] and not _matches(line, seen[name][0], dict(known)):
            del seen[name][0]
        assert seen[name], f"nothing came in place of {line}"
        assert _matches(line, seen[name][0], known), f"{seen[name][0]} came in place of {line}"
        del seen[name][0]
        skipping = False
    assert skipping or not any(seen.values()), f"there came also {seen}"
    return known


def _matches(told: str, seen: Message, known: dict[str, str]) -> bool:
    """True when *seen* is what was *told*; what placeholders stand for becomes *known*."""
    wanted = parse(told)
    is_free = wanted.command in _FREE or (wanted.command.isdigit() and not _DATA.fullmatch(wanted.command))
    params, got = list(wanted.params), list(seen.params)
    if is_free and params and got and params[-1] and got[-1]:
        params[-1] = got[-1] = ""
    return (
        wanted.command == seen.command
        and (not wanted.source or _same(wanted.source, seen.source, known))
        and wanted.tags.keys() == seen.tags.keys()
        and all(_same(value, seen.tags[tag], known) for tag, value in wanted.tags.items())
        and len(params) == len(got)
        and all(_same(param, word, known) for param, word in zip(params, got, strict=True))
    )


def _same(wanted: str, seen: str, known: dict[str, str]) -> bool:
    """*wanted* may hold placeholders: the first of a name stands for any word, or for anything when there is nothing
    else; the others for the same."""
    pattern, last = "", 0
    new = []
    for found in _PLACEHOLDER.finditer(wanted):
        name = found[1]
        pattern += re.escape(wanted[last : found.start()])
        if name in known:
            pattern += re.escape(known[name])
        elif name in new:
            pattern += f"(?P={name})"
        else:
            new.append(name)
            pattern += rf"(?P<{name}>{'.+' if found[0] == wanted else '[^ ]+'})"
        last = found.end()
    matched = re.fullmatch(pattern + re.escape(wanted[last:]), seen)
    if matched is not None:
        known.update(matched.groupdict())
    return matched is not None
