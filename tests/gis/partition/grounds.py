"""Made-up grounds for the suggestions: random planar cells with rivers, towers, parks and roads, or drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.fabric.ground import Ground

SIZES = [0, 8, 16, 24, 48, 60, 96]
SHARES = [0.12, 0.15, 0.2, 0.2, 0.18, 0.1, 0.05]


def ground(
    households: Sequence[int] | NDArray[Any],
    borders: Sequence[tuple[int, int]] | NDArray[Any],
    *,
    metres: Sequence[float] | NDArray[Any] | None = None,
    water: Sequence[int] = (),
    blocked: Sequence[tuple[int, int]] = (),
    bridges: Sequence[tuple[int, int]] = (),
    roads: Sequence[tuple[int, int]] = (),
    villages: Sequence[int] | NDArray[Any] | None = None,
) -> Ground:
    """Return a ground of cells 40 m wide from its counts and borders; bridges are borders that are added."""
    n, pairs = len(households), np.sort(np.array(list(borders), np.int32).reshape(-1, 2), axis=1)
    length = np.full(len(pairs), 30.0) if metres is None else np.asarray(metres, float)
    crossing = np.sort(np.array(list(bridges), np.int32).reshape(-1, 2), axis=1)
    pairs, length = np.concatenate([pairs, crossing]), np.concatenate([length, np.zeros(len(crossing))])
    known = {tuple(pair): at for at, pair in enumerate(pairs.tolist())}
    kinds, shut, along = np.full(n, "building", object), np.zeros(len(pairs), bool), np.full(len(pairs), None, object)
    kinds[np.asarray(households) == 0] = "land"
    kinds[list(water)] = "water"
    for pair in blocked:
        shut[known[tuple(sorted(pair))]], along[known[tuple(sorted(pair))]] = True, "river"
    for pair in roads:
        along[known[tuple(sorted(pair))]] = "road"
    bridge = np.arange(len(pairs)) >= len(pairs) - len(crossing)
    rank = np.where(along == "road", "major", None).astype(object)
    weight = np.asarray(households, np.int32)
    village = np.zeros(n, np.int32) if villages is None else np.asarray(villages, np.int32)
    names = [f"99990110000{at}" for at in range(int(village.max(initial=0)) + 1)]
    return Ground(
        np.arange(n, dtype=np.int64) + 1000, [f"C{at}" for at in range(n)], names, village, kinds,
        np.where(kinds == "building", np.arange(n), -1), weight, weight * 3, (kinds == "building").astype(np.int32),
        np.full(n, 1600.0), np.full(n, 160.0), pairs[:, 0], pairs[:, 1], length, along, rank, shut, bridge,
    )  # fmt: skip


def lattice(cells: int, seed: int = 1) -> tuple[int, NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return side, borders, metres and households of about so many cells: squares with one random diagonal each."""
    rng = np.random.default_rng(seed)
    side = max(round(cells**0.5), 2)
    at = np.arange(side * side).reshape(side, side)
    rooks = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:])]
    flip = rng.random((side - 1, side - 1)) < 0.5
    rooks.append((np.where(flip, at[:-1, :-1], at[:-1, 1:]), np.where(flip, at[1:, 1:], at[1:, :-1])))
    pairs = np.concatenate([np.c_[a.ravel(), b.ravel()] for a, b in rooks])
    straight = 2 * side * (side - 1)
    metres = np.concatenate([rng.uniform(15, 45, straight), rng.uniform(1, 15, len(pairs) - straight)])
    return side, pairs, metres, rng.choice(SIZES, side * side, p=SHARES)


def plain(cells: int, seed: int = 1) -> Ground:
    """Return one village of ordinary houses without barriers."""
    _, pairs, metres, households = lattice(cells, seed)
    return ground(households, pairs, metres=metres)


def rough(cells: int, seed: int, *, towers: int = 2, bridges: int = 1) -> Ground:
    """Return a village with a river that is water or a line, roads, parks, and towers above the usual limit."""
    side, pairs, metres, households = lattice(cells, seed)
    rng = np.random.default_rng(seed + 1000)
    row, column = np.divmod(np.arange(side * side), side)
    river = side // 2 + (rng.random() < 0.5)
    wet = rng.random() < 0.5
    households = households.copy()
    households[rng.integers(len(households), size=towers)] = rng.integers(501, 900, size=towers)
    water = np.flatnonzero(row == river).tolist() if wet else []
    households[water] = 0
    park = (abs(row - side // 4) < 2) & (abs(column - side // 4) < 2)
    households[park] = 0
    a, b = row[pairs[:, 0]], row[pairs[:, 1]]
    across = pairs[np.minimum(a, b) + 1 == np.maximum(a, b)]
    across = across[np.maximum(row[across[:, 0]], row[across[:, 1]]) == river]
    blocked = [] if wet else [(int(x), int(y)) for x, y in across]
    spots = rng.choice(side, size=bridges, replace=False)
    banks = [(int((river - 1) * side + at), int((river + 1) * side + at)) for at in spots]
    left = np.minimum(column[pairs[:, 0]], column[pairs[:, 1]]) == side // 3
    road = [(int(x), int(y)) for x, y in pairs[left & (column[pairs[:, 0]] != column[pairs[:, 1]])]]
    open_road = [pair for pair in road if pair not in set(blocked)]
    return ground(
        households, pairs, metres=metres, water=water, blocked=blocked, bridges=banks, roads=open_road
    )  # fmt: skip
