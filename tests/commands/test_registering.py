"""REGISTER and VERIFY (https://ircv3.net/specs/extensions/account-registration), ACCOUNT, and reserved names."""

from collections.abc import Coroutine, Generator, Sequence

import pytest

from commands.checks import well_formed
from commands.harness import Chat, Person, at_once, numerics
from triochat.commands.registrar import AccountProblem
from triochat.domain.accounts import read
from triochat.domain.entry import Change
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy

CAPS = "draft/account-registration standard-replies"
WELCOME = ":irc.test REGISTER SUCCESS {0} :Account {0} is registered"
LOGGED_IN = ":irc.test 900 {0} {0}!u@192.0.2.1 {1} :You are now logged in as {1}"


def fails(lines: list[str]) -> list[tuple[str, ...]]:
    """Command, code and context of each FAIL."""
    return [tuple(line.split(" :")[0].split(" ")[2:]) for line in lines if line.split(" ")[1] == "FAIL"]


# -- REGISTER --


@pytest.mark.parametrize(
    ("policy", "line", "code", "context"),
    [
        ({}, "REGISTER Bob * password", "ACCOUNT_EXISTS", "Bob"),
        ({}, "REGISTER bOB * password", "ACCOUNT_EXISTS", "bOB"),
        ({}, "REGISTER Carol * password", "ACCOUNT_EXISTS", "Carol"),  # a guest who is here
        ({}, "REGISTER #a * password", "BAD_ACCOUNT_NAME", "#a"),
        ({}, "REGISTER 1a * password", "BAD_ACCOUNT_NAME", "1a"),
        ({}, f"REGISTER {'x' * 33} * password", "BAD_ACCOUNT_NAME", "x" * 25),
        ({}, "REGISTER * * short", "WEAK_PASSWORD", "Alice"),
        ({}, f"REGISTER * * {'x' * 301}", "UNACCEPTABLE_PASSWORD", "Alice"),
        ({}, f"REGISTER * * {'é' * 151}", "UNACCEPTABLE_PASSWORD", "Alice"),
        ({}, "REGISTER * nonsense password", "INVALID_EMAIL", "Alice"),
        ({}, "REGISTER * a@b password", "INVALID_EMAIL", "Alice"),
        ({"registration_email_required": True}, "REGISTER * * password", "INVALID_EMAIL", "Alice"),
        ({"registration_custom_name": False}, "REGISTER other * password", "ACCOUNT_NAME_MUST_BE_NICK", "other"),
        ({"registration": False}, "REGISTER * * password", "TEMPORARILY_UNAVAILABLE", "Alice"),
        ({"enabled": False}, "REGISTER * * password", "TEMPORARILY_UNAVAILABLE", "Alice"),
        ({}, "VERIFY Alice 1234", "INVALID_CODE", "Alice"),
    ],
)
def test_what_cannot_be_registered(policy: dict[str, bool], line: str, code: str, context: str) -> None:
    chat = Chat(policy=AccountPolicy(**policy))  # type: ignore[arg-type]
    chat.account("Bob", "password")
    alice = chat.user("Alice")
    chat.user("Carol")
    before = len(chat.world.accounts)
    (told,) = fails(alice.types(line))
    assert told[:2] == (line.split(" ")[0], code)
    assert told[2].startswith(context)
    assert len(chat.world.accounts) == before
    assert alice.user.account is None


def test_who_is_logged_in_registers_no_other_account() -> None:
    alice = Chat().user("Alice", account="Alice")
    assert alice.types("REGISTER second * password") == [
        ":irc.test FAIL REGISTER ALREADY_AUTHENTICATED Alice :You are logged in as Alice"
    ]


def test_on_the_way_in_a_name_comes_first() -> None:
    chat = Chat()
    person = chat.connect()
    assert fails(person.types("REGISTER Alice * sesame")) == [("REGISTER", "NEED_NICK", "*")]
    assert len(chat.world.accounts) == 0


def test_where_one_must_be_in_first() -> None:
    chat = Chat(policy=AccountPolicy(registration_before_connect=False))
    person = chat.connect()
    assert "draft/account-registration=custom-account-name" in " ".join(person.types("CAP LS 302"))
    person.types("NICK Alice")
    ((_, code, *_),) = fails(person.types("REGISTER * * password"))
    assert code == "COMPLETE_CONNECTION_REQUIRED"


def test_no_account_for_who_does_not_know_the_servers_password() -> None:
    chat = Chat(password="door")
    stranger, member = chat.connect(), chat.connect()
    stranger.types("NICK Mallory")
    assert fails(stranger.types("REGISTER * * sesame")) == [("REGISTER", "TEMPORARILY_UNAVAILABLE", "Mallory")]
    member.types("PASS door", "NICK Alice")
    assert member.types("REGISTER * * sesame")[0] == WELCOME.format("Alice")


