"""AUTHENTICATE (https://ircv3.net/specs/extensions/sasl-3.2): the ways in, and that a stranger learns nothing."""

import base64
import hashlib
import hmac
import re
from collections.abc import Generator

import pytest

from cheap import CheapPasswords
from commands.harness import Chat, Person, at_once, numerics
from triochat.domain.accounts import Credentials
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy

LOGGED_IN = ":irc.test 900 {0} {0}!{1}@192.0.2.1 Ann :You are now logged in as Ann"
SUCCESS = ":irc.test 903 {0} :SASL authentication successful"
REFUSED = ":irc.test 904 {0} :SASL authentication failed: wrong name or password"
ABORTED = ":irc.test 906 {0} :SASL authentication aborted"
GO_ON = "AUTHENTICATE +"
PRINT = "ab" * 32


@pytest.fixture
def chat() -> Chat:
    """Ann has an account; nobody is here."""
    chat = Chat()
    chat.account("Ann")
    return chat


def newcomer(chat: Chat, nick: str = "Ann") -> Person:
    """Somebody on the way in, who has asked for SASL."""
    person = chat.connect()
    person.types("CAP REQ sasl", f"NICK {nick}", "USER ann 0 * :A")
    return person


def encoded(response: str | bytes) -> str:
    """An AUTHENTICATE line with this response."""
    raw = response if isinstance(response, bytes) else response.encode()
    return f"AUTHENTICATE {base64.b64encode(raw).decode() or '+'}"


def plain(person: Person, name: str = "Ann", password: str = "sesame", authzid: str = "") -> list[str]:
    """Log in by PLAIN; the answer."""
    assert person.types("AUTHENTICATE PLAIN") == [GO_ON]
    return person.types(encoded(f"{authzid}\0{name}\0{password}"))


class Scram:
    """A client's side of SCRAM-SHA-256."""

    def __init__(self, name: str, password: str, *, authzid: str = "") -> None:
        self.gs2 = f"n,{f'a={authzid}' if authzid else ''},"
        self.bare = f"n={name},r=clientnonce"
        self.password = password
        self.server_key = b""
        self.message = b""

    @property
    def first(self) -> str:
        return encoded(self.gs2 + self.bare)

    def final(self, challenge: str) -> str:
        """The line that answers an `AUTHENTICATE challenge`."""
        text = base64.b64decode(challenge.removeprefix("AUTHENTICATE ")).decode()
        nonce, salt, iterations = (part[2:] for part in text.split(","))
        assert nonce.startswith("clientnonce") and len(nonce) > len("clientnonce") + 10
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(salt), int(iterations))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        self.server_key = hmac.digest(salted, b"Server Key", "sha256")
        without_proof = f"c={base64.b64encode(self.gs2.encode()).decode()},r={nonce}"
        self.message = f"{self.bare},{text},{without_proof}".encode()
        mask = hmac.digest(hashlib.sha256(client_key).digest(), self.message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, mask, strict=True))
        return encoded(f"{without_proof},p={base64.b64encode(proof).decode()}")

    def trusts(self, answer: str) -> bool:
        """True when the server has proved that it knows the password, too."""
        signature = base64.b64encode(hmac.digest(self.server_key, self.message, "sha256")).decode()
        return base64.b64decode(answer.removeprefix("AUTHENTICATE ")).decode() == f"v={signature}"


def scram(person: Person, name: str = "Ann", password: str = "sesame") -> list[str]:
    """Log in by SCRAM-SHA-256; the answer to the last word."""
    client = Scram(name, password)
    assert person.types("AUTHENTICATE SCRAM-SHA-256") == [GO_ON]
    (challenge,) = person.types(client.first)
    answer = person.types(client.final(challenge))
    if not answer[0].startswith("AUTHENTICATE "):
        return answer
    assert client.trusts(answer[0])
    return person.types(GO_ON)


# -- the ways in --


