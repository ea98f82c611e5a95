"""Making the district in memory, step by step, from a profile and a seed."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd

from gis.demo import (
    cadastre,
    calls,
    caring,
    casework,
    dwellings,
    forces,
    geography,
    goodwill,
    meetings,
    network,
    party,
    settlement,
    visits,
)
from gis.demo.district import District, Say
from gis.demo.numbers import PROFILES, stream
from gis.errors import Invalid
from gis.words import N_


def make(profile: str, seed: int, day: date, say: Say) -> District:
    """Return the whole district as of a day; the same profile, seed and day always make the same rows."""
    if profile not in PROFILES:
        message = N_("There is no profile %(profile)s; choose one of %(profiles)s.")
        raise Invalid(message, profile=profile, profiles=", ".join(PROFILES))
    chosen = PROFILES[profile]
    say("Drawing land, towns, villages and grids …")
    land = geography.draw(chosen, seed)
    borders = network.borders(land)
    water = network.water(land, borders, stream(seed, "water"))
    roads = network.roads(land, borders, water)
    say("Building homes …")
    buildings = settlement.build(chosen, land, water, seed)
    households = dwellings.divide(buildings, land.grids, stream(seed, "households"))
    district = District(chosen, seed, day, land, buildings, households)
    lanes = network.lanes(land, buildings)
    cadastre.register(district, _barriers(water, roads, lanes))
    say("Filling the organisation …")
    party.organise(district)
    forces.assign(district)
    goodwill.help_out(district)
    say("Writing a year of cases and visits …")
    casework.work(district)
    calls.call(district)
    meetings.meet(district)
    visits.visit(district)
    caring.enrol(district)
    return district


def _barriers(water: gpd.GeoDataFrame, *lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat([water.assign(kind="river"), *lines], ignore_index=True), crs=water.crs)
