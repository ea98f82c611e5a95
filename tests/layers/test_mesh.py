"""Cells as shared arcs: every side once, closed rings, the stored land to a pixel."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from layers import mesh

STEP = 0.0002


def lattice(rows: int, columns: int) -> np.ndarray:
    """Return square cells; neighbours share their corners."""
    x, y = 121.5 + STEP * np.arange(columns + 1), 28.7 + STEP * np.arange(rows + 1)
    return shapely.box(x[None, :-1], y[:-1, None], x[None, 1:], y[1:, None]).ravel()


def ring(made: mesh.Mesh, arcs: list[int]) -> np.ndarray:
    """Return the points of a ring in degrees, put together from its arcs as the browser does it."""
    ends = np.cumsum(made.lengths)
    points = [made.points[ends[arc if arc >= 0 else ~arc] - made.lengths[arc if arc >= 0 else ~arc] :][
        : made.lengths[arc if arc >= 0 else ~arc]][:: 1 if arc >= 0 else -1][:-1] for arc in arcs]  # fmt: skip
    return made.origin + np.concatenate(points) * made.step


def test_each_side_is_told_once_and_has_its_two_cells() -> None:
    made = mesh.mesh(lattice(3, 4))
    sides = sorted(tuple(sorted(pair)) for pair in made.sides)
    inner = [pair for pair in sides if pair[0] >= 0]
    assert len(inner) == 3 * 3 + 2 * 4
    assert len(set(inner)) == len(inner)
    assert {cell for pair in sides for cell in pair} == {-1, *range(12)}


@pytest.mark.parametrize("gap", [False, True])
def test_the_rings_are_the_stored_land(gap: bool) -> None:
    shapes = lattice(5, 5)
    if gap:  # an island in a lake: a ring without a corner that three cells share
        hole = shapely.buffer(shapely.centroid(shapes[12]), STEP / 4)
        shapes = np.append(shapes, hole)
        shapes[12] = shapely.difference(shapes[12], hole)
    made = mesh.mesh(shapes)
    for cell, stored in enumerate(shapes):
        rings = [ring(made, arcs) for arcs in made.rings[cell]]
        told = shapely.Polygon(rings[0], rings[1:])
        assert shapely.area(shapely.symmetric_difference(told, stored)) < 0.02 * shapely.area(stored)
    assert len(made.rings[12]) == (2 if gap else 1)


def test_parts_of_a_cell_stay_parts() -> None:
    shapes = lattice(1, 3)
    made = mesh.mesh(np.array([shapely.multipolygons([shapes[0], shapes[2]]), shapes[1]], object))
    assert [len(rings) for rings in made.rings] == [2, 1]
    assert sorted(pair for pair in made.sides if -1 not in pair) in (
        [[0, 1], [0, 1]],
        [[0, 1], [1, 0]],
        [[1, 0], [1, 0]],
    )


def test_it_is_written_in_whole_numbers_and_stays_small() -> None:
    made = mesh.mesh(lattice(70, 70))
    told = mesh.written(made, village="x")
    assert len(told) < 1_000_000
    read = json.loads(told)
    first = read["lengths"][0]
    assert (
        np.cumsum(np.array(read["points"][: 2 * first]).reshape(-1, 2), axis=0).tolist() == made.points[:first].tolist()
    )
