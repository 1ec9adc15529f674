"""Rooms that belong to somebody (+q), and modes of rooms beyond the usual: +f, +u, +U, +C."""

import pytest

from commands.harness import Chat, Person, at_once, numerics
from triochat.domain import keeping
from triochat.domain.limits import Limits
from triochat.domain.names import Names
from triochat.domain.world import World

ANN = ":Ann!u@192.0.2.1"
BOB = ":Bob!u@192.0.2.1"


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Ann, who is logged in and has opened #a, and Bob, a guest in it."""
    chat = Chat()
    ann, bob = chat.user("Ann", account="Ann"), chat.user("Bob")
    ann.types("JOIN #a")
    bob.types("JOIN #a")
    ann.sees(), bob.sees()
    return ann, bob


def after_restart(chat: Chat) -> World:
    """What the records of *chat* are to a server that starts."""
    world = World(Limits(), Names())
    for value in chat.journal.store.records(keeping.KIND).values():
        keeping.restore(world, value)
    return world


# -- founders --


def test_who_opened_a_room_and_is_logged_in_may_own_it(people: tuple[Person, Person]) -> None:
    ann, bob = people
    assert ann.types("MODE #a +q Ann") == [f"{ANN} MODE #a +q Ann"]
    assert bob.sees() == [f"{ANN} MODE #a +q Ann"]
    assert ann.types("NAMES #a")[0] == ":irc.test 353 Ann = #a :~Ann Bob"


def test_who_is_not_logged_in_owns_nothing(people: tuple[Person, Person]) -> None:
    ann, bob = people
    assert ann.types("MODE #a +q Bob") == [":irc.test 477 Ann #a :Bob is not logged in and can own no room"]
    assert (
        bob.types("JOIN #b", "MODE #b +q Bob")[-1] == ":irc.test 477 Bob #b :Bob is not logged in and can own no room"
    )


def test_founders_are_made_and_unmade_by_founders(people: tuple[Person, Person]) -> None:
    ann, _ = people
    carol = ann.chat.user("Carol", account="Carol")
    carol.types("JOIN #a")
    ann.types("MODE #a +q Ann", "MODE #a +o Carol")
    carol.sees()
    assert carol.types("MODE #a +q Carol") == [":irc.test 482 Carol #a :You're not channel operator"]
    assert carol.types("MODE #a -q Ann") == [":irc.test 482 Carol #a :You're not channel operator"]
    ann.types("MODE #a +q Carol")
    carol.sees()
    assert carol.types("MODE #a -q Ann") == [":Carol!u@192.0.2.1 MODE #a -q Ann"]
    assert list(ann.chat.world.rooms["#a"].founders) == ["carol"]


def test_operators_cannot_put_a_founder_out(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "MODE #a +h Bob")
    bob.sees()
    assert numerics(bob.types("KICK #a Ann")) == ["482"]
    assert numerics(bob.types("MODE #a -o Ann")) == ["482"]


def test_room_waits_for_its_founder(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "MODE #a +i", "TOPIC #a :ours", "PRIVMSG #a :said", "PART #a")
    bob.types("PART #a")
    chat = ann.chat
    assert "#a" in chat.world.rooms
    assert numerics(bob.types("JOIN #a"))[-1] == "473"
    assert ":irc.test 322" not in " ".join(bob.types("LIST"))
    seen = ann.types("JOIN #a")
    assert seen[1] == ":irc.test 332 Ann #a :ours"
    assert seen[3] == ":irc.test 353 Ann = #a :~Ann"


def test_guests_who_come_into_a_waiting_room_do_not_get_it(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "PART #a")
    bob.types("PART #a")
    assert ":irc.test 353 Bob = #a :Bob" in bob.types("JOIN #a")


