"""What the Management API did when: a month goes in, the behaviour of a tenant of that month comes out.

The table CHANGES is the only place that knows months. The rest of the sandbox asks the `Age` of its tenant.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from deployer.errors import DeployerError

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Age:
    """How a tenant behaves as of a month. The defaults are the oldest behaviour that is known."""

    month: str
    rules_run: bool = True
    """Whether enabled Rules take part in logins."""


@dataclass(frozen=True, slots=True)
class Change:
    """From a month on, these fields of `Age` are different; `source` is where that is known from."""

    since: str
    fields: dict[str, Any]
    source: str


CHANGES: tuple[Change, ...] = (
    Change(
        "2026-11",
        {"rules_run": False},
        "end of life of Rules and Hooks, 2026-11-18: "
        "https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations",
    ),
)
"""What changed, in the order in which it did."""

NEWEST = CHANGES[-1].since


def age(as_of: str | None = None) -> Age:
    """The behaviour as of a month such as `2026-03` (None: the newest row). Raises DeployerError.

    A month between two changes has what the earlier one brought; one before the first change has none of them.
    """
    month = NEWEST if as_of is None else as_of
    if not _MONTH.fullmatch(month):
        raise DeployerError(
            f"{month!r} is not a month.",
            where="--as-of",
            hint=f"Write it as YYYY-MM, such as 2026-03; without it, the tenant is as of {NEWEST}.",
        )
    found = Age(month)
    for change in CHANGES:
        if change.since <= month:
            found = replace(found, **change.fields)
    return found
