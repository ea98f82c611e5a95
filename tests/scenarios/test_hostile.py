"""Nasty input 10: files that are too large, too full or too clever, and plans of one grid, of none and of thousands."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.imports import packing
from gis.settings import Settings
from tests import fabrics
from tests.scenarios import steps
from tests.scenarios.test_files import exported, frame, sent, take
from tests.webapp.desk import Desk, opened, sums

SIZES = struct.Struct("<II")
"""Packed and unpacked size, 20 bytes into an entry of the directory and 18 into what stands before the data."""


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def lying(body: bytes, unpacked: int) -> bytes:
    """Return a zip file whose directory says of each file that it is so many bytes, whatever it holds."""
    made = bytearray(body)
    for sign, at in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        found = -1
        while (found := made.find(sign, found + 1)) >= 0:
            packed, _ = SIZES.unpack_from(made, found + at)
            SIZES.pack_into(made, found + at, packed, unpacked)
    return bytes(made)


def test_nasty_input_10_a_file_that_is_too_large(desk: Desk) -> None:
    """What cannot be a plan is not even read."""
    answer = sent(desk, desk.plan(), b"{" + b" " * (65 * 2**20), "huge.geojson")
    assert answer.status_code == 413
    assert 'class="button button-primary" href="/"' in answer.text, "and a way on"
    assert "64 MB" in answer.text, "the page names the limit"


def test_nasty_input_10_zip_bombs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files that would unpack to gigabytes are told before a byte of them is on the disk; lies gain nothing."""
    plan = desk.plan()
    before = desk.draft(plan)
    nothing = b'{"type":"Feature","properties":{},"geometry":null},' * 10_000
    full = b'{"type":"FeatureCollection","features":[' + nothing * 240 + nothing[:-1] + b"]}"
    bombs = {
        "plan.zip": zipped({"plan.geojson": full}),
        "four.zip": lying(zipped({f"plan{part}": b"0" * 9000 for part in packing.PARTS}), 2**32 - 2),
    }
    assert max(len(body) for body in bombs.values()) < 2**20 < 100 * 2**20 < len(full)
    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "open", lambda *_given: pytest.fail("it is being unpacked"))
        for name, body in bombs.items():
            answer = sent(desk, plan, body, name)
            assert answer.status_code == 400, name
            assert "GB" in answer.text, name
    small = lying(zipped({"plan.geojson": b"0" * (50 * 2**20)}), 100)
    answer = sent(desk, plan, small, "small.zip")
    assert answer.status_code == 400, "it says 100 bytes and holds 50 MB"
    assert "wangge-import" not in answer.text, "where the server keeps files is nobody's business"
    assert desk.draft(plan) == before


def test_nasty_input_10_a_way_out_of_the_zip_file(desk: Desk, tmp_path: Path) -> None:
    """A path that leads out of the folder leads nowhere; what it names is read like any other, and left nowhere."""
    plan, there = desk.plan(), tmp_path / "plan.geojson"
    for way in ("../" * 12 + str(there).lstrip("/"), str(there)):
        out = zipped({way: exported(desk, plan, "geojson")})
        assert "方案与文件已经一致" in sent(desk, plan, out, "out.zip").text, way
        assert not there.exists(), way


def test_nasty_input_10_a_script_and_a_formula_as_names(desk: Desk) -> None:
    """They are names: shown as they are, run nowhere, no formula in a table."""
    plan = desk.plan()
    drawn = frame(desk, plan)
    drawn.loc[0, "name"], drawn.loc[1, "name"] = "<script>alert(1)</script>", "=cmd()"
    page = sent(desk, plan, drawn).text
    take(desk, plan, page)
    for each in (page, *(desk.client().get(f"/plans/{plan}{part}").text for part in ("", "/impact"))):
        assert "<script>alert(1)" not in each
        assert "alert(1)" in each, "the name is shown"
    assert ",'=cmd()" in exported(desk, plan, "csv").decode()


def test_nasty_input_10_all_cells_in_one_grid_and_in_none(desk: Desk) -> None:
    """Both are drawn and told; the plan of nothing is not handed in."""
    plan = desk.plan()
    cells = [int(cell) for cell in desk.village.cells.ravel()]
    first = steps.grid(desk, plan, 1)
    assert desk.send(plan, cells=cells, after=[first] * len(cells)).status_code == 200
    assert sums(desk.draft(plan))[first] == sum(fabrics.HOUSEHOLDS)
    empty = [each["grid"] for each in steps.findings(desk, plan) if each["code"] == "E8"]
    assert empty == [steps.grid(desk, plan, number) for number in range(2, 10)], "the eight others have no land"
    assert desk.send(plan, cells=cells, after=[None] * len(cells)).status_code == 200
    found = next(each for each in steps.findings(desk, plan) if each["code"] == "E1")
    assert sorted(found["cells"]) == sorted(cells)
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 400


@pytest.fixture
def wide(connection: Connection, session: Session, settings: Settings) -> Desk:
    """A village of 5,040 cells in four grids."""
    rows, _columns = np.indices((70, 72))
    village = fabrics.lay(session, rows // 18, np.full(rows.shape, 3), number=fabrics.LARGE)
    return opened(connection, session, settings, village)


def test_nasty_input_10_five_thousand_grids(wide: Desk) -> None:
    """Every cell a grid of its own: drawn in one stroke, shown, refused with reasons, and taken back by one undo."""
    plan = wide.plan()
    before = wide.draft(plan)
    cells = [int(cell) for cell in wide.village.cells.ravel()]
    begun = [{"id": -(at + 1), "name": f"第{at + 1}格"} for at in range(len(cells))]
    many = wide.send(plan, kind="split", cells=cells, after=[each["id"] for each in begun], grids=begun)
    assert many.status_code == 200, many.text
    drawn = wide.draft(plan)
    assert len(set(drawn["of"])) == len(drawn["of"]) == 5040
    for part in ("", "/edit"):
        assert wide.client().get(f"/plans/{plan}{part}").status_code == 200, part
    impact = wide.client().get(f"/plans/{plan}/impact")
    assert impact.status_code == 422
    assert "编号已全部用过" in impact.text, "three digits name 999 grids"
    codes = [each["code"] for each in steps.findings(wide, plan) if each["severity"] == "error"]
    assert codes == ["E7"] + ["E8"] * 4, "too few numbers, and no land for the four that were there"
    refused = wide.client().post(f"/plans/{plan}/submit")
    assert refused.status_code == 400
    assert "有 5 处错误须先修正，第一处为 E7" in refused.text
    assert wide.send(plan, "undo").status_code == 200
    assert wide.draft(plan)["of"] == before["of"]
