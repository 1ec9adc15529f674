"""What typed lines mean."""

import pytest

from triochat.client import slash


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("hello /msg", slash.Say("hello /msg")),
        ("//bin is a directory", slash.Say("/bin is a directory")),
        ("/me waves", slash.Act("waves")),
        ("/msg Alice how are you?", slash.Whisper("Alice", "how are you?")),
        ("/MSG Alice hi", slash.Whisper("Alice", "hi")),
        ("/users", slash.ShowPeople(None)),
        ("/who dev", slash.ShowPeople("#dev")),
        ("/rooms", slash.ShowRooms()),
        ("/join dev", slash.Join("#dev", "")),
        ("/join #dev secret", slash.Join("#dev", "secret")),
        ("/leave", slash.Leave(None, "")),
        ("/part #dev bye all", slash.Leave("#dev", "bye all")),
        ("/leave for lunch", slash.Leave(None, "for lunch")),
        ("/nick Robert", slash.Rename("Robert")),
        ("/name Robert", slash.Rename("Robert")),
        ("/topic", slash.Topic(None)),
        ("/topic all about it", slash.Topic("all about it")),
        ("/quit", slash.Quit("")),
        ("/exit so long", slash.Quit("so long")),
        ("/q", slash.Quit("")),
        ("/help", slash.ShowHelp()),
        ("/search tea cake", slash.Search("tea cake", "", "")),
        ("/search from:Ann tea in:dev", slash.Search("tea", "#dev", "Ann")),
        ("/search FROM:Ann", slash.Search("", "", "Ann")),
        ("/search in: at 10:30", slash.Search("in: at 10:30", "", "")),
    ],
)
def test_a_line_is_read_as_meant(line: str, intent: slash.Intent) -> None:
    assert slash.parse(line) == intent


@pytest.mark.parametrize(
    "line", ["/msg", "/msg Alice", "/join", "/join a,b", "/nick", "/me", "/search", "/search in:dev"]
)
def test_an_incomplete_command_shows_its_usage(line: str) -> None:
    intent = slash.parse(line)
    assert isinstance(intent, slash.Wrong)
    assert intent.text.startswith("Usage: /")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/jion dev", "No command /jion. Did you mean /join?"),
        ("/hel", "No command /hel. Did you mean /help?"),
        ("/xyzzy", "No command /xyzzy. /help lists what there is."),
        ("/nick a b", "'a b' cannot be a name: spaces, commas and the signs # & : ! @ * ? have other uses."),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(line: str, sentence: str) -> None:
    assert slash.parse(line) == slash.Wrong(sentence)


def test_help_fits_one_screen_beside_the_prompt_and_the_status_line() -> None:
    lines = slash.help_lines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    assert all(any(name in line for line in lines) for name in slash.command_names())