def test_plain_on_the_way_in(chat: Chat) -> None:
    ann = newcomer(chat)
    assert plain(ann) == [LOGGED_IN.format("Ann", "ann"), SUCCESS.format("Ann")]
    assert numerics(ann.types("CAP END"))[0] == "001"
    assert ann.user.account == "Ann"


def test_before_anything_else_was_said(chat: Chat) -> None:
    """Clients may authenticate before NICK and USER."""
    person = chat.connect()
    assert plain(person)[0] == ":irc.test 900 * *!*@192.0.2.1 Ann :You are now logged in as Ann"
    person.types("NICK Ann", "USER ann 0 * :A")
    assert person.user.account == "Ann"


def test_the_account_is_called_as_it_was_registered_whatever_was_typed(chat: Chat) -> None:
    ann = newcomer(chat, "other")
    assert " Ann :You are now logged in as Ann" in plain(ann, "aNN")[0]
    ann.types("CAP END")
    assert ann.user.account == "Ann"
    assert ann.user.nick == "other"


def test_scram_on_the_way_in(chat: Chat) -> None:
    ann = newcomer(chat)
    assert scram(ann) == [LOGGED_IN.format("Ann", "ann"), SUCCESS.format("Ann")]
    ann.types("CAP END")
    assert ann.user.account == "Ann"


def test_scram_has_not_succeeded_before_the_last_word(chat: Chat) -> None:
    ann, client = newcomer(chat), Scram("Ann", "sesame")
    ann.types("AUTHENTICATE SCRAM-SHA-256")
    (challenge,) = ann.types(client.first)
    (answer,) = ann.types(client.final(challenge))
    assert client.trusts(answer)
    assert ann.client.registration is not None and ann.client.registration.account is None
    assert ann.types("CAP END")[0] == ABORTED.format("Ann")


def test_external_by_the_certificate_that_was_added(chat: Chat) -> None:
    ann = chat.user("Ann", account="Ann")
    ann.session.certificate = PRINT
    assert ann.types("ACCOUNT CERT ADD") == [":irc.test NOTICE Ann :You can now log in by this certificate."]
    again = newcomer(chat, "other")
    again.session.certificate = PRINT
    assert again.types("AUTHENTICATE EXTERNAL") == [GO_ON]
    assert again.types("AUTHENTICATE +") == [LOGGED_IN.format("other", "ann"), SUCCESS.format("other")]
    assert again.types("AUTHENTICATE EXTERNAL", encoded("ann"))[-1] == SUCCESS.format("other")
    answer = again.types("AUTHENTICATE EXTERNAL", encoded("bob"))[-1]
    assert answer == ":irc.test 904 other :SASL authentication failed: the certificate is for another account"


def test_external_is_offered_to_those_only_who_show_a_certificate(chat: Chat) -> None:
    without, having = chat.connect(), chat.connect()
    having.session.certificate = PRINT
    assert " sasl=PLAIN,SCRAM-SHA-256 " in f"{without.types('CAP LS 302')[0].replace(':', ' ')} "
    assert "sasl=PLAIN,SCRAM-SHA-256,EXTERNAL " in having.types("CAP LS 302")[0]
    assert without.types("AUTHENTICATE EXTERNAL") == [
        ":irc.test 908 * PLAIN,SCRAM-SHA-256 :are available SASL mechanisms",
        ":irc.test 904 * :SASL authentication failed",
    ]
    (answer,) = having.types("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")[1:]
    assert answer == ":irc.test 904 * :SASL authentication failed: no account knows this certificate"


def test_logging_in_when_one_is_in_already_is_told_to_the_others(chat: Chat) -> None:
    bob = chat.user("Bob", "account-notify")
    someone = chat.user("someone")
    for person in (bob, someone):
        person.types("JOIN #a")
    bob.sees()
    assert scram(someone) == [LOGGED_IN.format("someone", "u"), SUCCESS.format("someone")]
    assert bob.sees() == [":someone!u@192.0.2.1 ACCOUNT Ann"]