def test_name_of_a_held_registration_cannot_be_taken_meanwhile() -> None:
    """The name of who is in the chat is not for others to register."""
    chat = Chat()
    chat.user("Alice")
    mallory = chat.connect()
    mallory.types("CAP LS", "NICK Alice")
    assert fails(mallory.types("REGISTER * * sesame")) == [("REGISTER", "ACCOUNT_EXISTS", "Alice")]


def test_account_that_cannot_be_stored_does_not_exist() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    chat.journal.broken = True
    assert alice.types("REGISTER * * sesame") == [
        ":irc.test FAIL REGISTER TEMPORARILY_UNAVAILABLE Alice :Accounts cannot be stored now, try again later"
    ]
    assert len(chat.world.accounts) == 0
    chat.journal.broken = False
    assert alice.types("REGISTER * * sesame")[0] == WELCOME.format("Alice")


@pytest.mark.parametrize(("seed", "other"), [("sasl", "alіce"), ("alіce", "alice"), ("Ａｌｉｃｅ", "alice")])
def test_names_that_look_alike_are_one_where_any_script_goes(seed: str, other: str) -> None:
    chat = Chat(casemapping="precis")
    first, second = chat.user("first"), chat.user("second")
    first.types(f"REGISTER {seed} * sesame")
    told = fails(second.types(f"REGISTER {other} * sesame"))
    assert told == ([] if seed == "sasl" else [("REGISTER", "ACCOUNT_EXISTS", other)])


# -- reserved names --


def test_name_of_an_account_is_for_its_owner() -> None:
    chat = Chat()
    chat.account("Ann")
    bob = chat.user("Bob")
    reserved = "The name Ann belongs to an account: log in as Ann, or choose another name"
    assert bob.types("NICK ann") == [f":irc.test 433 Bob ann :{reserved}"]
    assert chat.connect().types("NICK Ann") == [f":irc.test 433 * Ann :{reserved}"]
    bob.types("ACCOUNT LOGIN Ann sesame")
    assert bob.types("NICK Ann") == [":Bob!u@192.0.2.1 NICK Ann"]


def test_who_negotiates_may_still_log_in_and_has_the_name_then() -> None:
    chat = Chat()
    chat.account("Ann")
    ann, mallory = chat.connect(), chat.connect()
    for person in (ann, mallory):
        assert person.types("CAP LS", "NICK Ann", "USER u 0 * :A")[1:] == []
    assert numerics(mallory.types("CAP END")) == ["433"]
    assert numerics(mallory.types("NICK Mallory"))[0] == "001"
    ann.types("AUTHENTICATE PLAIN", "AUTHENTICATE AEFubgBzZXNhbWU=")
    assert numerics(ann.types("CAP END"))[0] == "001"


def test_without_reservation_anybody_may_have_the_name() -> None:
    chat = Chat(policy=AccountPolicy(nick_reservation=False))
    chat.world.reserved = False
    chat.account("Annabelle", "password")
    assert chat.user("Annabelle").user.account is None


def test_who_holds_a_name_when_it_is_registered_elsewhere_keeps_it() -> None:
    """`triochat user add` may give out a name that is in use; nobody is thrown out."""
    chat = Chat()
    bob = chat.user("Ann")
    chat.account("Ann")
    assert bob.types("NICK ANN") == [
        ":irc.test 433 Ann ANN :The name Ann belongs to an account: log in as Ann, or choose another name"
    ]
    assert bob.types("PING x") == [":irc.test PONG irc.test x"]


@pytest.mark.parametrize("imitation", ["аnn", "ＡＮＮ", "Аnn"])
def test_name_that_looks_like_an_accounts_is_its_owners_too(imitation: str) -> None:
    chat = Chat(casemapping="precis")
    chat.account("Ann")
    bob = chat.user("Bob")
    assert numerics(bob.types(f"NICK {imitation}")) == ["433"]
    well_formed(f"{bob.types(f'NICK {imitation}')[0]}\r\n".encode())
    assert bob.user.nick == "Bob"


def test_name_that_looks_like_a_guests_is_refused() -> None:
    chat = Chat(casemapping="precis")
    chat.user("Ann")
    bob = chat.user("Bob")
    assert bob.types("NICK аnn") == [":irc.test 433 Bob аnn :This looks like Ann, who is here"]


