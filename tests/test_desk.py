"""What `triochat user` asks for: what is done, and what is not, in one sentence."""

import pytest

from commands.harness import Chat, at_once, numerics
from triochat.desk import AccountDesk
from triochat.domain.policy import AccountPolicy


@pytest.fixture
def chat() -> Chat:
    """Ann and Bob have accounts."""
    chat = Chat(policy=AccountPolicy())
    for name in ("Bob", "Ann"):
        chat.account(name, "sesame-sesame")
    return chat


def ask(chat: Chat, **request: object) -> dict[str, object]:
    """The answer of a running server's desk."""
    server = chat.server
    desk = AccountDesk(
        chat.world,
        server.markers,
        server.registrar,
        chat.journal.keep,
        lambda user, reason: server.end_user(user, "irc.test", reason),
    )
    answer = at_once(desk.do(request))
    chat.deliver()
    return answer


def names(answer: dict[str, object]) -> list[str]:
    """Whom an answer is about."""
    assert isinstance(answer["accounts"], list) and answer["count"] == len(answer["accounts"])
    return [account["name"] for account in answer["accounts"]]


def test_accounts_are_listed_by_name(chat: Chat) -> None:
    answer = ask(chat, do="list")
    assert names(answer) == ["Ann", "Bob"]
    assert answer["accounts"][0] == {  # type: ignore[index]
        "name": "Ann",
        "created": "2023-11-14",
        "suspended": False,
        "password": True,
        "certificates": 0,
    }


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({}, "There is no action None."),
        ({"do": "drop"}, "There is no action drop."),
        ({"do": ["add"]}, "There is no action ['add']."),
        ({"do": "add"}, "The name is missing."),
        ({"do": "add", "name": 7, "password": "sesame-sesame"}, "The name is missing."),
        ({"do": "add", "name": "Eve"}, "The password is missing."),
        ({"do": "add", "name": "Eve", "password": ""}, "The password is missing."),
        ({"do": "add", "name": "Eve", "password": "short"}, "A password has at least 8 characters."),
        ({"do": "add", "name": "Eve", "password": "x" * 301}, "A password has at most 300 bytes."),
        ({"do": "add", "name": "Eve", "password": "two\nlines"}, "A password is one line without NUL."),
        ({"do": "add", "name": "ANN", "password": "sesame-sesame"}, "There is an account ANN already."),
        (
            {"do": "add", "name": "#room", "password": "sesame-sesame"},
            "This is no name for an account: use letters, digits, - and _, and begin with a letter.",
        ),
        ({"do": "passwd", "name": "nobody", "password": "sesame-sesame"}, "There is no account nobody."),
        ({"do": "suspend", "name": "nobody"}, "There is no account nobody."),
        ({"do": "resume", "name": "nobody"}, "There is no account nobody."),
        ({"do": "remove", "name": "nobody"}, "There is no account nobody."),
        ({"do": "add", "name": "B\udce9b", "password": "sesame-sesame"}, "The name is not UTF-8."),
        ({"do": "add", "name": "Eve", "password": "sesam\udce9-sesame"}, "The password is not UTF-8."),
        ({"do": "suspend", "name": "Ann", "reason": "\udce9"}, "The reason is not UTF-8."),
        ({"do": "remove"}, "The name is missing."),
    ],
)
def test_what_cannot_be_done_is_told(chat: Chat, request_: dict[str, object], error: str) -> None:
    assert ask(chat, **request_) == {"error": error}
    assert names(ask(chat, do="list")) == ["Ann", "Bob"]


@pytest.mark.parametrize("action", ["add", "passwd", "suspend", "resume", "remove"])
def test_what_cannot_be_stored_is_not_done(chat: Chat, action: str) -> None:
    before = ask(chat, do="list")
    chat.journal.broken = True
    answer = ask(chat, do=action, name="Eve" if action == "add" else "Ann", password="another-one")
    assert answer == {"error": "Accounts cannot be stored now, try again later."}
    assert ask(chat, do="list") == before
    assert at_once(chat.server.registrar.check("Ann", "sesame-sesame")) is not None


def test_suspending_sends_away_who_is_logged_in_under_whatever_name(chat: Chat) -> None:
    one, other = chat.user("one"), chat.user("other")
    for person in (one, other):
        person.types("ACCOUNT LOGIN Ann sesame-sesame")
    bystander = chat.user("Ann2")
    ask(chat, do="suspend", name="ann", reason="spam")
    assert one.gone == other.gone == "Killed by irc.test: Your account is suspended: spam"
    assert bystander.gone is None
    assert set(chat.world.users) == {"ann2"}


def test_removing_frees_the_name_and_the_rooms(chat: Chat) -> None:
    ann, bob = chat.user("guest"), chat.user("Bob2")
    ann.types("ACCOUNT LOGIN Ann sesame-sesame", "JOIN #a,#b", "MODE #a +q guest", "MODE #b +q guest")
    bob.types("JOIN #b")
    ask(chat, do="remove", name="Ann")
    assert ann.gone is not None
    assert set(chat.world.rooms) == {"#lobby", "#b"}
    assert chat.world.rooms["#b"].founders == {}
    assert "a" not in chat.journal.store.records("account") and "#a" not in chat.journal.store.records("room")
    assert numerics(chat.connect().types("NICK Ann", "USER a 0 * :A"))[0] == "001"


def test_removing_on_the_files_forgets_who_stays(chat: Chat) -> None:
    ann = chat.user("guest")
    ann.types("ACCOUNT LOGIN Ann sesame-sesame", "JOIN #a", "ACCOUNT PERSIST ON")
    ann.vanishes()
    assert set(chat.journal.store.records("presence")) == {"guest"}
    server = chat.server
    desk = AccountDesk(chat.world, server.markers, server.registrar, chat.journal.keep)
    at_once(desk.do({"do": "remove", "name": "Ann"}))
    assert chat.journal.store.records("presence") == {}


def test_removing_forgets_what_somebody_said_of_themselves(chat: Chat) -> None:
    caps = "batch draft/metadata-3"
    chat.user("guest", caps).types("ACCOUNT LOGIN Ann sesame-sesame", "METADATA * SET url :http://ann.example")
    assert set(chat.journal.store.records("metadata")) == {"ann"}
    ask(chat, do="remove", name="Ann")
    assert chat.journal.store.records("metadata") == {}
    ask(chat, do="add", name="Ann", password="sesame-sesame")
    ann = chat.user("guest", caps)
    ann.types("ACCOUNT LOGIN Ann sesame-sesame")
    assert not any("ann.example" in line for line in ann.types("METADATA * LIST"))


def test_name_that_somebody_uses_can_be_given_out(chat: Chat) -> None:
    eve = chat.user("Eve")
    assert names(ask(chat, do="add", name="Eve", password="sesame-sesame")) == ["Eve"]
    assert eve.gone is None
    assert numerics(eve.types("ACCOUNT LOGIN Eve sesame-sesame")) == ["900"]
