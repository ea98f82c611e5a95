"""A code is used once: by the highest number so far, from west to east and then from north to south."""

from __future__ import annotations

import pytest

from gis.errors import Refused
from gis.plans.codes import numbered

VILLAGE = "999901100990"


def used(*numbers: int) -> set[str]:
    return {f"{VILLAGE}{number:03}" for number in numbers}


def test_numbers_go_on_from_west_to_east_and_from_north_to_south() -> None:
    middles = [(121.52, 28.7), (121.50, 28.70), (121.50, 28.71), (121.51, 28.9)]
    codes = numbered(VILLAGE, used(1, 2, 9), ["general"] * 4, middles)
    assert [code[12:] for code in codes] == ["013", "011", "010", "012"]


def test_a_number_that_was_left_out_is_not_taken_while_there_are_higher_ones() -> None:
    assert numbered(VILLAGE, used(1, 3, 7), ["general"], [(0.0, 0.0)]) == [f"{VILLAGE}008"]


def test_dedicated_grids_have_numbers_of_their_own() -> None:
    codes = numbered(VILLAGE, used(5, 801), ["dedicated", "general"], [(0.0, 0.0), (1.0, 0.0)])
    assert [code[12:] for code in codes] == ["802", "006"]


def test_codes_of_other_villages_take_nothing_away() -> None:
    assert numbered(VILLAGE, {"999901100991004", VILLAGE}, ["general"], [(0.0, 0.0)]) == [f"{VILLAGE}001"]


def test_at_the_end_the_numbers_that_never_were_are_taken_and_then_none() -> None:
    all_but_one = used(*(number for number in range(1, 800) if number != 400))
    assert numbered(VILLAGE, all_but_one, ["general"], [(0.0, 0.0)]) == [f"{VILLAGE}400"]
    with pytest.raises(Refused, match="used once"):
        numbered(VILLAGE, all_but_one, ["general"] * 2, [(0.0, 0.0), (1.0, 0.0)])
