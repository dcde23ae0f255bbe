"""The triggers that an action can be written for. https://auth0.com/docs/customize/actions/explore-triggers"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TriggerKind:
    """A trigger's current version, and whether actions are bound to it or to another entity (such as a provider)."""

    version: str
    bindable: bool = True


TRIGGERS: dict[str, TriggerKind] = {
    "post-login": TriggerKind("v3"),
    "credentials-exchange": TriggerKind("v2"),
    "pre-user-registration": TriggerKind("v2"),
    "post-user-registration": TriggerKind("v2"),
    "post-change-password": TriggerKind("v2"),
    "send-phone-message": TriggerKind("v2"),
    "custom-phone-provider": TriggerKind("v1", bindable=False),
    "custom-email-provider": TriggerKind("v1", bindable=False),
    "password-reset-post-challenge": TriggerKind("v1"),
    "custom-token-exchange": TriggerKind("v1", bindable=False),
    "event-stream": TriggerKind("v1", bindable=False),
    "password-hash-migration": TriggerKind("v1", bindable=False),
    "login-post-identifier": TriggerKind("v1"),
    "signup-post-identifier": TriggerKind("v1"),
    "post-credential-validation": TriggerKind("v1"),
}
RUNTIMES = ("node12", "node16", "node18-actions", "node22")