def test_another_account_takes_the_place_of_the_first(chat: Chat) -> None:
    """The specification lets clients authenticate again."""
    chat.account("Bea")
    ann = newcomer(chat)
    plain(ann)
    assert plain(ann, "Bea")[-1] == SUCCESS.format("Ann")
    ann.types("CAP END", "NICK Bea")
    assert ann.user.account == "Bea"


def test_pass_with_a_name_logs_in_without_any_capability(chat: Chat) -> None:
    ann = chat.connect()
    greeting = ann.types("PASS Ann:sesame", "NICK Ann", "USER ann 0 * :A")
    assert numerics(greeting)[:2] == ["900", "001"]
    assert ann.user.account == "Ann"


@pytest.mark.parametrize("given", ["Ann:wrong", "nobody:sesame", "wrong", "ann:"])
def test_pass_with_a_wrong_password_does_not_let_in(chat: Chat, given: str) -> None:
    person = chat.connect()
    answer = person.types(f"PASS {given}", "NICK Ann", "USER ann 0 * :A")
    assert numerics(answer)[0] == "464"
    assert person.gone == "Bad password"
    assert chat.world.users == {}


@pytest.mark.parametrize("given", ["sesame", "ann:sesame"])
def test_pass_needs_no_name_where_the_nick_says_it(chat: Chat, given: str) -> None:
    ann = chat.connect()
    ann.types(f"PASS {given}", "NICK Ann", "USER ann 0 * :A")
    assert ann.user.account == "Ann"


def test_pass_that_fits_no_account_is_for_nobody(chat: Chat) -> None:
    """Some clients send a password to every server."""
    bob = chat.connect()
    bob.types("PASS bob:sesame", "NICK Bob", "USER b 0 * :B")
    assert bob.user.account is None


def test_pass_is_the_servers_where_the_server_has_one() -> None:
    chat = Chat(password="Ann:sesame")
    chat.account("Ann")
    person = chat.connect()
    assert numerics(person.types("PASS Ann:sesame", "NICK Bob", "USER b 0 * :B"))[0] == "001"
    assert person.user.account is None


# -- the ways out --


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_client_that_changes_its_mind_may_begin_anew(chat: Chat, mechanism: str) -> None:
    ann = newcomer(chat)
    assert ann.types(f"AUTHENTICATE {mechanism}", "AUTHENTICATE *") == [GO_ON, ABORTED.format("Ann")]
    assert plain(ann)[-1] == SUCCESS.format("Ann")


def test_wrong_password_may_be_tried_again(chat: Chat) -> None:
    ann = newcomer(chat)
    assert plain(ann, password="wrong") == [REFUSED.format("Ann")]
    assert scram(ann, password="wrong") == [REFUSED.format("Ann")]
    assert plain(ann)[-1] == SUCCESS.format("Ann")


def test_wrong_passwords_have_an_end() -> None:
    chat = Chat(limits=Limits(login_attempts=3))
    chat.account("Ann")
    ann = newcomer(chat)
    plain(ann, password="wrong")
    scram(ann, password="wrong")
    assert ann.gone is None
    assert plain(ann, password="wrong") == [
        REFUSED.format("Ann"),
        "ERROR :Closing link: 192.0.2.1 (Too many wrong passwords)",
    ]


@pytest.mark.parametrize("asked", ["CRAM-MD5", "PLAIN2", "+", "é", "SCRAM-SHA-256-PLUS"])
def test_mechanism_that_is_not_there_is_answered_with_those_that_are(chat: Chat, asked: str) -> None:
    assert newcomer(chat).types(f"AUTHENTICATE {asked}") == [
        ":irc.test 908 Ann PLAIN,SCRAM-SHA-256 :are available SASL mechanisms",
        ":irc.test 904 Ann :SASL authentication failed",
    ]


def test_too_long_a_line_and_too_long_a_response(chat: Chat) -> None:
    ann = newcomer(chat)
    assert ann.types("AUTHENTICATE PLAIN", f"AUTHENTICATE {'A' * 401}")[1:] == [
        ":irc.test 905 Ann :SASL message too long"
    ]
    seen = ann.types("AUTHENTICATE PLAIN", *[f"AUTHENTICATE {'A' * 400}"] * 11)[1:]
    assert numerics(seen) == ["904"]
    assert plain(ann)[-1] == SUCCESS.format("Ann")


