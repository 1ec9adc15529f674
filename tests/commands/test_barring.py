"""Bans and mutes of the whole server, as clients meet them."""

import pytest

from commands.harness import HOST, NOON, Chat, Person
from triochat.domain.bans import target_of


@pytest.fixture
def chat() -> Chat:
    return Chat()


def bar(chat: Chat, target: str, *, mute: bool = False, until: int = 0) -> None:
    """Ban or mute *target*."""
    server = chat.server
    meant = target_of(target, server.world.names, 32)
    server.bans.add(meant, mute=mute, reason="being rude", by="op", now=NOON, until=until)


def in_room(chat: Chat, nick: str) -> Person:
    """Somebody in #x, who has read everything."""
    person = chat.user(nick)
    person.types("JOIN #x")
    return person


@pytest.mark.parametrize("target", ["mallory", "MALLORY", HOST, "192.0.2.0/24", "mal*!*@*", f"*!m*@{HOST}"])
def test_who_is_banned_does_not_come_in_and_is_told_why(chat: Chat, target: str) -> None:
    bar(chat, target, until=NOON + 3600)
    mallory = chat.connect()
    told = mallory.types("NICK mallory", "USER mallory 0 * :M")
    why = "You are banned from this server until 2023-11-14 23:13 UTC: being rude"
    assert told == [f":irc.test 465 mallory :{why}", f"ERROR :Closing link: {HOST} ({why})"]
    assert "mallory" not in chat.server.world.users
    bob = chat.connect()
    bob.types("NICK bob", "USER bob 0 * :B")
    assert ("bob" in chat.server.world.users) == ("ma" in target.lower() or f"m*@{HOST}" in target)


def test_who_shows_a_banned_certificate_does_not_come_in(chat: Chat) -> None:
    bar(chat, f"certificate:{'4f2a' * 16}")
    mallory, bob = chat.connect(), chat.connect()
    mallory.session.certificate = "4f2a" * 16
    bob.session.certificate = "a4f2" * 16
    for person, nick in ((mallory, "mallory"), (bob, "bob")):
        person.types(f"NICK {nick}", f"USER {nick} 0 * :M")
    assert ("mallory" in chat.server.world.users, "bob" in chat.server.world.users) == (False, True)


def test_a_banned_name_cannot_be_taken_later(chat: Chat) -> None:
    bar(chat, "mallory")
    bob = in_room(chat, "bob")
    assert "432 bob mallory :This name is banned: being rude" in bob.types("NICK mallory")[-1]


def test_a_ban_that_is_over_keeps_nobody_out(chat: Chat) -> None:
    bar(chat, "mallory", until=NOON)
    mallory = chat.connect()
    mallory.types("NICK mallory", "USER mallory 0 * :M")
    assert "mallory" in chat.server.world.users


def test_who_is_muted_reads_but_does_not_speak(chat: Chat) -> None:
    mallory, bob = in_room(chat, "mallory"), in_room(chat, "bob")
    bar(chat, "mallory", mute=True)
    mallory.sees()
    bob.sees()
    told = "You are muted on this server: being rude"
    assert mallory.types("PRIVMSG #x :hi") == [f":irc.test 404 mallory #x :{told}"]
    assert mallory.types("PRIVMSG bob :hi") == [f":irc.test 531 mallory bob :{told}"]
    assert mallory.types("TOPIC #x :mine") == [f":irc.test 404 mallory #x :{told}"]
    assert mallory.types("INVITE bob #y")[0].split()[1] == "531"
    assert "331" in mallory.types("TOPIC #x")[0]
    assert bob.sees() == []
    bob.types("PRIVMSG #x :shh")
    assert "PRIVMSG #x :shh" in mallory.sees()[-1]


def test_who_is_muted_can_still_talk_to_services_and_leave(chat: Chat) -> None:
    mallory = in_room(chat, "mallory")
    bar(chat, "mallory", mute=True)
    assert all(" 531 " not in line for line in mallory.types("PRIVMSG NickServ :HELP"))
    assert "PART" in mallory.types("PART #x")[-1]


def test_a_mute_follows_the_address_and_ends_with_its_time(chat: Chat) -> None:
    bar(chat, HOST, mute=True, until=NOON)
    mallory = in_room(chat, "mallory")
    assert mallory.types("PRIVMSG #x :hi") == []
    bar(chat, HOST, mute=True, until=NOON + 1)
    assert "404" in mallory.types("PRIVMSG #x :hi")[0]


def test_who_logs_in_to_a_banned_account_has_to_go(chat: Chat) -> None:
    chat.account("mallory")
    bar(chat, "account:mallory")
    guest = chat.user("guest")
    told = guest.types("PRIVMSG NickServ :IDENTIFY mallory sesame")
    assert any(" 465 guest :You are banned" in line for line in told)
    assert guest.gone == "You are banned from this server: being rude"
    assert "guest" not in chat.world.users


def test_a_line_client_that_is_banned_reads_a_sentence(chat: Chat) -> None:
    bar(chat, "mallory")
    caller = chat.line_connect()
    told = caller.types("mallory")
    assert told[-1] == "Disconnected: You are banned from this server: being rude."