@pytest.mark.parametrize("name", ["NickServ", "chanserv", "NіckServ", "ＣhanServ"])
def test_nobody_is_called_like_a_part_of_the_server(name: str) -> None:
    bob = Chat(casemapping="precis").user("Bob")
    assert numerics(bob.types(f"NICK {name}")) == ["433"]
    assert fails(bob.types(f"REGISTER {name} * sesame")) == [("REGISTER", "BAD_ACCOUNT_NAME", name)]


# -- ACCOUNT --


@pytest.fixture
def ann() -> Person:
    """Ann, logged in; her client knows standard replies."""
    return Chat(policy=AccountPolicy(password_min_length=6)).user("Ann", "standard-replies", account="Ann")


def test_who_logs_out_gives_up_the_name_whatever_others_have_registered(ann: Person) -> None:
    number = ann.session.id
    ann.chat.account(f"Guest{number}")
    ann.types("ACCOUNT LOGOUT")
    assert ann.user.nick == f"Guest{number + 1}"


def test_log_out_and_in_again(ann: Person) -> None:
    seen = ann.types("ACCOUNT LOGOUT")
    assert seen[0] == ":irc.test 901 Ann Ann!u@192.0.2.1 :You are now logged out"
    assert seen[1] == f":Ann!u@192.0.2.1 NICK {ann.user.nick}"  # the name is reserved
    assert ann.user.nick.startswith("Guest")
    assert ann.user.account is None
    assert numerics(ann.types("ACCOUNT LOGIN Ann sesame", "NICK Ann")) == ["900", "NICK"]


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("ACCOUNT LOGIN Ann wrong", "FAIL ACCOUNT INVALID_CREDENTIALS LOGIN :Wrong name or password"),
        ("ACCOUNT LOGIN Nobody sesame", "FAIL ACCOUNT INVALID_CREDENTIALS LOGIN :Wrong name or password"),
        ("ACCOUNT LOGIN", "FAIL ACCOUNT NEED_MORE_PARAMS LOGIN :ACCOUNT LOGIN name password"),
        ("ACCOUNT LOGIN a b c", "FAIL ACCOUNT NEED_MORE_PARAMS LOGIN :ACCOUNT LOGIN name password"),
        ("ACCOUNT PASSWORD sesame", "FAIL ACCOUNT NEED_MORE_PARAMS PASSWORD :ACCOUNT PASSWORD old new"),
        ("ACCOUNT PASSWORD wrong sesame2", "FAIL ACCOUNT INVALID_CREDENTIALS PASSWORD :The old password is wrong"),
        (
            "ACCOUNT PASSWORD sesame five5",
            "FAIL ACCOUNT WEAK_PASSWORD PASSWORD :A password has at least 6 characters",
        ),
        ("ACCOUNT PASSWORD sesame open-sesame", "NOTE ACCOUNT DONE PASSWORD :The password is changed"),
        ("ACCOUNT PERSIST", "FAIL ACCOUNT INVALID_PARAMS PERSIST :ACCOUNT PERSIST ON, OFF or DEFAULT"),
        ("ACCOUNT PERSIST maybe", "FAIL ACCOUNT INVALID_PARAMS PERSIST :ACCOUNT PERSIST ON, OFF or DEFAULT"),
        (
            "ACCOUNT PERSIST on",
            "NOTE ACCOUNT DONE PERSIST :You stay in the chat when your last connection ends",
        ),
        ("ACCOUNT PERSIST OFF", "NOTE ACCOUNT DONE PERSIST :You leave with your last connection"),
        ("ACCOUNT PERSIST DEFAULT", "NOTE ACCOUNT DONE PERSIST :You leave with your last connection"),
        ("ACCOUNT", "NOTE ACCOUNT SHOW Ann :Ann: 1 connection, you leave with it"),
        ("ACCOUNT :show", "NOTE ACCOUNT SHOW Ann :Ann: 1 connection, you leave with it"),
        (
            "ACCOUNT CERT ADD",
            "FAIL ACCOUNT INVALID_PARAMS CERT :ACCOUNT CERT ADD, or REMOVE, over a TLS connection "
            "on which your client shows its certificate",
        ),
    ],
)
def test_account_is_answered(ann: Person, line: str, reply: str) -> None:
    assert ann.types(line) == [f":irc.test {reply}"]


@pytest.mark.parametrize("word", ["LOGOUT", "PASSWORD a b", "CERT ADD", "PERSIST ON", "SHOW", ""])
def test_guests_are_told_to_log_in(ann: Person, word: str) -> None:
    bob, carol = ann.chat.user("Bob", "standard-replies"), ann.chat.user("Carol")
    told = "Log in first: ACCOUNT LOGIN name password"
    assert bob.types(f"ACCOUNT {word}".rstrip()) == [f":irc.test FAIL ACCOUNT ACCOUNT_REQUIRED * :{told}"]
    assert carol.types(f"ACCOUNT {word}".rstrip()) == [f":irc.test NOTICE Carol :{told}."]


