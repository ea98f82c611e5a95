"""What a check says of a plan: what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gis.words import N_, Word

if TYPE_CHECKING:
    from gis.plans.draft import Draft

Severity = Literal["error", "warning"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning")
SEVERITY_NAMES: dict[Severity, str] = {"error": N_("error"), "warning": N_("warning")}

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (error: nothing is handed in with it) or worth a look (warning).

    `grid` is the number of a plan's grid, None for the plan as a whole; `cells` are cell ids, and `parts` groups them
    where there are several places to look at. `remedy` mends it in one edit: cell id → number of a plan's grid.
    """

    code: str
    severity: Severity
    grid: int | None
    cells: list[int]
    message: str
    mend: str
    params: Mapping[str, Any] = field(default_factory=dict)
    parts: list[list[int]] = field(default_factory=list)
    remedy: dict[int, int] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str] = str) -> tuple[str, str]:
        """Return what is wrong and how to mend it, as sentences."""
        params = {name: translate(value) if isinstance(value, Word) else value for name, value in self.params.items()}
        return translate(self.message) % params, translate(self.mend)


def chosen(draft: Draft, touched: Collection[int] | None) -> Flags:
    """Return which grids a rule looks at: the touched ones that are not retired, or all that are not."""
    if touched is None:
        return draft.live
    return draft.live & np.isin([grid.id for grid in draft.grids], list(touched))


def neighbours(draft: Draft, cluster: Ints, count: int) -> Ints:
    """Return for each of some clusters of cells (-1: in none) the grid that takes it best, -1 where none can.

    It is the one with the longest border over which a grid hangs together, else over any; it lies in the same village,
    is not the one that the cluster is in now, and is neither retired nor locked.
    """
    ground, of = draft.ground, draft.of
    a, b = np.concatenate([ground.a, ground.b]), np.concatenate([ground.b, ground.a])
    weight = np.maximum(ground.length_m, 0.1) * np.where(ground.joins, 1e6, 1.0)
    open_to = np.append(draft.takers, False)[of[b]] & (ground.village[a] == ground.village[b])
    use = np.flatnonzero((cluster[a] >= 0) & (cluster[b] != cluster[a]) & (of[b] != of[a]) & open_to)
    width = max(len(draft.grids), 1)
    pair, which = np.unique(cluster[a[use]].astype(np.int64) * width + of[b[use]], return_inverse=True)
    shared = np.bincount(which, np.tile(weight, 2)[use], len(pair))
    best = np.full(count, -1, np.int32)
    for at in np.lexsort((-pair, shared)):  # the longest comes last and stays
        best[pair[at] // width] = pair[at] % width
    return best
