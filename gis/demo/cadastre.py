"""Rows of the land: areas, grids with their dated outlines, gaps, barriers, buildings, households, the duty list."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo import clock
from gis.demo.caselog import LEAD
from gis.demo.district import District, between, since
from gis.demo.numbers import DISTRICT_CODE, Frame


def register(district: District, barriers: gpd.GeoDataFrame) -> None:
    """Add the tables areas, grids, grid_outlines, gaps, barriers, buildings, households and duty_items."""
    tables = district.tables
    tables["areas"] = _areas(district)
    grids = district.grids
    keys = grids["code"].astype(np.int64)
    tables["grids"] = pd.DataFrame(
        {
            "village_code": grids["village"],
            "code": grids["code"],
            "name": grids["name"],
            "kind": grids["kind"],
            "territory": keys,
        }
    )
    tables["buildings"] = _buildings(district)
    tables["households"] = _households(district)
    tables["grid_outlines"] = _outlines(district)
    tables["gaps"] = _gaps(district)
    tables["barriers"] = pd.DataFrame(barriers).assign(source="演示数据")
    tables["duty_items"] = _duties(district)


def _areas(district: District) -> Frame:
    land = district.land
    levels = (("district", land.district), ("town", land.towns), ("village", land.villages))
    frames = []
    for level, areas in levels:
        parent = {"district": None, "town": DISTRICT_CODE}.get(level)
        frame = pd.DataFrame(areas[["code", "name", "kind", "geometry"]]).assign(level=level, parent_code=parent)
        if level == "village":
            frame["parent_code"] = areas["town"]
        frames.append(frame)
    table: Frame = pd.concat(frames, ignore_index=True)
    table["territory"] = table["code"].astype(np.int64) * 1000
    return table


def _buildings(district: District) -> Frame:
    made, grids = district.buildings, district.grids
    row = made["grid"].to_numpy()
    lived = np.bincount(district.households["building"], district.households["residents"], len(made)).astype(np.int64)
    codes = grids["code"].to_numpy()[row]
    village = int(district.land.flaws.gap_village) * 1000
    number = made["number"].astype(str).str.zfill(5)
    return pd.DataFrame(
        {
            "grid_id": row,
            "code": np.where(row < 0, None, pd.Series(codes).str.cat(number.reset_index(drop=True))),
            "name": made["name"],
            "compound": made["compound"],
            "address": made["address"],
            "kind": made["kind"],
            "floors": made["floors"],
            "households": made["households"],
            "residents": lived,
            "source": "演示数据",
            "territory": np.where(row < 0, village, codes.astype(np.int64)),
            "geometry": made["geometry"],
        }
    )


def _households(district: District) -> Frame:
    homes = district.households
    floor = homes["floor"].astype("Int64")
    return pd.DataFrame(
        {
            "building_id": homes["building"],
            "grid_id": homes["grid"],
            "kind": homes["kind"],
            "label": homes["label"],
            "unit": homes["unit"],
            "floor": floor.mask(floor == 0),
            "residents": homes["residents"],
            "registered_on": district.began.isoformat(),
            "geometry": homes["geometry"],
            "territory": district.grids["code"].astype(np.int64).to_numpy()[homes["grid"]],
        }
    )


def _outlines(district: District) -> Frame:
    """Return the outlines in force, then the two that were in force before the border moved."""
    grids, flaws = district.grids, district.land.flaws
    shown = np.array([district.profile.shows(town) for town in grids["town"]])
    listed = np.bincount(district.buildings["grid"].clip(lower=0), district.buildings["grid"] >= 0, len(grids))
    guess = np.where(grids["urban"], grids["households"] // 36, grids["households"]) + 10
    table: Frame = pd.DataFrame(
        {
            "grid_id": np.arange(len(grids)),
            "code": grids["code"],
            "name": grids["name"],
            "kind": grids["kind"],
            "geometry": grids["geometry"],
            "households": grids["households"],
            "residents": grids["residents"],
            "buildings": np.where(shown, listed, guess).astype(np.int64),
            "valid": since(district.began),
        }
    )
    table.loc[flaws.overlap_grid, "geometry"] = shapely.union(
        table["geometry"].iat[flaws.overlap_grid], flaws.overlap, grid_size=0.001
    )
    table.loc[[flaws.gave, flaws.took], "valid"] = since(district.changed)
    table = pd.concat([table, _earlier(district, table)], ignore_index=True)
    table["area_m2"] = np.round(shapely.area(table["geometry"].to_numpy()), 1)
    table["territory"] = table["code"].astype(np.int64)
    return table


def _earlier(district: District, table: Frame) -> Frame:
    flaws, homes, buildings = district.land.flaws, district.households, district.buildings
    before = table.loc[[flaws.gave, flaws.took]].copy()
    shapes = before["geometry"].to_numpy()
    before["geometry"] = [shapely.union(shapes[0], flaws.strip), shapely.difference(shapes[1], flaws.strip)]
    moved = homes[(homes["grid"] == flaws.took) & shapely.within(homes["geometry"].to_numpy(), flaws.strip)]
    stood = (buildings["grid"] == flaws.took) & shapely.within(buildings["geometry"].to_numpy(), flaws.strip)
    counts = (("households", len(moved)), ("residents", int(moved["residents"].sum())), ("buildings", int(stood.sum())))
    for column, count in counts:
        before[column] += [count, -count]
    before["valid"] = between(district.began, district.changed)
    return before


def _gaps(district: District) -> Frame:
    flaws, codes = district.land.flaws, district.grids["code"].to_numpy()
    village = int(flaws.gap_village) * 1000
    loose = np.flatnonzero(district.buildings["grid"] < 0)
    both = f"{{{codes[flaws.overlap_grid]},{codes[flaws.overlapped_grid]}}}"
    rows = [
        {"kind": "gap", "grid_codes": "{}", "building_id": -1, "geometry": flaws.gap, "territory": village},
        {
            "kind": "overlap",
            "grid_codes": both,
            "building_id": -1,
            "geometry": flaws.overlap,
            "territory": int(codes[flaws.overlapped_grid]),
        },
        *(
            {
                "kind": "building",
                "grid_codes": "{}",
                "building_id": int(row),
                "territory": village,
                "geometry": district.buildings["geometry"].iat[row],
            }
            for row in loose
        ),
    ]
    table: Frame = pd.DataFrame(rows)
    return table.assign(area_m2=np.round(shapely.area(table["geometry"].to_numpy()), 1))


def _duties(district: District) -> Frame:
    """Return the powers-and-duties list: for every category on every level who leads and within which time."""
    leads = {"grid": "网格", "village": "村(社区)党组织", "town": "镇街", "district": "区"}
    rows = []
    for category, (amount, unit) in clock.LIMITS.items():
        for level, lead in leads.items():
            rows.append(
                {
                    "category": category,
                    "level": level,
                    "lead_body": lead if level in ("grid", "village") else f"{lead}{LEAD[category]}",
                    "helpers": "{网格员}" if level != "grid" else "{}",
                    "amount": amount,
                    "unit": unit,
                    "published_on": (district.began + timedelta(days=14)).isoformat(),
                    "valid": since(district.began),
                }
            )
    return pd.DataFrame(rows)
