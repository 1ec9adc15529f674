"""Several devices of one person, and the names that they come for."""

import pytest

from commands.harness import SERVER, Chat, Person


@pytest.fixture
def chat() -> Chat:
    return Chat()


def device(chat: Chat, caps: str = "") -> Person:
    """One more connection of Ann."""
    return chat.user("Ann", caps, account="Ann")


@pytest.mark.parametrize("line", ["ACCOUNT LOGIN Bob sesame", "ACCOUNT LOGOUT", "NS IDENTIFY Bob sesame"])
def test_one_device_does_not_make_somebody_else_of_the_others(chat: Chat, line: str) -> None:
    chat.account("Bob")
    phone, laptop = device(chat), device(chat)
    (answer,) = phone.types(line)
    assert answer.startswith(f":{SERVER} NOTICE Ann :Other connections")
    assert (phone.user.account, laptop.user.account) == ("Ann", "Ann")
    assert laptop.sees() == []


def test_the_last_device_may_log_out(chat: Chat) -> None:
    phone, laptop = device(chat), device(chat)
    laptop.types("QUIT")
    assert any(" 901 " in line for line in phone.types("ACCOUNT LOGOUT"))
    assert phone.user.account is None


def test_a_room_that_one_device_enters_is_shown_to_the_others(chat: Chat) -> None:
    chat.user("Bob").types("JOIN #a", "TOPIC #a :tea at five")
    phone, laptop = device(chat), device(chat, "draft/read-marker")
    phone.types("JOIN #a")
    lines = laptop.sees()
    assert lines[0] == ":Ann!u@192.0.2.1 JOIN #a"
    assert [line.split(" ")[1] for line in lines[1:]] == ["332", "333", "MARKREAD", "353", "366"]


def test_away_of_one_device_is_told_to_the_others(chat: Chat) -> None:
    phone, laptop = device(chat), device(chat)
    phone.types("AWAY :lunch")
    assert laptop.sees() == [f":{SERVER} 306 Ann :You have been marked as being away"]
    phone.types("AWAY")
    assert laptop.sees() == [f":{SERVER} 305 Ann :You are no longer marked as being away"]


def test_who_comes_back_is_shown_the_private_messages_that_came_meanwhile(chat: Chat) -> None:
    bob = chat.user("Bob")
    phone = device(chat)
    phone.types("ACCOUNT PERSIST ON")
    bob.types("PRIVMSG Ann :seen at once")
    phone.types("QUIT")
    bob.types("PRIVMSG Ann :read this later")
    back = chat.connect()
    lines = back.types("CAP REQ server-time", "PASS Ann:sesame", "NICK Ann", "USER u 0 * :Ann", "CAP END")
    private = [line.partition(" PRIVMSG ")[2] for line in lines if " PRIVMSG " in line]
    assert private == ["Ann :read this later"]
    again = chat.connect()
    lines = again.types("CAP REQ server-time", "PASS Ann:sesame", "NICK Ann", "USER u 0 * :Ann", "CAP END")
    assert not any(" PRIVMSG " in line for line in lines)


def test_owner_of_a_name_gets_it_from_who_took_it_before(chat: Chat) -> None:
    squatter = chat.user("Ann")
    chat.account("Ann")
    owner = chat.connect()
    assert any(" 001 Ann " in line for line in owner.types("PASS Ann:sesame", "NICK Ann", "USER u 0 * :Ann"))
    notice, nick = squatter.sees()
    name = squatter.client.nick
    assert name.startswith("Guest")
    assert notice == (
        f":{SERVER} NOTICE Ann :The name Ann belongs to an account, and its owner has come: you are {name} now"
    )
    assert nick == f":Ann!u@192.0.2.1 NICK {name}"
    assert squatter.types("JOIN #a")[0] == f":{name}!u@192.0.2.1 JOIN #a"


def test_owner_takes_the_name_after_logging_in(chat: Chat) -> None:
    squatter = chat.user("Ann")
    chat.account("Ann")
    other = chat.user("Annie", account="Ann")
    assert other.types("NICK Ann") == [":Annie!u@192.0.2.1 NICK Ann"]
    assert squatter.client.nick.startswith("Guest")


