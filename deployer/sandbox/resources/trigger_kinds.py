"""Lists the triggers that an action can be written for.

https://auth0.com/docs/customize/actions/explore-triggers
"""

from dataclasses import dataclass
from typing import Any

_NOW = ("node18-actions", "node22")
_TENANT, _ENTITY = "trigger-bound", "entity-bound"


@dataclass(frozen=True, slots=True)
class TriggerVersion:
    """One version of a trigger as it is listed; `entity-bound` ones are bound to a provider or the like, not in order.

    `compatible` names the versions whose actions run on this one as well.
    """

    id: str
    version: str
    current: bool = True
    runtimes: tuple[str, ...] = _NOW
    default_runtime: str = "node22"
    binding_policy: str = _TENANT
    compatible: tuple[tuple[str, str], ...] = ()

    @property
    def bindable(self) -> bool:
        """Whether actions are bound to it in an order of the tenant's."""
        return self.binding_policy == _TENANT

    def as_listed(self) -> dict[str, Any]:
        """Show the version as `GET /actions/triggers` lists it."""
        return {
            "id": self.id,
            "version": self.version,
            "status": "CURRENT" if self.current else "DEPRECATED",
            "runtimes": list(self.runtimes),
            "default_runtime": self.default_runtime,
            "binding_policy": self.binding_policy,
            "compatible_triggers": [{"id": id, "version": version} for id, version in self.compatible],
        }


def _first(id: str, runtimes: tuple[str, ...] = ("node22",), default: str = "node12") -> TriggerVersion:
    return TriggerVersion(id, "v1", False, runtimes, default)


def _entity(id: str, runtimes: tuple[str, ...] = ("node22",)) -> TriggerVersion:
    return TriggerVersion(id, "v1", runtimes=runtimes, binding_policy=_ENTITY)


LISTED: tuple[TriggerVersion, ...] = (
    TriggerVersion("post-login", "v3", compatible=(("post-login", "v2"),)),
    TriggerVersion("post-login", "v2", False, ("node18", "node22"), "node16"),
    _first("post-login"),
    _first("credentials-exchange"),
    TriggerVersion("credentials-exchange", "v2"),
    TriggerVersion("pre-user-registration", "v2"),
    _first("pre-user-registration"),
    TriggerVersion("post-user-registration", "v2"),
    _first("post-user-registration"),
    _first("post-change-password"),
    TriggerVersion("post-change-password", "v2"),
    TriggerVersion("send-phone-message", "v2"),
    _first("send-phone-message"),
    TriggerVersion("password-reset-post-challenge", "v1"),
    TriggerVersion("custom-phone-provider", "v1"),
    TriggerVersion("custom-email-provider", "v1"),
    _entity("custom-token-exchange", ("node18", "node22")),
    _entity("event-stream"),
    _entity("password-hash-migration"),
    _entity("mcp-tool"),
)
"""What a tenant lists, in its order; learned from traffic of the Management API, 2026-08."""

_UNLISTED = tuple(
    TriggerVersion(id, "v1") for id in ("login-post-identifier", "signup-post-identifier", "post-credential-validation")
)
"""Triggers that are documented, and that a tenant without these features does not list."""

TRIGGERS: dict[str, TriggerVersion] = {kind.id: kind for kind in (*LISTED, *_UNLISTED) if kind.current}
"""The current version of each trigger."""
