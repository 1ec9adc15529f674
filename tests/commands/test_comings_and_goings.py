"""People who come, say anything at all, vanish and come back, in any order: what each client believes is so."""

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

from commands.checks import well_formed
from commands.harness import Person
from commands.onlooker import Onlooker
from commands.repertoire import ACCOUNTS, ANYTHING, CAPS, DEEDS, PEOPLE, PLAUSIBLE, SASL, deed, end, people, server
from commands.soundness import deserted, sound
from fuzz.pieces import unsafe

_MOST = 8
"""Connections at a time."""


class ComingsAndGoings(RuleBasedStateMachine):
    """A server whose journal commits at its own times, and everybody's view of it."""

    connections = Bundle("connections")

    def __init__(self) -> None:
        super().__init__()
        self.chat = server(held=True)
        self.views: dict[Person, Onlooker] = {}
        self.waiting = False

    def _spoken(self) -> None:
        self.waiting = True

    @initialize(target=connections, caps=st.lists(CAPS, min_size=3, max_size=3))
    def some_are_here(self, caps: list[str]) -> MultipleResults[Person]:
        present = [self.comes_in(name, cap) for name, cap in zip(PEOPLE, caps, strict=False)]
        return multiple(*present, self.comes_by_nc(PEOPLE[3]))

    def is_crowded(self) -> bool:
        return sum(person.client.closing is None for person in self.chat.people) >= _MOST

    @rule(target=connections, caps=CAPS)
    @precondition(lambda self: not self.is_crowded())
    def connects(self, caps: str) -> Person:
        person = self.chat.connect()
        self.views[person] = Onlooker(self.chat.world.names)
        if caps:
            person.sends(f"CAP REQ :{caps}", "CAP END")
        self._spoken()
        return person

    @rule(target=connections, name=people, caps=CAPS)
    @precondition(lambda self: not self.is_crowded())
    def comes_in(self, name: str, caps: str) -> Person:
        person = self.connects(caps)
        if name in ACCOUNTS:
            person.sends(f"PASS {name}:sesame")
        person.sends(f"NICK {name}", f"USER {name.lower()} 0 * :{name}", "JOIN #a")
        return person

    @rule(target=connections, name=people)
    @precondition(lambda self: not self.is_crowded())
    def comes_by_nc(self, name: str) -> Person:
        person = self.chat.line_connect()
        person.sends(name)
        self._spoken()
        return person

    @rule(person=connections, line=SASL)
    def authenticates(self, person: Person, line: str) -> None:
        person.sends(line)
        self._spoken()

    @rule(person=connections, name=people)
    def registers(self, person: Person, name: str) -> None:
        person.sends(f"NICK {name}", f"USER {name.lower()} 0 * :{name}")
        self._spoken()

    @rule(person=connections, lines=st.lists(PLAUSIBLE, min_size=1, max_size=6))
    def says(self, person: Person, lines: list[str]) -> None:
        person.sends(*lines)
        self._spoken()

    @rule(text=st.sampled_from(DEEDS), choice=st.integers(0, 99))
    def operator_acts(self, text: str, choice: int) -> None:
        if (found := deed(text, choice, self.chat.people)) is not None:
            person, line = found
            person.sends(line)
            self._spoken()

    @rule(person=connections, line=ANYTHING)
    def says_anything(self, person: Person, line: str) -> None:
        person.sends(line)
        self._spoken()

    @rule(person=consumes(connections))
    def vanishes(self, person: Person) -> None:
        end(person)
        self._spoken()

    @rule(hours=st.sampled_from([0.02, 25.0]))
    def time_passes(self, hours: float) -> None:
        self.chat.clock += hours * 3600

    @rule()
    def is_committed(self) -> None:
        self.chat.deliver()
        self.waiting = False

    @invariant()
    def nothing_malformed_is_sent_and_views_are_true(self) -> None:
        for person in self.chat.people:
            if not person.client.speaks_irc:
                assert not any(unsafe(line) for line in person.sees())
                continue
            view = self.views[person]
            view.hears(well_formed(person.sees_bytes()))
            if not self.waiting and person.client.closing is None and person.session.user is not None:
                assert view.nick == self.chat.world.fold(person.user.nick)
                view.agrees_with(self.chat.world)
        if not self.waiting:
            sound(self.chat)

    def teardown(self) -> None:
        for person in self.chat.people:
            end(person)
        self.chat.deliver()
        deserted(self.chat)


TestComingsAndGoings = ComingsAndGoings.TestCase
TestComingsAndGoings.settings = settings(max_examples=2 * settings().max_examples, stateful_step_count=50)
