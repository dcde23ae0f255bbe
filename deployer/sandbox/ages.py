"""Says how a tenant behaves as of a month, by a table of what changed in the Management API and when.

The table CHANGES is the only place that knows months. The rest of the sandbox asks the `Age` of its tenant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deployer.auth0_defaults import NEW_CONNECTION_OPTIONS
from deployer.errors import DeployerError

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Age:
    """How a tenant behaves as of a month. The defaults are the oldest behaviour that is known."""

    month: str
    connection: Mapping[str, Any] = field(default_factory=dict)
    """What a new connection has beside its options where it was not sent."""
    password_method: Mapping[str, Any] = field(default_factory=dict)
    """What completes `options.authentication_methods.password`."""
    sent_methods: Mapping[str, Any] = field(default_factory=dict)
    """What completes `options.authentication_methods` where these were sent; those that were not have no such entry."""
    flexible_passwords: bool = False
    """Whether a new connection gets complete `password_options`, also beside the old password fields, or else
    the old default policy."""
    email_attribute: Mapping[str, Any] = field(default_factory=dict)
    """What completes `options.attributes.email`."""
    api: Mapping[str, Any] = field(default_factory=dict)
    """What a new API (resource server) has where it was not sent."""
    api_shows_null: bool = False
    """Whether null, once it was sent, is shown as the value of an API's nullable fields."""
    client_grant: Mapping[str, Any] = field(default_factory=dict)
    """What a new client grant has where it was not sent."""
    rules_run: bool = True
    """Whether enabled Rules take part in logins."""


@dataclass(frozen=True, slots=True)
class Change:
    """From a month on, these fields of `Age` are different; `source` is where that is known from."""

    since: str
    fields: dict[str, Any]
    source: str


_METHODS = NEW_CONNECTION_OPTIONS["authentication_methods"]


def _only(usual: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Choose from what is usual today what was there already."""
    return {name: usual[name] for name in names}


CHANGES: tuple[Change, ...] = (
    Change(
        "2025-01",
        {"email_attribute": {"verification_method": "link"}},
        "clients learned it in 2025-01: https://github.com/auth0/terraform-provider-auth0/pull/1113",
    ),
    Change(
        "2025-08",
        {
            "api": {
                "subject_type_authorization": {
                    "client": {"policy": "require_client_grant"},
                    "user": {"policy": "allow_all"},
                }
            },
            "api_shows_null": True,
            "client_grant": {"subject_type": "client"},
        },
        "traffic of 2024-09 without it and of 2026-02 with it; clients learned it in 2025-08: "
        "https://github.com/auth0/terraform-provider-auth0/pull/1342",
    ),
    Change(
        "2025-09",
        {"email_attribute": {"verification_method": "link", "unique": True}},
        "traffic of 2026-03 with it; non-unique e-mail addresses are of 2025-09: "
        "https://github.com/auth0/terraform-provider-auth0/issues/1353",
    ),
    Change(
        "2025-10",
        {"connection": {"authentication": {"active": True}, "connected_accounts": {"active": False}}},
        "traffic of 2025-01 without it and of 2026-01 with it; clients learned it in 2025-10: "
        "https://github.com/auth0/terraform-provider-auth0/pull/1384",
    ),
    Change(
        "2026-01",
        {
            "password_method": _only(_METHODS["password"], "api_behavior"),
            "sent_methods": _only(_METHODS, "email_otp", "phone_otp"),
        },
        "traffic of 2026-01; passwordless methods of database connections: "
        "https://github.com/auth0/auth0-deploy-cli/pull/1282",
    ),
    Change(
        "2026-03",
        {"password_method": _only(_METHODS["password"], "api_behavior", "signup_behavior")},
        "traffic of 2026-01 without it and of 2026-03 with it: "
        "https://github.com/auth0/terraform-provider-auth0/pull/1494",
    ),
    Change(
        "2026-08",
        {"flexible_passwords": True},
        "traffic of 2026-06 without it and of 2026-08 with it: "
        "https://auth0.com/docs/authenticate/database-connections/flexible-password-policy",
    ),
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
    """Find the behaviour as of a month such as `2026-03` (None: the newest row). Raises DeployerError.

    A month between two changes has what the earlier one brought; one before the first change has none of them. Where
    only two recordings are known, the change is dated by when clients of the API learned of it, or else by the later.
    """
    month = NEWEST if as_of is None else as_of
    if not _MONTH.fullmatch(month):
        raise DeployerError(
            f"{month!r} is not a month",
            where="--as-of",
            hint=f"Write it as YYYY-MM, such as 2026-03; without it, the tenant is as of {NEWEST}.",
        )
    found = Age(month)
    for change in CHANGES:
        if change.since <= month:
            found = replace(found, **change.fields)
    return found
