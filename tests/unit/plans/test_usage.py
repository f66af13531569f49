"""How much of a limit is used, and what still fits."""

from maturity.plans.usage import GIGABYTE, Usage


def test_the_last_byte_fits_and_the_next_does_not() -> None:
    usage = Usage(GIGABYTE - 1, GIGABYTE)
    assert usage.has_room_for(1)
    assert not usage.has_room_for(2)


def test_who_is_over_the_limit_already_gets_no_room() -> None:
    usage = Usage(2 * GIGABYTE, GIGABYTE)
    assert (usage.has_room_for(1), usage.percent, usage.is_over) == (False, 100, True)


def test_a_limit_of_nothing_is_full() -> None:
    assert (Usage(0, 0).percent, Usage(0, 0).is_over) == (100, False)


def test_without_a_limit_everything_fits() -> None:
    usage = Usage(10**12, None)
    assert (usage.has_room_for(10**12), usage.percent, usage.is_over) == (True, 0, False)
