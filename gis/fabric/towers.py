"""Towers with more households than a grid may have: their units (单元) become cells of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.fabric.material import Buildings, Ints, Units
from gis.geometry import Floats, Plane

CLOSE_M = 1.0
"""Metres between the middles of two units below which they cannot be told apart on the ground."""


@dataclass(frozen=True)
class Tower:
    """The parts of a tower in the order of their units: where each is on the plane, and what lives in it."""

    middles: Floats
    units: list[list[str]]
    households: Ints
    residents: Ints


def towers(buildings: Buildings, units: Units, on: Plane, cap: int) -> dict[int, Tower]:
    """Return the towers that can be split: place in the buildings → its parts."""
    found: dict[int, Tower] = {}
    spot = (units.middles - (on.lon, on.lat)) * (on.east, on.north)
    for at in np.flatnonzero(buildings.households > cap).tolist():
        rows = np.flatnonzero(units.building_ids == buildings.ids[at])
        named = sorted((row for row in rows.tolist() if units.names[row]), key=lambda row: str(units.names[row]))
        groups: list[list[int]] = []
        for row in [*named, *(row for row in rows.tolist() if not units.names[row])]:
            away = [float(np.hypot(*(spot[row] - spot[group[0]]))) for group in groups]
            nearest = int(np.argmin(away)) if away else -1
            if nearest >= 0 and (away[nearest] < CLOSE_M or not units.names[row]):
                groups[nearest].append(row)
            elif units.names[row]:
                groups.append([row])
        if len(groups) > 1:
            found[at] = _parted(groups, spot, units, int(buildings.households[at]), int(buildings.residents[at]))
    return found


def _parted(groups: list[list[int]], spot: Floats, units: Units, households: int, residents: int) -> Tower:
    homes = np.array([units.households[group].sum() for group in groups], np.int64)
    people = np.array([units.residents[group].sum() for group in groups], np.int64)
    return Tower(
        np.array([spot[group[0]] for group in groups]),
        [[str(units.names[row] or "") for row in group] for group in groups],
        shared(households, homes),
        shared(residents, people),
    )


def shared(total: int, weights: Ints) -> Ints:
    """Return a total in whole shares by weight, what is left over to the largest remainders."""
    if weights.sum() == 0:
        weights = np.ones_like(weights)
    exact = weights * total
    shares: Ints = exact // weights.sum()
    order = np.argsort(-(exact % weights.sum()), kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return shares