def test_founder_is_known_by_the_account_and_not_by_the_name(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("MODE #a +q Ann", "MODE #a +b *!*@*", "QUIT")
    again = ann.chat.user("other", account="Ann")
    assert again.types("JOIN #a")[-2].endswith(" :Bob ~other")


def test_founder_who_logs_in_inside_gets_the_rank_back(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "QUIT")
    guest = ann.chat.user("guest")
    guest.types("JOIN #a")
    bob.sees()
    guest.types("ACCOUNT LOGIN Ann sesame")
    assert bob.sees() == [":irc.test MODE #a +q guest"]


def test_who_logs_out_keeps_the_room_for_the_account(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "ACCOUNT LOGOUT")
    assert list(ann.chat.world.rooms["#a"].founders) == ["ann"]
    ann.types("QUIT")
    bob.types("PART #a")
    assert "#a" in ann.chat.world.rooms


def test_room_without_founders_ends_when_it_is_empty(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "MODE #a -q Ann", "PART #a")
    bob.types("PART #a")
    assert "#a" not in ann.chat.world.rooms
    assert "#a" not in after_restart(ann.chat).rooms


def test_an_account_owns_so_many_rooms_only() -> None:
    chat = Chat(limits=Limits(rooms_founded=2))
    ann = chat.user("Ann", account="Ann")
    ann.types("JOIN #a,#b,#c", "MODE #a +q Ann", "MODE #b +q Ann")
    assert ann.types("MODE #c +q Ann") == [":irc.test 477 Ann #c :Ann owns too many rooms already"]
    ann.types("MODE #a -q Ann")
    assert ann.types("MODE #c +q Ann") == [f"{ANN} MODE #c +q Ann"]


def test_everything_about_a_room_survives_a_restart(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("JOIN #other", "MODE #a +q Ann", "TOPIC #a :two  words", "MODE #a +stklf key 7 #other")
    ann.types("MODE #a +bb a:Bea m:Cat!*@*", "MODE #a +e Dan!*@*", "MODE #a +I Eve!*@*", "MODE #a -n")
    before, after = ann.chat.world.rooms["#a"], after_restart(ann.chat).rooms["#a"]
    for what in ("name", "created", "history_from", "topic", "flags", "key", "limit", "forward", "lists", "founders"):
        assert getattr(after, what) == getattr(before, what), what
    assert after.members == {}
    assert after.limit == 7 and after.founders == {"ann": "Ann"} and len(after.lists["b"]) == 2


def test_rooms_that_ended_are_not_there_after_a_restart(people: tuple[Person, Person]) -> None:
    ann, bob = people
    bob.types("JOIN #b", "JOIN #c", "JOIN #d")
    ann.types("JOIN #d")
    assert set(after_restart(ann.chat).rooms) == {"#a", "#b", "#c", "#d"}
    bob.types("PART #b", "QUIT")
    assert set(after_restart(ann.chat).rooms) == {"#a", "#d"}
    ann.types("KICK #a Ann", "JOIN 0")
    assert after_restart(ann.chat).rooms == {}


def test_first_to_come_after_a_restart_tends_a_room_that_nobody_owns(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("MODE #a +i")
    chat = Chat()
    for value in ann.chat.journal.store.records(keeping.KIND).values():
        keeping.restore(chat.world, value)
    assert chat.user("Dan").types("JOIN #a")[-2].endswith(" :@Dan")
    assert numerics(chat.user("Eve").types("JOIN #a")) == ["473"]


@pytest.mark.parametrize("closed", [True, False])
def test_first_to_come_after_a_restart_reads_nothing_from_behind_a_closed_door(closed: bool) -> None:
    chat = Chat()
    chat.user("Ann").types("JOIN #a", f"MODE #a {'+' if closed else '-'}i", "PRIVMSG #a :among us")
    again = Chat()
    again.journal = again.server.journal = chat.journal
    chat.journal._fan_out = again.fan_out
    for value in chat.journal.store.records(keeping.KIND).values():
        keeping.restore(again.world, value)
    dan = again.user("Dan", "draft/chathistory")
    dan.types("JOIN #a")
    assert ("among us" in " ".join(dan.types("CHATHISTORY LATEST #a * 10"))) == (not closed)
    again.deliver()
    assert after_restart(again).rooms["#a"].history_from == again.world.rooms["#a"].history_from


def test_account_that_is_removed_owns_nothing(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +q Ann", "PART #a")
    bob.types("PART #a")
    at_once(ann.chat.server.registrar.remove("Ann"))
    assert [room.name for room in ann.chat.world.disown("Ann")] == ["#a"]
    assert "#a" not in ann.chat.world.rooms


# -- forward --


def test_who_may_not_enter_is_led_elsewhere(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("JOIN #b", "MODE #a +if #b")
    carol = ann.chat.user("Carol")
    seen = carol.types("JOIN #A")
    assert seen[:2] == [
        ":irc.test 470 Carol #A #b :Forwarding to another room",
        ":Carol!u@192.0.2.1 JOIN #b",
    ]
    assert [room.name for room in carol.user.rooms] == ["#b"]


def test_forward_is_one_step_and_may_be_refused_too(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("JOIN #b,#c", "MODE #b +if #c", "MODE #a +if #b", "MODE #c +f #a")
    carol = ann.chat.user("Carol")
    assert numerics(carol.types("JOIN #a")) == ["470", "473"]
    assert carol.user.rooms == {}


@pytest.mark.parametrize(
    ("room", "code"), [("#none", "696"), ("#a", "696"), ("#secret", "696"), ("#bobs", "482"), ("nonsense", "696")]
)
def test_room_to_lead_to_must_be_ones_own(people: tuple[Person, Person], room: str, code: str) -> None:
    ann, bob = people
    bob.types("JOIN #secret,#bobs", "MODE #secret +s")
    assert numerics(ann.types(f"MODE #a +f {room}")) == [code]


def test_forward_to_a_room_that_is_gone_is_a_plain_refusal(people: tuple[Person, Person]) -> None:
    ann, _ = people
    ann.types("JOIN #b", "MODE #a +if #b", "PART #b")
    assert numerics(ann.chat.user("Carol").types("JOIN #a")) == ["473"]
    assert ann.types("MODE #a -f") == [f"{ANN} MODE #a -f"]


def test_forward_does_not_tell_of_a_secret_room(people: tuple[Person, Person]) -> None:
    """Of one that became secret after it was set."""
    ann, _ = people
    ann.types("JOIN #b", "MODE #a +if #b", "MODE #b +si")
    assert "#b" not in " ".join(ann.chat.user("Carol").types("JOIN #a"))


# -- auditorium --


@pytest.fixture
def hall() -> tuple[Person, Person, Person]:
    """Op, operator of the auditorium #hall, Voice, who has voice, and Ear, a plain member."""
    chat = Chat()
    op, voice, ear = chat.user("Op"), chat.user("Voice"), chat.user("Ear")
    op.types("JOIN #hall", "MODE #hall +u")
    voice.types("JOIN #hall")
    op.types("MODE #hall +v Voice")
    ear.types("JOIN #hall")
    for person in (op, voice, ear):
        person.sees()
    return op, voice, ear


def test_plain_members_are_seen_by_operators_only(hall: tuple[Person, Person, Person]) -> None:
    op, voice, _ = hall
    assert op.types("NAMES #hall")[0].endswith(" :@Op +Voice Ear")
    assert voice.types("NAMES #hall")[0].endswith(" :@Op +Voice")
    assert [line.split(" ")[7] for line in voice.types("WHO #hall")[:-1]] == ["Op", "Voice"]
    assert "319" not in numerics(voice.types("WHOIS Ear"))
    outsider = op.chat.user("Out")
    assert outsider.types("NAMES #hall")[0].endswith(" :@Op +Voice")


def test_their_coming_and_going_is_seen_by_operators_only(hall: tuple[Person, Person, Person]) -> None:
    op, voice, ear = hall
    new = op.chat.user("New")
    assert new.types("JOIN #hall")[0] == ":New!u@192.0.2.1 JOIN #hall"
    new.types("NICK Newer", "PART #hall :bye")
    ear.types("QUIT :home")
    assert op.sees() == [
        ":New!u@192.0.2.1 JOIN #hall",
        ":New!u@192.0.2.1 NICK Newer",
        ":Newer!u@192.0.2.1 PART #hall :bye",
        ":Ear!u@192.0.2.1 QUIT :Quit: home",
    ]
    assert voice.sees() == []


def test_auditorium_whose_last_member_leaves_unseen_is_not_there_after_a_restart(
    hall: tuple[Person, Person, Person],
) -> None:
    for person in hall:
        person.types("PART #hall")
    assert after_restart(hall[0].chat).rooms == {}


def test_what_plain_members_say_is_heard_by_all(hall: tuple[Person, Person, Person]) -> None:
    op, voice, ear = hall
    ear.types("PRIVMSG #hall :hello")
    assert op.sees() == voice.sees() == [":Ear!u@192.0.2.1 PRIVMSG #hall :hello"]


def test_who_is_given_voice_appears_and_who_loses_it_is_hidden(hall: tuple[Person, Person, Person]) -> None:
    op, voice, _ = hall
    op.types("MODE #hall +v Ear")
    assert voice.types("NAMES #hall")[-2].endswith(" :@Op +Voice +Ear")
    op.types("MODE #hall -v Ear")
    assert voice.types("NAMES #hall")[-2].endswith(" :@Op +Voice")


# -- who hears what --


def test_members_without_voice_are_heard_by_operators_only() -> None:
    chat = Chat()
    op, half, one, other = chat.user("Op"), chat.user("Half"), chat.user("One", "echo-message"), chat.user("Other")
    for person in (op, half, one, other):
        person.types("JOIN #a")
    op.types("MODE #a +Uh Half")
    for person in (op, half, one, other):
        person.sees()
    said = ":One!u@192.0.2.1 PRIVMSG #a :question?"
    assert one.types("PRIVMSG #a :question?") == [said]
    assert op.sees() == half.sees() == [said]
    assert other.sees() == []
    op.types("PRIVMSG #a :answer")
    assert other.sees() == [":Op!u@192.0.2.1 PRIVMSG #a :answer"]
    reader = chat.user("Reader", "draft/chathistory")
    reader.types("JOIN #a")
    assert "question" not in " ".join(reader.types("CHATHISTORY LATEST #a * 10"))


def test_no_ctcp_but_actions_in_the_room(people: tuple[Person, Person]) -> None:
    ann, bob = people
    ann.types("MODE #a +C")
    bob.sees()
    assert bob.types("PRIVMSG #a :\x01VERSION\x01") == [":irc.test 404 Bob #a :No CTCP messages in this room"]
    assert bob.types("NOTICE #a :\x01VERSION\x01") == []
    assert bob.types("PRIVMSG #a :\x01ACTION waves\x01", "PRIVMSG #a :text") == []
    assert len(ann.sees()) == 2
