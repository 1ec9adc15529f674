"""Capabilities are requested all or none."""

from hypothesis import given
from hypothesis import strategies as st

from triochat.proto.caps import NAMES, Cap, names_of, request

ALL = sum(NAMES.values())

sets = st.sets(st.sampled_from(sorted(NAMES)))


def cap_of(names: set[str]) -> int:
    return sum(NAMES[name] for name in names)


@given(sets, sets, sets)
def test_request_adds_and_removes_what_it_names(enabled: set[str], added: set[str], removed: set[str]) -> None:
    words = " ".join([*sorted(added), *(f"-{name}" for name in sorted(removed))])
    result = request(cap_of(enabled), words, ALL)
    assert result is not None
    assert set(names_of(result)) == (enabled | added) - removed


@given(sets, sets, st.sampled_from(["tls", "-tls", "BATCH", "-", "--batch", "batch=1"]))
def test_one_unknown_name_refuses_the_whole_request(enabled: set[str], wanted: set[str], unknown: str) -> None:
    assert request(cap_of(enabled), " ".join([*sorted(wanted), unknown]), ALL) is None


def test_asking_for_nothing_changes_nothing() -> None:
    assert request(Cap.BATCH, "", ALL) == request(Cap.BATCH, "  ", ALL) == Cap.BATCH


def test_every_capability_has_one_name() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
    assert all(bit.bit_count() == 1 for bit in NAMES.values())
    assert names_of(cap_of(set(NAMES))) == list(NAMES)
