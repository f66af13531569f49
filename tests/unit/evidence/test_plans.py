"""There is one plan, and it has room for a gigabyte."""

from maturity.plans import FREE, GIGABYTE, Usage


def test_everybody_has_a_gigabyte_for_evidence() -> None:
    assert FREE.evidence_bytes == GIGABYTE


def test_the_last_byte_fits_and_the_next_does_not() -> None:
    usage = Usage(GIGABYTE - 1, FREE.evidence_bytes)
    assert usage.has_room_for(1)
    assert not usage.has_room_for(2)


def test_who_is_over_the_limit_already_gets_no_room() -> None:
    assert not Usage(2 * GIGABYTE, GIGABYTE).has_room_for(1)
    assert Usage(2 * GIGABYTE, GIGABYTE).percent == 100