def test_long_password_comes_in_chunks() -> None:
    chat = Chat(policy=AccountPolicy(password_max_bytes=300))
    chat.account("Ann", "x" * 300)
    text = base64.b64encode(b"\0Ann\0" + b"x" * 300).decode()
    ann = newcomer(chat)
    ann.types("AUTHENTICATE PLAIN", f"AUTHENTICATE {text[:400]}")
    assert ann.types(f"AUTHENTICATE {text[400:] or '+'}")[-1] == SUCCESS.format("Ann")


@pytest.mark.parametrize("response", ["", "Ann", "\0Ann", "\0Ann\0", "\0\0sesame", "a\0b\0c\0d", b"\0\xff\0x"])
def test_malformed_plain_is_refused(chat: Chat, response: str | bytes) -> None:
    ann = newcomer(chat)
    assert numerics(ann.types("AUTHENTICATE PLAIN", encoded(response))[1:]) == ["904"]
    assert numerics(ann.types("AUTHENTICATE PLAIN", "AUTHENTICATE !!!")[1:]) == ["904"]
    assert plain(ann)[-1] == SUCCESS.format("Ann")


def test_nobody_acts_for_another(chat: Chat) -> None:
    chat.account("Bea")
    refusal = ":irc.test 904 Ann :SASL authentication failed: nobody may act for another account"
    assert plain(newcomer(chat), authzid="Bea") == [refusal]
    ann = newcomer(chat)
    assert ann.types("AUTHENTICATE SCRAM-SHA-256", Scram("Ann", "sesame", authzid="Bea").first)[1:] == [refusal]
    assert plain(ann, authzid="ANN")[-1] == SUCCESS.format("Ann")


def test_registration_that_is_completed_ends_the_exchange(chat: Chat) -> None:
    ann = newcomer(chat, "guest")
    ann.types("AUTHENTICATE PLAIN")
    seen = ann.types("CAP END")
    assert seen[0] == ABORTED.format("guest")
    assert numerics(seen)[1] == "001"
    assert ann.user.account is None


def test_suspended_account_is_told_to_who_knows_the_password_only(chat: Chat) -> None:
    at_once(chat.server.registrar.change("Ann", suspended="spam"))
    ann = newcomer(chat)
    told = ":irc.test 904 Ann :This account is suspended: spam"
    assert plain(ann) == [told]
    assert scram(ann) == [told]
    assert plain(ann, password="wrong") == [REFUSED.format("Ann")]


def test_suspended_account_gets_in_by_no_other_way(chat: Chat) -> None:
    at_once(chat.server.registrar.change("Ann", suspended="", certificates=(PRINT,)))
    ann = newcomer(chat)
    ann.session.certificate = PRINT
    assert ann.types("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")[1:] == [
        ":irc.test 904 Ann :This account is suspended"
    ]
    assert numerics(chat.connect().types("PASS Ann:sesame", "NICK Ann", "USER a 0 * :A"))[0] == "464"
    bob = chat.user("Bob")
    assert bob.types("ACCOUNT LOGIN Ann sesame") == [":irc.test NOTICE Bob :This account is suspended."]


def test_account_that_is_removed_during_scram_is_not_logged_in(chat: Chat) -> None:
    ann, client = newcomer(chat), Scram("Ann", "sesame")
    ann.types("AUTHENTICATE SCRAM-SHA-256")
    (challenge,) = ann.types(client.first)
    ann.types(client.final(challenge))
    at_once(chat.server.registrar.remove("Ann"))
    assert ann.types(GO_ON) == [REFUSED.format("Ann")]


