"""Describes what a rule reports: one finding, with its severity and the place that it is about."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`error` stops a deployment, `warning` does not, `off` (only as an override) drops the finding."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    `address` is `connection.NAME/SCRIPT`, `connection.NAME` or, for a plain folder, the file's path. `label` is what a
    reader opens: a file's path or the same address. `line` and `column` start at 1 and count characters; `end_line` and
    `end_column` are exclusive. A finding about a whole definition has `line` 0. `source_line` is the text of the first
    line, for output that shows it; what is a secret in it is masked. `template` is the template that the script was
    rendered from (its lines are then not those of any file), or empty.
    """

    code: str
    name: str
    severity: Severity
    message: str
    address: str
    label: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    hint: str = ""
    source_line: str = ""
    template: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Findings are shown by place, then by code."""
        return (self.label or self.address, self.line, self.column, self.code, self.message)
