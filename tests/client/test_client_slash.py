"""What typed lines mean."""

import pytest

from triochat.client import intents, slash


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("hello /msg", intents.Say("hello /msg")),
        ("//bin is a directory", intents.Say("/bin is a directory")),
        ("/me waves", intents.Act("waves")),
        ("/msg Alice how are you?", intents.Whisper("Alice", "how are you?")),
        ("/MSG Alice hi", intents.Whisper("Alice", "hi")),
        ("/users", intents.ShowPeople(None)),
        ("/who dev", intents.ShowPeople("#dev")),
        ("/rooms", intents.ShowRooms()),
        ("/join dev", intents.Join("#dev", "")),
        ("/join #dev secret", intents.Join("#dev", "secret")),
        ("/leave", intents.Leave(None, "")),
        ("/part #dev bye all", intents.Leave("#dev", "bye all")),
        ("/leave for lunch", intents.Leave(None, "for lunch")),
        ("/nick Robert", intents.Rename("Robert")),
        ("/name Robert", intents.Rename("Robert")),
        ("/topic", intents.Topic(None)),
        ("/topic all about it", intents.Topic("all about it")),
        ("/quit", intents.Quit("")),
        ("/exit so long", intents.Quit("so long")),
        ("/q", intents.Quit("")),
        ("/help", intents.ShowHelp()),
        ("/search tea cake", intents.Search("tea cake", "", "")),
        ("/search from:Ann tea in:dev", intents.Search("tea", "#dev", "Ann")),
        ("/search FROM:Ann", intents.Search("", "", "Ann")),
        ("/search in: at 10:30", intents.Search("in: at 10:30", "", "")),
    ],
)
def test_a_line_is_read_as_meant(line: str, intent: intents.Intent) -> None:
    assert slash.parse(line) == intent


@pytest.mark.parametrize(
    "line",
    [
        "/msg",
        "/msg Alice",
        "/join",
        "/join a,b",
        "/nick",
        "/me",
        "/search",
        "/search in:dev",
        "/login",
        "/typing x",
        "/invite",
    ],
)
def test_an_incomplete_command_shows_its_usage(line: str) -> None:
    intent = slash.parse(line)
    assert isinstance(intent, intents.Wrong)
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
    assert slash.parse(line) == intents.Wrong(sentence)


def test_help_fits_one_screen_beside_the_prompt_and_the_status_line() -> None:
    lines = slash.help_lines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    assert all(any(name in line for line in lines) for name in slash.command_names())


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("/reply yes", intents.Reply("yes")),
        ("/edit new text", intents.Edit("new text")),
        ("/delete", intents.Delete()),
        ("/whois Ann", intents.Whois("Ann")),
        ("/invite Ann", intents.Invite("Ann", None)),
        ("/invite Ann dev", intents.Invite("Ann", "#dev")),
        ("/away", intents.Away("")),
        ("/away for tea", intents.Away("for tea")),
        ("/register open sesame", intents.Register("open sesame")),
        ("/login open sesame", intents.Login("open sesame", "")),
        ("/login open sesame as Ann", intents.Login("open sesame", "Ann")),
        ("/login as Ann", intents.Login("as Ann", "")),
        ("/history", intents.History()),
        ("/export a file.txt", intents.Export("a file.txt")),
        ("/ignore", intents.Ignore("")),
        ("/ignore Eve", intents.Ignore("Eve")),
        ("/mute", intents.Mute()),
        ("/typing", intents.TellTyping(None)),
        ("/typing OFF", intents.TellTyping(False)),
        ("/status", intents.ShowStatus()),
        ("/help /join", intents.ShowHelp("join")),
    ],
)
def test_more_lines_are_read_as_meant(line: str, intent: intents.Intent) -> None:
    assert slash.parse(line) == intent


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("/login x", True),
        ("  /LOGIN x", True),
        ("/register x", True),
        ("/msg NickServ IDENTIFY x", True),
        ("/msg Ann hi", False),
        ("login x", False),
        ("/log", False),
        ("/join #room key", True),
        ("/j #room  key", True),
        ("/join #room ", False),
    ],
)
def test_what_holds_a_password_is_known(line: str, secret: bool) -> None:
    assert slash.is_secret(line) is secret


@pytest.mark.parametrize(
    ("line", "to", "shown"),
    [
        ("identify x", "NickServ", "identify "),
        ("identify", "nickserv@services", "identify"),
        ("//identify x", "Q", "//identify "),
        ("/edit identify x", "NickServ", "/edit "),
        ("/join #room", "NickServ", None),
        ("identify x", "Ann", None),
        ("identify x", "", None),
        ("  /LOGIN x", "", "  /LOGIN "),
        ("/msg NickServ IDENTIFY x", "", "/msg "),
        ("/join #room key", "", "/join #room "),
    ],
)
def test_only_what_is_secret_is_hidden(line: str, to: str, shown: str | None) -> None:
    begins = slash.secret_from(line, to)
    assert (None if begins is None else line[:begins]) == shown


def test_help_about_a_command_has_its_other_names_and_more() -> None:
    assert slash.help_about("join") == (
        "/join ROOM [KEY] (also /j): Enter a room. Goes back to one that you are in already."
    )
    assert slash.help_about("jion") == "No command /jion. Did you mean /join?"