def test_password_that_is_changed_during_scram_does_not_let_in(chat: Chat) -> None:
    """Who knew the old one could keep an exchange for later."""
    ann, client = newcomer(chat), Scram("Ann", "sesame")
    ann.types("AUTHENTICATE SCRAM-SHA-256")
    (challenge,) = ann.types(client.first)
    ann.types(client.final(challenge))
    at_once(chat.server.registrar.set_password("Ann", "another"))
    assert ann.types(GO_ON) == [REFUSED.format("Ann")]


@pytest.mark.parametrize("removed", [False, True])
def test_account_that_is_gone_or_suspended_when_its_owner_comes_in_is_not_theirs(chat: Chat, removed: bool) -> None:
    ann = chat.connect()
    ann.types("CAP LS 302", "NICK Other", "USER a 0 * :A")
    plain(ann)
    registrar = chat.server.registrar
    at_once(registrar.remove("Ann") if removed else registrar.change("Ann", suspended="now"))
    assert numerics(ann.types("CAP END"))[0] == "001"
    assert ann.user.account is None


def test_without_accounts_there_is_no_sasl() -> None:
    chat = Chat(policy=AccountPolicy(enabled=False))
    person = chat.connect()
    assert "sasl" not in " ".join(person.types("CAP LS 302"))
    assert person.types("CAP REQ sasl") == [":irc.test CAP * NAK sasl"]
    assert person.types("AUTHENTICATE PLAIN") == [":irc.test 421 * AUTHENTICATE :Unknown command"]


# -- a stranger learns nothing --


def conversation(chat: Chat, mechanism: str, name: str) -> list[str]:
    """What somebody sees who tries a wrong password for *name*; randomness and the name replaced."""
    person = newcomer(chat, "guest")
    if mechanism == "PLAIN":
        seen = person.types("AUTHENTICATE PLAIN", encoded(f"\0{name}\0wrong"))
    elif mechanism == "SCRAM-SHA-256":
        client = Scram(name, "wrong")
        seen = person.types("AUTHENTICATE SCRAM-SHA-256")
        (challenge,) = person.types(client.first)
        text = base64.b64decode(challenge.removeprefix("AUTHENTICATE ")).decode()
        pattern = r"r=clientnonce[\w-]{24},s=[\w+/]+=*,i=1"
        assert re.fullmatch(pattern, text), text
        seen += person.types(client.final(challenge))
    else:
        person.types("CAP END")
        seen = person.types(f"ACCOUNT LOGIN {name} wrong")
    return seen


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "ACCOUNT"])
def test_unknown_name_is_answered_like_a_wrong_password(mechanism: str) -> None:
    answers = []
    for known in (True, False):
        chat = Chat()
        if known:
            chat.account("Eve")
        answers.append(conversation(chat, mechanism, "Eve"))
    assert answers[0] == answers[1] != []


def test_salt_of_an_unknown_name_is_the_same_each_time(chat: Chat) -> None:
    """One that changed would tell that there is no account."""

    def salt(name: str) -> str:
        (challenge,) = newcomer(chat, "guest").types("AUTHENTICATE SCRAM-SHA-256", Scram(name, "x").first)[1:]
        return base64.b64decode(challenge.removeprefix("AUTHENTICATE ")).decode().split(",")[1]

    assert salt("nobody") == salt("NoBody") != salt("nobody2")


def test_account_without_a_password_lets_nobody_in_by_one(chat: Chat) -> None:
    at_once(chat.server.registrar.change("Ann", credentials=None))
    ann = newcomer(chat)
    assert plain(ann, password="x") == [REFUSED.format("Ann")]
    assert scram(ann, password="x") == [REFUSED.format("Ann")]


# -- what happens while a password is being checked --


class SlowPasswords(CheapPasswords):
    """Checks when it is told to."""

    async def check(self, credentials: Credentials | None, password: str) -> bool:
        await _Pause()
        return await super().check(credentials, password)


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


def begin(person: Person, line: str) -> Generator[None, None, None]:
    """Send a line whose answer takes long; `next` of the result lets it go on."""
    waiting = person._handle(person.client, line.encode())
    assert waiting is not None
    steps = waiting.__await__()
    next(steps)
    return steps


