"""Names of new grids go on where those of the village end; the editor's own test holds its script to the same cases."""

from __future__ import annotations

from itertools import islice

import pytest

from gis.plans.names import following

CASES = {
    ("海棠苑社区第九网格", "海棠苑社区第二网格"): "海棠苑社区第十网格",
    ("第十九网格", "医院专属网格"): "第二十网格",
    ("清河07网格", "清河12网格"): "清河13网格",
    ("清河03网格", "清河04网格"): "清河05网格",
    ("2号院第三网格",): "2号院第四网格",
    ("第九十九网格", "十十网格"): "第100网格",
    ("七里河第二网格", "八里桥网格"): "七里河第三网格",
    ("河东三组", "一心网格"): "河东四组",
    ("第一百网格", "第七网格"): "第八网格",
}
"""The names of a village's grids, and the one that comes next."""


@pytest.mark.parametrize(("names", "expected"), CASES.items())
def test_a_name_goes_on_in_the_style_of_the_others(names: tuple[str, ...], expected: str) -> None:
    assert next(following(names)) == expected


def test_each_new_grid_has_another_name() -> None:
    assert list(islice(following(["东岸", "西岸"]), 3)) == ["第1网格", "第2网格", "第3网格"]
    assert next(following(["七里河网格", "一心网格"])) == "第1网格", "words that only look like numbers"
    assert list(islice(following(["第九网格"]), 3)) == ["第十网格", "第十一网格", "第十二网格"]
