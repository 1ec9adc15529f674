"""https://ircv3.net/specs/extensions/account-registration

Not here: VERIFICATION_REQUIRED and all that follows from it, as this server sends no mail; ACCOUNT_REQUIRED, as
anybody may come in without an account; COMPLETE_CONNECTION_REQUIRED, which is in tests/commands: it has one more
parameter, as clients made for earlier drafts expect it.
"""

import pytest

from specifications.example import person, play, server
from triochat.domain.policy import AccountPolicy

CAP = "draft/account-registration"


def test_while_connected() -> None:
    """Section "While connected", but for the verification."""
    tester = person(server(), "tester!user@host", CAP)
    play(
        """
        C: REGISTER test tester@example.org hunter22
        S: REGISTER SUCCESS test :Account successfully registered
        S: 900 tester tester!user@host test :You are now logged in as test
        C: VERIFY test 39gvcdg4myvnmdcfhvd6exsv4n
        S: FAIL VERIFY INVALID_CODE test :No account waits for a code
        """,
        tester,
    )
    account = tester.chat.world.accounts.find("test")
    assert account is not None and account.email == "tester@example.org"


@pytest.mark.parametrize("is_email_required", [False, True])
def test_before_connect(is_email_required: bool) -> None:
    """Section "before-connect", but for the verification."""
    policy = AccountPolicy(registration_email_required=is_email_required, registration_custom_name=False)
    values = "before-connect,email-required" if is_email_required else "before-connect"
    listed = play(
        """
        C: CAP LS 302
        S: CAP * LS * :<listed>
        ...
        C: NICK tester
        C: USER tester * * :Tester
        C: CAP REQ :draft/account-registration
        S: CAP tester ACK draft/account-registration
        C: REGISTER * tester@example.org hunter22
        S: REGISTER SUCCESS tester :Account successfully registered
        S: 900 tester tester!tester@host tester :You are now logged in as tester
        C: CAP END
        S: 001 tester :Welcome to the IRC network
        ...
        """,
        server(policy=policy).connect("host"),
    )
    assert f"draft/account-registration={values}" in listed["listed"].split(" ")


def test_without_email() -> None:
    """Section "With no email or verification"."""
    play(
        """
        C: REGISTER * * hunter22
        S: REGISTER SUCCESS tester :Account successfully registered
        S: 900 tester tester!user@host tester :You are now logged in as tester
        """,
        person(server(), "tester!user@host", CAP),
    )


@pytest.mark.parametrize(
    ("policy", "line", "answer"),
    [
        ({}, "REGISTER taken * hunter22", "ACCOUNT_EXISTS taken"),
        ({}, "REGISTER #name * hunter22", "BAD_ACCOUNT_NAME #name"),
        ({"registration_custom_name": False}, "REGISTER other * hunter22", "ACCOUNT_NAME_MUST_BE_NICK other"),
        ({}, "REGISTER * * x", "WEAK_PASSWORD tester"),
        ({}, f"REGISTER * * {'x' * 301}", "UNACCEPTABLE_PASSWORD tester"),
        ({"registration_email_required": True}, "REGISTER * * hunter22", "INVALID_EMAIL tester"),
        ({"registration": False}, "REGISTER * * hunter22", "TEMPORARILY_UNAVAILABLE tester"),
    ],
)
def test_refusals(policy: dict[str, bool], line: str, answer: str) -> None:
    """Section "Responses"."""
    chat = server(policy=AccountPolicy(**policy))  # type: ignore[arg-type]
    chat.account("taken", "password")
    play(
        f"""
        C: {line}
        S: FAIL REGISTER {answer} :why
        """,
        person(chat, "tester!user@host", "draft/pre-away"),
    )


def test_refusal_without_a_name() -> None:
    """Section "Responses"."""
    play(
        """
        C: REGISTER * * hunter22
        S: FAIL REGISTER NEED_NICK * :why
        """,
        server().connect(),
    )


def test_refusal_of_who_has_an_account() -> None:
    """Section "Responses"."""
    play(
        """
        C: REGISTER other * hunter22
        S: FAIL REGISTER ALREADY_AUTHENTICATED tester :why
        """,
        person(server(), "tester!user@host", account="tester"),
    )
