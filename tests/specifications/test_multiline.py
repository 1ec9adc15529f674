"""https://ircv3.net/specs/extensions/multiline and https://ircv3.net/specs/extensions/client-batch

Not here: TIMEOUT, as a batch may stay open as long as its connection.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server
from triochat.domain.limits import Limits

CAPS = "draft/multiline batch message-tags"


@pytest.fixture
def client() -> Person:
    """In #channel."""
    chat = server(limits=Limits(multiline_max_bytes=40, multiline_max_lines=5))
    client = person(chat, "n!u@h", CAPS, account="account")
    client.types("JOIN #channel")
    return client


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
def test_message_of_several_lines(client: Person, command: str) -> None:
    """Section "Examples", the first."""
    others = {
        "new": person(client.chat, "new!user@host", f"{CAPS} account-tag"),
        "old": person(client.chat, "old!user@host", "message-tags account-tag"),
    }
    for other in others.values():
        other.types("JOIN #channel")
    play(
        """
        C: BATCH +123 draft/multiline #channel
        C: @batch=123 PRIVMSG #channel hello
        C: @batch=123 PRIVMSG #channel :
        C: @batch=123 privmsg #channel :how is<SPACE>
        C: @batch=123;draft/multiline-concat PRIVMSG #channel :everyone?
        C: BATCH -123
        S new: @msgid=<id>;account=account :n!u@h BATCH +<ref> draft/multiline #channel
        S new: @batch=<ref> :n!u@h PRIVMSG #channel hello
        S new: @batch=<ref> :n!u@h PRIVMSG #channel :
        S new: @batch=<ref> :n!u@h PRIVMSG #channel :how is<SPACE>
        S new: @batch=<ref>;draft/multiline-concat :n!u@h PRIVMSG #channel :everyone?
        S new: BATCH -<ref>
        S old: @msgid=<id>;account=account :n!u@h PRIVMSG #channel hello
        S old: @account=account :n!u@h PRIVMSG #channel :how is<SPACE>
        S old: @account=account :n!u@h PRIVMSG #channel :everyone?
        """.replace("PRIVMSG", command).replace("privmsg", command.lower()),
        client,
        **others,
    )


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["@batch=456 PRIVMSG #bar hello"], "MULTILINE_INVALID_TARGET #channel #bar"),
        (["@batch=456 PRIVMSG #channel :this is too long for the bytes that there are"], "MULTILINE_MAX_BYTES 40"),
        (["@batch=456 PRIVMSG #channel hello"] * 6, "MULTILINE_MAX_LINES 5"),
        (
            ["@batch=456 PRIVMSG #channel :hello<SPACE>", "@batch=456;draft/multiline-concat PRIVMSG #channel :"],
            "MULTILINE_INVALID",
        ),
        (["@batch=456 PRIVMSG #channel :"] * 2, "MULTILINE_INVALID"),
        (
            [
                "@batch=456 PRIVMSG #channel :this starts with a PRIVMSG",
                "@batch=456 NOTICE #channel :but ends with a NOTICE",
            ],
            "MULTILINE_INVALID",
        ),
        (["@batch=456 JOIN #bar"], "MULTILINE_INVALID"),
    ],
)
def test_invalid_batch_is_answered_once_and_not_sent(client: Person, lines: list[str], answer: str) -> None:
    """Section "Examples", all others."""
    other = person(client.chat, "other!user@host")
    other.types("JOIN #channel")
    said = "\n".join(f"C: {line}" for line in lines)
    play(
        f"""
        C: BATCH +456 draft/multiline #channel
        {said}
        C: BATCH -456
        S: :irc.example.com FAIL BATCH {answer} :Invalid multiline batch
        """,
        client,
        other=other,
    )


def test_batch_that_cannot_be_opened(client: Person) -> None:
    """client-batch, section "Errors"."""
    play(
        """
        C: BATCH +re_f draft/multiline #channel
        S: FAIL BATCH INVALID_REFTAG re_f :why
        C: @batch=re_f PRIVMSG #channel :ignored
        C: BATCH -re_f
        C: BATCH +ref example.com/foo
        S: FAIL BATCH UNKNOWN_TYPE ref example.com/foo :why
        C: @batch=ref PRIVMSG #channel :ignored
        C: BATCH -ref
        """,
        client,
    )


def test_limits_are_announced(client: Person) -> None:
    """Section "Capabilities"."""
    assert " draft/multiline=max-bytes=40,max-lines=5 " in " ".join(client.types("CAP LS 302"))


def test_only_the_start_has_the_label(client: Person) -> None:
    """Section "Labeled response with echo-message"."""
    client.types("CAP REQ :labeled-response echo-message")
    play(
        """
        C: @label=abc BATCH +123 draft/multiline #channel
        C: @batch=123 PRIVMSG #channel hello
        C: @batch=123 PRIVMSG #channel there
        C: BATCH -123
        S: @label=abc;msgid=<id> :n!u@h BATCH +<ref> draft/multiline #channel
        S: @batch=<ref> :n!u@h PRIVMSG #channel hello
        S: @batch=<ref> :n!u@h PRIVMSG #channel there
        S: BATCH -<ref>
        """,
        client,
    )
