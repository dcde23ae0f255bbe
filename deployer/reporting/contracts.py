"""Shows the results of contract tests as text, JSON or JUnit."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import load_view

if TYPE_CHECKING:
    from deployer.runtime.contract.results import CheckResult, ContractReport


class ContractsFormat(StrEnum):
    """How results are shown: each format has its view, `contracts_FORMAT`."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def print_contracts(tenant: str, reports: "Sequence[ContractReport]", form: str = "text") -> None:
    """Print the reports on a tenant's connections in one of the formats of `ContractsFormat`."""
    print_report(load_view("contracts", ContractsFormat(form))(tenant, reports))


def print_check(result: "CheckResult") -> None:
    """Print how a check ended, as text, while others go on."""
    from deployer.reporting.contracts_text import check_lines

    print_report(check_lines(result))