def test_nobody_else_gets_a_name_by_force(chat: Chat) -> None:
    holder = chat.user("Ann")
    chat.account("Ann")
    chat.account("Bob")
    bob = chat.user("Bob", account="Bob")
    assert " 433 " in bob.types("NICK Ann")[0]
    assert holder.client.nick == "Ann"


def test_clients_that_negotiate_but_know_no_registration_are_told_in_a_notice_as_well(chat: Chat) -> None:
    person = chat.connect()
    person.types("CAP LS 302", "CAP END", "NICK Eve", "USER u 0 * :Eve")
    assert person.types("REGISTER * * sesame")[:2] == [
        f":{SERVER} REGISTER SUCCESS Eve :Account Eve is registered",
        f":{SERVER} NOTICE Eve :Account Eve is registered.",
    ]


def test_who_registers_with_nickserv_is_answered_in_a_notice(chat: Chat) -> None:
    person = chat.connect()
    person.types("CAP LS 302", "CAP END", "NICK Eve", "USER u 0 * :Eve")
    told = person.types("PRIVMSG NickServ :REGISTER sesame")
    assert told[0] == f":{SERVER} NOTICE Eve :Account Eve is registered."
    assert not any(" REGISTER " in line for line in told)


def test_typing_to_a_service_is_no_error(chat: Chat) -> None:
    assert chat.user("Ann", "message-tags").types("@+typing=active TAGMSG NickServ") == []


@pytest.mark.parametrize("mask", ["a:", "m:"])
def test_extended_mask_of_nobody_is_refused(chat: Chat, mask: str) -> None:
    ann = chat.user("Ann")
    ann.types("JOIN #a")
    assert " 696 " in ann.types(f"MODE #a +b {mask}")[0]


def test_who_becomes_somebody_else_gives_up_the_name_of_the_former_account(chat: Chat) -> None:
    chat.account("Bob")
    ann = chat.user("Ann", account="Ann")
    ann.types("JOIN #a", "MODE #a +q Ann")
    lines = ann.types("ACCOUNT LOGIN Bob sesame")
    assert ann.client.nick.startswith("Guest")
    assert any(line.endswith(" MODE #a -q Ann") for line in lines)
    assert chat.world.rooms["#a"].members[ann.user] == "o"


def test_one_name_of_an_account_stays_without_a_connection_no_more(chat: Chat) -> None:
    for nick in ("Ann", "Annie"):
        person = chat.user(nick, account="Ann")
        person.types("ACCOUNT PERSIST ON", "QUIT")
    assert list(chat.world.users) == ["ann"]


def test_operator_of_the_server_is_one_while_somebody_is_there(chat: Chat) -> None:
    ann = device(chat)
    chat.world.set_user_mode(ann.user, "o", True)
    user = ann.user
    ann.types("ACCOUNT PERSIST ON", "QUIT")
    assert "o" not in user.modes
    assert chat.world.modes["o"] == 0


def test_one_address_makes_so_many_accounts_and_then_waits(chat: Chat) -> None:
    most = chat.server.limits.registrations_per_hour
    answers = []
    for number in range(most + 1):
        person = chat.user(f"New{number}", "draft/account-registration")
        answers.append(person.types("REGISTER * * sesame")[0].split(" ")[1:4])
    assert answers[-2] == ["REGISTER", "SUCCESS", f"New{most - 1}"]
    assert answers[-1] == ["FAIL", "REGISTER", "TEMPORARILY_UNAVAILABLE"]
    chat.clock += 3600
    assert "SUCCESS" in chat.user("Later", "draft/account-registration").types("REGISTER * * sesame")[0]
    assert (
        "SUCCESS"
        in chat.user("Far", "draft/account-registration", address="198.51.100.9").types("REGISTER * * sesame")[0]
    )


def test_account_is_known_by_so_many_certificates(chat: Chat) -> None:
    ann = device(chat)
    for number in range(12):
        ann.session.certificate = f"{number:064x}"
        ann.types("ACCOUNT CERT ADD")
    account = chat.world.accounts.find("Ann")
    assert account is not None and len(account.certificates) == 10
    assert account.certificates[-1] == f"{11:064x}"
