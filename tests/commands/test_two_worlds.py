"""A secret room does not exist for those outside it, whatever they do and whatever is done inside."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from commands.harness import Person
from commands.repertoire import ACCOUNTS, ANYTHING, CAPS, DEEDS, PEOPLE, PLAUSIBLE, SASL, deed, end, people, server
from triochat.proto.caps import NAMES
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import parse_received

Pair = tuple[Person, Person]

INSIDE = (
    "PRIVMSG {} :psst",
    "@+x=1 TAGMSG {}",
    "TOPIC {} :plans",
    "MODE {} +b a!*@*",
    "MODE {} +v Vole",
    "MODE {} +i",
    "MODE {} -i",
    "MODE {} +k key",
    "MODE {} +u",
    "MODE {} -u",
    "METADATA {} SET url :x",
    "KICK {} Vole",
    "CHANSERV REGISTER {}",
    "CHATHISTORY LATEST {} * 5",
)
ASKING = (
    "NAMES {}",
    "WHO {}",
    "LIST",
    "WHOIS Mole",
    "WHOIS Vole",
    "WHO *",
    "MODE {}",
    "MODE {} +b",
    "TOPIC {}",
    "TOPIC {} :x",
    "PART {}",
    "KICK {} Mole",
    "PRIVMSG {} :x",
    "NOTICE @{} :x",
    "@label=1 TAGMSG {}",
    "INVITE Mole {}",
    "INVITE Cid {}",
    "CHATHISTORY LATEST {} * 5",
    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9",
    "SEARCH in={}",
    "SEARCH text=psst",
    "MARKREAD {}",
    "METADATA {} LIST",
    "METADATA {} SYNC",
    "REDACT {} m40",
    "CHANSERV REGISTER {}",
    "RELAYMSG {} a/b :x",
    "LUSERS",
    "MONITOR + Mole,Vole",
    "WHOWAS Vole",
    "MODE #a +f {}",
    "BATCH +1 draft/multiline {}",
)
SECRETS = ("#den", "#hole")
"""What the room is called, at times."""
_MOST = 6
"""Connections of strangers at a time."""


class TwoWorlds(RuleBasedStateMachine):
    """The same people do the same in two worlds. In one of them Mole and Vole sit in a secret room besides, and do
    there what they like. Nobody else ever sees a difference."""

    strangers = Bundle("strangers")

    def __init__(self) -> None:
        super().__init__()
        self.worlds = server(), server()
        self.pairs: list[Pair] = []
        self.room = SECRETS[0]
        insiders = [
            (chat.user("Mole", " ".join(NAMES), account="Mole"), chat.user("Vole", username="v"))
            for chat in self.worlds
        ]
        self.mole, self.vole = insiders[0]
        self.inside(f"JOIN {self.room}", f"MODE {self.room} +s")

    def inside(self, *lines: str) -> None:
        """Mole does this in the one world."""
        if self.mole.client.closing is None:
            self.mole.sends(*lines)
            self.level()

    def level(self) -> None:
        """Ids of messages and batches are counted over the whole server; they tell how much happens, not where."""
        seq = max(chat.journal.next_seq for chat in self.worlds)
        batches = max(chat.server.batches for chat in self.worlds)
        for chat in self.worlds:
            chat.journal.skip_to(seq)
            chat.server.batches = batches

    # -- inside --

    @rule(line=st.sampled_from(INSIDE))
    def mole_acts(self, line: str) -> None:
        self.inside(line.format(self.room))

    @rule()
    def vole_goes_in_or_out(self) -> None:
        if self.vole.client.closing is not None or self.mole.client.closing is not None:
            return
        if any(room.name == self.room for room in self.vole.user.rooms):
            self.vole.sends(f"PART {self.room} :bye")
        else:
            self.inside(f"INVITE Vole {self.room}")
            self.vole.sends(f"JOIN {self.room}")
        self.level()

    @rule(name=st.sampled_from(SECRETS))
    def mole_renames(self, name: str) -> None:
        if name == self.room or self.mole.client.closing is not None:
            return
        for chat in self.worlds:
            chat.clock += 61
        self.inside(f"RENAME {self.room} {name}")
        assert name in {room.name for room in self.mole.user.rooms}
        self.room = name

    # -- outside --

    def everywhere(self, pair: Pair, *lines: str) -> None:
        for person in pair:
            person.sends(*lines)
        self.level()

    @initialize(target=strangers, caps=st.lists(CAPS, min_size=2, max_size=2))
    def some_are_here(self, caps: list[str]) -> MultipleResults[Pair]:
        return multiple(*(self.comes_in(name, cap) for name, cap in zip(PEOPLE, caps, strict=False)))

    def is_crowded(self) -> bool:
        return sum(person.client.closing is None for person, _ in self.pairs) >= _MOST

    @rule(target=strangers, caps=CAPS)
    @precondition(lambda self: not self.is_crowded())
    def connects(self, caps: str) -> Pair:
        pair = self.worlds[0].connect(), self.worlds[1].connect()
        self.pairs.append(pair)
        if caps:
            self.everywhere(pair, f"CAP REQ :{caps}", "CAP END")
        return pair

    @rule(target=strangers, name=people, caps=CAPS)
    @precondition(lambda self: not self.is_crowded())
    def comes_in(self, name: str, caps: str) -> Pair:
        pair = self.connects(caps)
        known = [f"PASS {name}:sesame"] if name in ACCOUNTS else []
        self.everywhere(pair, *known, f"NICK {name}", f"USER {name.lower()} 0 * :{name}", "JOIN #a")
        return pair

    @rule(target=strangers, name=people)
    @precondition(lambda self: not self.is_crowded())
    def comes_by_nc(self, name: str) -> Pair:
        pair = self.worlds[0].line_connect(), self.worlds[1].line_connect()
        self.pairs.append(pair)
        self.everywhere(pair, name)
        return pair

    @rule(pair=strangers, lines=st.lists(SASL | PLAUSIBLE, min_size=1, max_size=6))
    def say(self, pair: Pair, lines: list[str]) -> None:
        self.everywhere(pair, *lines)

    @rule(text=st.sampled_from(DEEDS), choice=st.integers(0, 99))
    def an_operator_acts(self, text: str, choice: int) -> None:
        if (found := deed(text, choice, [person for person, _ in self.pairs])) is not None:
            person, line = found
            self.everywhere(next(pair for pair in self.pairs if pair[0] is person), line)

    @rule(pair=strangers, line=ANYTHING)
    def say_anything(self, pair: Pair, line: str) -> None:
        if not comes_upon_it(line):
            self.everywhere(pair, line)

    @rule(pair=strangers, command=st.sampled_from(ASKING), room=st.sampled_from([*SECRETS, "#DEN", "#den,#a"]))
    def asks(self, pair: Pair, command: str, room: str) -> None:
        self.everywhere(pair, command.format(room))

    @rule(pair=consumes(strangers))
    def vanishes(self, pair: Pair) -> None:
        for person in pair:
            end(person)
        self.level()

    @rule(hours=st.sampled_from([0.02, 25.0]))
    def time_passes(self, hours: float) -> None:
        for chat in self.worlds:
            chat.clock += hours * 3600

    @invariant()
    def no_difference_is_seen(self) -> None:
        for person, double in self.pairs:
            assert person.sees_bytes() == double.sees_bytes()


def comes_upon_it(line: str) -> bool:
    """True for what may open a room of that name, or find the name taken: then it is no secret any more."""
    try:
        message = parse_received(line.encode())
    except MalformedMessage:
        return False
    return message.command in ("JOIN", "RENAME") and any(name in line.lower() for name in SECRETS)


TestTwoWorlds = TwoWorlds.TestCase
TestTwoWorlds.settings = settings(max_examples=2 * settings().max_examples, stateful_step_count=50)
