"""What an import has to say about a file: which row, which field, where on the map, and how to mend it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gis.errors import Invalid
from gis.imports.messages import MESSAGES
from gis.words import N_
from gis.words import Word as Word

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
SEVERITY_NAMES: dict[Severity, str] = {"error": N_("error"), "warning": N_("warning"), "note": N_("note")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, doubtful or worth knowing; `row` counts the file's features from 1."""

    code: str
    row: int | None = None
    field: str | None = None
    place: tuple[float, float] | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Error (blocks the import), warning (accepted as it is) or note."""
        return MESSAGES[self.code].severity

    @property
    def message(self) -> str:
        """The message id that says what is wrong."""
        return MESSAGES[self.code].message

    @property
    def remedy(self) -> str:
        """The message id that says how to mend it."""
        return MESSAGES[self.code].remedy

    def told(self, translate: Callable[[str], str] = str) -> tuple[str, str]:
        """Return what is wrong and how to mend it, as sentences."""
        params = {name: translate(value) if isinstance(value, Word) else value for name, value in self.params.items()}
        return translate(self.message) % params, translate(self.remedy)

    def __str__(self) -> str:
        return self.told()[0]


class Unreadable(Invalid):
    """The file cannot be looked at row by row; the finding says why."""

    def __init__(self, code: str, **params: Any) -> None:
        self.finding = Finding(code, params=params)
        super().__init__(self.finding.message, **params)


def count(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Return how many findings there are of each severity."""
    counted = Counter(finding.severity for finding in findings)
    return {severity: counted[severity] for severity in SEVERITIES}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with errors first, what concerns the whole file before the rows, rows as in the file."""
    return sorted(findings, key=lambda found: (SEVERITIES.index(found.severity), found.row or 0, found.code))