def test_new_password_counts_and_the_old_one_does_not(ann: Person) -> None:
    ann.types("ACCOUNT PASSWORD sesame open-sesame")
    bob = ann.chat.user("Bob")
    assert numerics(bob.types("ACCOUNT LOGIN Ann sesame")) == ["NOTICE"]
    assert numerics(bob.types("ACCOUNT LOGIN Ann open-sesame")) == ["900"]


def test_password_that_cannot_be_stored_stays_the_old_one(ann: Person) -> None:
    ann.chat.journal.broken = True
    assert fails(ann.types("ACCOUNT PASSWORD sesame open-sesame")) == [
        ("ACCOUNT", "TEMPORARILY_UNAVAILABLE", "PASSWORD")
    ]
    assert at_once(ann.chat.server.registrar.check("Ann", "sesame")) is not None


def test_passwords_have_an_end_here_too() -> None:
    chat = Chat(limits=Limits(login_attempts=2))
    chat.account("Ann")
    bob = chat.user("Bob")
    bob.types("ACCOUNT LOGIN Ann wrong", "ACCOUNT LOGIN Ann wrong")
    assert bob.gone == "Too many wrong passwords"


def test_certificate_belongs_to_one_account(ann: Person) -> None:
    bob = ann.chat.user("Bob", "standard-replies", account="Bob")
    ann.session.certificate = bob.session.certificate = "ab" * 32
    assert numerics(ann.types("ACCOUNT CERT ADD")) == ["NOTE"]
    assert bob.types("ACCOUNT CERT ADD") == [
        ":irc.test FAIL ACCOUNT INVALID_PARAMS CERT :Another account has this certificate"
    ]
    ann.types("ACCOUNT CERT REMOVE")
    assert numerics(bob.types("ACCOUNT CERT ADD")) == ["NOTE"]
    assert ann.chat.world.accounts.with_certificate("ab" * 32) is ann.chat.world.accounts.find("Bob")


@pytest.mark.parametrize("mode", ["disabled", "mandatory"])
def test_server_that_decides_for_everybody_says_so(mode: str) -> None:
    ann = Chat(policy=AccountPolicy(always_on=mode)).user("Ann", account="")  # type: ignore[arg-type]
    ann.types("REGISTER * * password")
    assert ann.types("ACCOUNT PERSIST ON") == [":irc.test NOTICE Ann :This server decides that for everybody."]


def test_without_accounts_the_command_is_unknown() -> None:
    ann = Chat(policy=AccountPolicy(enabled=False)).user("Ann")
    assert ann.types("ACCOUNT LOGIN Ann sesame") == [":irc.test 421 Ann ACCOUNT :Unknown command"]


# -- several changes at the same time --


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


def taken_in_turns(*changes: Coroutine[object, None, object]) -> list[str]:
    """The codes of those that were refused, when each goes on a step at a time."""
    waiting, refused = list(changes), []
    while waiting:
        for change in list(waiting):
            try:
                change.send(None)
            except StopIteration:
                waiting.remove(change)
            except AccountProblem as problem:
                refused.append(problem.code)
                waiting.remove(change)
    return refused


@pytest.fixture
def slow() -> Chat:
    """Where storing takes a while; Ann has an account."""
    chat = Chat()
    chat.account("Ann")
    keep = chat.journal.keep

    async def keep_later(changes: Sequence[Change]) -> None:
        await _Pause()
        await keep(changes)
        await _Pause()

    chat.server.registrar._keep = keep_later
    return chat


def test_changes_at_the_same_time_undo_nothing(slow: Chat) -> None:
    registrar = slow.server.registrar
    assert taken_in_turns(registrar.change("Ann", suspended="spam"), registrar.change("Ann", persistent=True)) == []
    for accounts in (slow.world.accounts, [read(slow.journal.store.records("account")["ann"])]):
        (ann,) = accounts
        assert (ann.suspended, ann.persistent) == ("spam", True)


def test_change_of_an_account_that_is_being_removed_does_not_bring_it_back(slow: Chat) -> None:
    registrar = slow.server.registrar
    changes = registrar.remove("Ann"), registrar.change("Ann", persistent=True)
    assert taken_in_turns(*changes) == ["ACCOUNT_UNKNOWN"]
    assert len(slow.world.accounts) == 0 and slow.journal.store.records("account") == {}