def finish(person: Person, steps: Generator[None, None, None]) -> list[str]:
    """Let it go on to its end."""
    with pytest.raises(StopIteration):
        next(steps)
    person.client.flush()
    person.chat.deliver()
    return person.sees()


@pytest.fixture
def slow(chat: Chat) -> Chat:
    chat.server.registrar.passwords = SlowPasswords()
    return chat


@pytest.mark.parametrize("password", ["sesame", "wrong"])
def test_connection_that_goes_during_the_check_leaves_nothing(slow: Chat, password: str) -> None:
    ann = newcomer(slow)
    ann.types("AUTHENTICATE PLAIN")
    steps = begin(ann, encoded(f"\0Ann\0{password}"))
    ann.vanishes()
    assert finish(ann, steps) == []
    assert slow.world.users == {} and slow.server.unregistered == 0


def test_connection_that_goes_while_pass_is_checked_leaves_nobody(slow: Chat) -> None:
    ann = slow.connect()
    ann.types("PASS Ann:sesame", "NICK Ann")
    steps = begin(ann, "USER a 0 * :A")
    ann.vanishes()
    assert finish(ann, steps) == []
    assert slow.world.users == {} and slow.server.unregistered == 0


def test_user_who_goes_during_account_login_is_gone(slow: Chat) -> None:
    for line in ("ACCOUNT LOGIN Ann sesame", "ACCOUNT LOGIN Ann wrong"):
        bob = slow.user("Bob")
        bob.sees()
        steps = begin(bob, line)
        bob.vanishes()
        assert finish(bob, steps) == []
    assert slow.world.users == {}


def test_name_that_is_taken_during_the_check_must_be_chosen_again(slow: Chat) -> None:
    ann = slow.connect()
    ann.types("PASS Ann:sesame", "NICK Other")
    steps = begin(ann, "USER a 0 * :A")
    slow.user("Other")
    assert numerics(finish(ann, steps)) == ["900", "433"]
    assert ann.types("NICK Ann")[0].split(" ")[1] == "001"
    assert ann.user.account == "Ann"


def test_account_that_is_suspended_during_the_check_is_suspended(slow: Chat) -> None:
    ann = newcomer(slow)
    ann.types("AUTHENTICATE PLAIN")
    steps = begin(ann, encoded("\0Ann\0sesame"))
    at_once(slow.server.registrar.change("Ann", suspended="now"))
    assert finish(ann, steps) == [":irc.test 904 Ann :This account is suspended: now"]


def test_password_that_is_changed_during_the_check_does_not_let_in(slow: Chat) -> None:
    ann = newcomer(slow)
    ann.types("AUTHENTICATE PLAIN")
    steps = begin(ann, encoded("\0Ann\0sesame"))
    at_once(slow.server.registrar.set_password("Ann", "another"))
    assert finish(ann, steps) == [REFUSED.format("Ann")]


def test_who_is_killed_during_a_labelled_command_is_seen_to_leave_before_another_has_the_name(chat: Chat) -> None:
    bob, first = chat.user("Bob"), chat.user("Eve", "labeled-response batch")
    chat.server.registrar.passwords = SlowPasswords()
    bob.types("JOIN #a"), first.types("JOIN #a")
    bob.sees()
    steps = begin(first, "@label=1 ACCOUNT LOGIN Ann sesame")
    chat.server.end_user(first.user, "Op", "enough")
    chat.user("Eve").types("JOIN #a")
    finish(first, steps)
    assert [line.split(" ")[1] for line in bob.sees()] == ["QUIT", "JOIN"]


def test_account_that_is_removed_during_the_check_is_no_more(slow: Chat) -> None:
    ann = newcomer(slow)
    ann.types("AUTHENTICATE PLAIN")
    steps = begin(ann, encoded("\0Ann\0sesame"))
    at_once(slow.server.registrar.remove("Ann"))
    assert finish(ann, steps) == [REFUSED.format("Ann")]
