"""Who follows a room, and how entries are written for them."""

from domain.people import Sink
from triochat.domain.audience import Audience, change_flavour


def groups(audience: Audience) -> dict[int, list[Sink]]:
    return {flavour: list(group) for flavour, group in audience.groups.items()}


def test_sinks_are_grouped_by_flavour_in_the_order_they_came() -> None:
    audience, a, b, c = Audience("#a"), Sink(), Sink(), Sink()
    b.flavour = 3
    for seq, sink in enumerate((a, b, c), 1):
        audience.add(sink, seq)
    assert groups(audience) == {0: [a, c], 3: [b]}
    assert len(audience) == 3
    assert a in audience and c.follows == {audience: 3}


def test_who_leaves_is_in_no_group_and_empty_groups_vanish() -> None:
    audience, a, b = Audience("#a"), Sink(), Sink()
    audience.add(a, 5)
    assert audience.remove(a) == 5
    assert audience.remove(a) is None
    assert audience.remove(b) is None
    assert groups(audience) == {} and a not in audience and len(audience) == 0


def test_changed_flavour_moves_a_sink_in_all_its_audiences_and_keeps_its_beginning() -> None:
    one, two, a, b = Audience("#a"), Audience("#b"), Sink(), Sink()
    one.add(a, 1)
    one.add(b, 2)
    two.add(a, 7)
    change_flavour(a, 4)
    assert a.flavour == 4
    assert groups(one) == {0: [b], 4: [a]}
    assert groups(two) == {4: [a]}
    assert a.follows == {one: 1, two: 7}


def test_same_flavour_keeps_the_place_in_the_group() -> None:
    audience, a, b = Audience("#a"), Sink(), Sink()
    audience.add(a, 1)
    audience.add(b, 2)
    change_flavour(a, 0)
    assert groups(audience) == {0: [a, b]}


def test_flavour_may_change_before_anything_is_followed() -> None:
    sink = Sink()
    change_flavour(sink, 9)
    assert sink.flavour == 9 and sink.follows == {}
