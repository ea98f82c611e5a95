"""Interleaved rounds and the table that is printed and kept."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.district import say


@dataclass(frozen=True)
class Run:
    """One round of one contestant: seconds, and the rows and bytes that came."""

    seconds: float
    rows: int
    size: int


@dataclass(frozen=True)
class Median:
    """What all rounds of a contestant come to."""

    name: str
    seconds: float
    fastest: float
    slowest: float
    rows: int
    size: int
    rounds: int

    def __str__(self) -> str:
        return f"{self.name} {spell(self.seconds)} ({spell(self.fastest)}–{spell(self.slowest)}), {volume(self)}"


@dataclass(frozen=True)
class Line:
    """One line of the table: `ratio` is met when it is at most `target`, or at least when `more` is better."""

    work: str
    ours: str
    against: str
    ratio: float
    target: float
    more: bool
    agree: str
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.ratio >= self.target if self.more else self.ratio <= self.target

    def cells(self) -> tuple[str, ...]:
        """The line as it is printed."""
        sign = "≥" if self.more else "≤"
        missed = f"no, by {abs(self.ratio / self.target - 1):.0%}"
        met = "yes" if self.met else missed
        return (self.work, self.ours, self.against, f"{self.ratio:.2f}", f"{sign} {self.target:g}", met, self.agree)


HEAD = ("work", "ours", "against", "ratio", "target", "met", "agree")


@dataclass
class Report:
    """The lines so far."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Add a line and show it."""
        self.lines.append(line)
        say(" | ".join(line.cells()))

    def markdown(self) -> str:
        """The table with its notes."""
        rows = [HEAD, tuple("---" for _ in HEAD), *(line.cells() for line in self.lines)]
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        told = "\n".join(f"* {note}" for note in [*self.notes, *(f"{x.work}: {x.note}" for x in self.lines if x.note)])
        return f"# Measured\n\n{table}\n\n{told}\n"

    def write(self, path: Path) -> None:
        """Keep the table."""
        path.write_text(self.markdown())


def rounds(times: int, contestants: dict[str, Callable[[], Run]]) -> dict[str, Median]:
    """Let the contestants run in turns, first forth and then back, and return the median of each."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for turn in range(times):
        names = list(contestants)
        for name in names if turn % 2 == 0 else reversed(names):
            runs[name].append(contestants[name]())
    return {name: median(name, made) for name, made in runs.items()}


def median(name: str, runs: list[Run]) -> Median:
    """Return the median of some rounds; rows and bytes are those of the last."""
    seconds = [run.seconds for run in runs]
    return Median(name, statistics.median(seconds), min(seconds), max(seconds), runs[-1].rows, runs[-1].size, len(runs))


def spell(seconds: float) -> str:
    """Return a time with three digits and its unit."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def volume(of: Median) -> str:
    """Return rows and bytes."""
    size = f"{of.size / 1e6:.3g} MB" if of.size >= 1e6 else f"{of.size / 1e3:.3g} kB"
    return f"{of.rows:,} rows, {size}"


def machine() -> str:
    """Return where this was measured."""
    cores = (
        len(set(Path("/proc/cpuinfo").read_text().split("processor\t:"))) - 1 if Path("/proc/cpuinfo").exists() else 0
    )
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load():.1f} at the start"


def load() -> float:
    """Return the machine's load over the last minute."""
    return float(Path("/proc/loadavg").read_text().split()[0]) if Path("/proc/loadavg").exists() else float("nan")
