"""A connected block of cells divided into grids from nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pymetis
from numpy.typing import NDArray

from gis.partition.graph import Graph, components
from gis.partition.limits import Ints, Limits
from gis.partition.trees import carve

UFACTOR = 120
"""By how many thousandths a grid may pass the mean: less leaves more grids out of range, and so does more."""
TIGHT = 20
WIDE, CHUNK = 256, 32
"""Above so many grids a block is first cut into chunks of so many, which METIS divides faster, and no worse."""


def divide(block: Graph, count: int, limits: Limits, seed: int) -> Ints:
    """Return the grid 0…count-1 of each cell of a connected block; not each need be in range, nor be used."""
    if count <= 1:
        return np.zeros(block.size, np.int32)
    if (block.weight >= limits.low).any():
        return _around(block, limits, seed)
    if count > WIDE:
        return _by_chunks(block, count, limits, seed)
    if block.size <= 3 * count:
        label = carve(block, count, limits, Random(seed))
        if label is not None:
            return label
        count = min(count, block.size)
    return kway(block, count, seed)


def _around(block: Graph, limits: Limits, seed: int) -> Ints:
    """Divide what lies around the cells that make a grid each by themselves: METIS fails on cells that heavy."""
    big = block.weight >= limits.low
    light = ~(big[block.a] | big[block.b])
    label, count = components(block.size, block.a[light], block.b[light])
    whole, begin = np.zeros(block.size, np.int32), 0
    for cells, part in block.blocks(label, count):
        piece = np.zeros(len(cells), np.int32)
        if len(cells) > 1:
            piece = divide(part, limits.nearest(_sum(part.weight)), limits, seed)
        whole[cells] = begin + piece
        begin += int(piece.max()) + 1
    return whole


def kway(block: Graph, count: int, seed: int, ufactor: int = UFACTOR) -> Ints:
    """Return METIS's contiguous division of a connected block, balanced by households and cheap to cut."""
    if count <= 1:
        return np.zeros(block.size, np.int32)
    begins, others, cost = block.rows()
    options = pymetis.Options(contig=1, ufactor=ufactor, seed=seed)
    found = pymetis.part_graph(
        count,
        adjacency=pymetis.CSRAdjacency(begins, others),
        vweights=np.ascontiguousarray(block.weight, np.int32),
        eweights=cost,
        recursive=False,
        options=options,
    )
    return in_one_piece(block, np.array(found.vertex_part, np.int32), count)


def in_one_piece(block: Graph, label: Ints, count: int) -> Ints:
    """Return the division with each grid's smaller pieces as grids of their own, numbered from `count` on."""
    same = label[block.a] == label[block.b]
    piece, pieces = components(block.size, block.a[same], block.b[same])
    if pieces == len(np.unique(label)):
        return label
    of = np.empty(pieces, np.int32)
    of[piece] = label
    households = np.bincount(piece, block.weight, minlength=pieces)
    order = np.lexsort((np.arange(pieces), -households, of))
    largest = order[np.unique(of[order], return_index=True)[1]]
    number = np.full(pieces, -1, np.int32)
    number[largest] = of[largest]
    number[number < 0] = count + np.arange(pieces - len(largest))
    found: Ints = number[piece]
    return found


def _by_chunks(block: Graph, count: int, limits: Limits, seed: int) -> Ints:
    chunks = -(-count // CHUNK)
    label = kway(block, chunks, seed, TIGHT)
    whole = np.zeros(block.size, np.int32)
    begin = 0
    for cells, chunk in block.blocks(label, int(label.max()) + 1):
        if len(cells):
            part = divide(chunk, limits.nearest(_sum(chunk.weight)), limits, seed)
            whole[cells] = begin + part
            begin += int(part.max()) + 1
    return whole


def _sum(weight: NDArray[Any]) -> int:
    return int(weight.sum())
