"""Small counts cannot be worked out from what is shown: by hand, and over random trees."""

from __future__ import annotations

import random
from datetime import date

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gis import coverage
from gis.boundaries import Grid
from gis.coverage import CareTally
from layers.query import Asked
from layers.suppression import shown
from tests.conftest import DAY, NOW

VILLAGE = "999901100001"


def test_what_is_large_is_shown_on_every_level() -> None:
    counts = {f"99990110000{v}00{g}": (9,) for v in (1, 2) for g in (1, 2)}
    assert all(shown(counts).values())


def test_a_part_that_is_hidden_alone_hides_all_above_it() -> None:
    told = shown({f"{VILLAGE}001": (3,), f"{VILLAGE}002": (9,), "999901100002001": (20,)})
    assert told[f"{VILLAGE}002"]
    assert told["999901100002"]
    assert not any(told[code] for code in (f"{VILLAGE}001", VILLAGE, "999901100", "999901", ""))


def test_two_hidden_parts_keep_each_other() -> None:
    told = shown({f"{VILLAGE}001": (3,), f"{VILLAGE}002": (4,), f"{VILLAGE}003": (9,)})
    assert [told[f"{VILLAGE}00{n}"] for n in (1, 2, 3)] == [False, False, True]
    assert told[VILLAGE]


@pytest.mark.parametrize("seed", range(40))
def test_no_small_count_is_what_is_left_over(seed: int) -> None:
    rng = random.Random(seed)
    counts = {f"9999011{t:02d}{v:03d}{g:03d}": (rng.choice((0, 1, 3, 5, 8, 30)),)
              for t in (0, 1) for v in range(1, 4) for g in range(1, 5)}  # fmt: skip
    told = shown(counts)
    for width in (12, 9, 6, 0):
        for area in {code[:width] for code in told if len(code) > width}:
            if not told[area]:
                continue
            below = {12: 15, 9: 12, 6: 9, 0: 6}[width]
            parts = {code[:below] for code in counts if code.startswith(area)}
            sums = {part: sum(n for code, (n,) in counts.items() if code.startswith(part)) for part in parts}
            hidden = [n for part, n in sums.items() if not told[part]]
            assert len(hidden) != 1
            assert not 0 < sum(hidden) < 5


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [((3, 9, 7), {0, 2}), ((3, 4, 9), {0, 1}), ((1, 2, 9), {0, 1, 2}), ((0, 5, 9), set()), ((3, 0, 0), {0}),
     ((3, 6, 6), {0, 1})],
)  # fmt: skip
def test_in_a_village_a_larger_count_is_hidden_with_one_that_stands_alone(
    counts: tuple[int, ...], hidden: set[int], session: Session, viewer_as
) -> None:
    grids = session.scalars(select(Grid).where(Grid.village_code == VILLAGE).order_by(Grid.code).limit(3)).all()
    session.execute(delete(CareTally).where(CareTally.territory // 1000 == int(VILLAGE)))
    for grid, n in zip(grids, counts, strict=True):
        session.add(CareTally(grid_id=grid.id, territory=grid.territory, month=date(2026, 11, 1), tier="weekly",
                              enrolled=n, in_time=0))  # fmt: skip
    session.flush()
    manager = viewer_as("village_manager")
    for area in (None, *(grid.code for grid in grids)):
        found = session.execute(coverage.care_by_grid(Asked(DAY, NOW, area=area).scope(manager)))
        at = [grid.territory for grid in grids]
        told = {at.index(row.territory) for row in found if row.hidden}
        assert told == (hidden if area is None else hidden & {at.index(int(area))}), "a grid alone says no more"
