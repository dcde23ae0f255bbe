"""Says how the objects of each kind merge on PATCH and what completes them: one table, and the functions that read it.

A resource module takes the shape of its kind; what is peculiar to one attribute is a row of the table, not code.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How the objects of one kind are completed, merged and shown.

    `absent` are the values of a new object for attributes that were not sent. `completed` are the members that an
    attribute gets where it was sent without them (at its creation: a PATCH keeps what is there). `merged` names the
    attributes whose members merge with what is there, and of which a null member is removed; None stands for every
    attribute that holds an object, but those in `replaced`. Null removes an attribute, and what `removed_with` names
    for it, unless it is one of `nulls`, of which null is a value. While an attribute that `hides` names is set, the
    others are not shown.
    """

    absent: Mapping[str, Any] = field(default_factory=dict)
    completed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    merged: frozenset[str] | None = frozenset()
    replaced: frozenset[str] = frozenset()
    nulls: frozenset[str] = frozenset()
    removed_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_absent(self, added: Mapping[str, Any]) -> "Shape":
        """Make the shape whose new objects also have these values, and whose sent objects are completed by them."""
        completed = {name: value for name, value in added.items() if isinstance(value, Mapping)}
        return replace(self, absent={**self.absent, **added}, completed={**self.completed, **completed})

    def create(self, sent: Mapping[str, Any]) -> Document:
        """Make a new object's attributes: what was sent, completed, and what is there without being sent."""
        return {**copy.deepcopy(dict(self.absent)), **self.update({}, sent)}

    def update(self, before: Mapping[str, Any], sent: Mapping[str, Any]) -> Document:
        """Merge what a PATCH sends into an object's attributes; neither is changed."""
        after = dict(before)
        for name, value in sent.items():
            after[name] = self._merge(name, before.get(name), value)
        gone = {name for name, value in sent.items() if value is None and name not in self.nulls}
        gone |= {other for name in gone for other in self.removed_with.get(name, ()) if sent.get(other) is None}
        return {name: value for name, value in after.items() if name not in gone}

    def show(self, body: Document) -> Document:
        """Leave out what another attribute hides."""
        hidden = {name for cause, names in self.hides.items() if body.get(cause) for name in names}
        return {name: value for name, value in body.items() if name not in hidden} if hidden else body

    def _merge(self, name: str, before: Any, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return copy.deepcopy(sent)
        base: Mapping[str, Any] = self.completed.get(name, {})
        if self._merges(name):
            base = before if isinstance(before, dict) else base
            merged = {**copy.deepcopy(dict(base)), **copy.deepcopy(sent)}
            return {member: value for member, value in merged.items() if sent.get(member, value) is not None}
        return {**copy.deepcopy(dict(base)), **copy.deepcopy(sent)}

    def _merges(self, name: str) -> bool:
        return name not in self.replaced and (self.merged is None or name in self.merged)


_REFRESH_TOKEN = {
    "rotation_type": "non-rotating",
    "expiration_type": "non-expiring",
    "leeway": 0,
    "token_lifetime": 2_592_000,
    "infinite_token_lifetime": True,
    "infinite_idle_token_lifetime": True,
    "idle_token_lifetime": 1_296_000,
}
_LONG_LIVED = {"token_lifetime": 31_557_600, "idle_token_lifetime": 2_592_000}
"""A refresh token lasts longer where the kind of application is known (recorded traffic)."""

CLIENT = Shape(
    absent={
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": False,
        "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        "custom_login_page_on": True,
        "refresh_token": _REFRESH_TOKEN,
    },
    completed={
        "jwt_configuration": {"secret_encoded": False},
        "refresh_token": _REFRESH_TOKEN,
        # https://auth0.com/docs/api/management/v2/clients/post-clients names these defaults
        "session_transfer": {
            "can_create_session_transfer_token": False,
            "enforce_cascade_revocation": True,
            "allowed_authentication_methods": [],
            "enforce_device_binding": "ip",
            "allow_refresh_token": False,
            "enforce_online_refresh_tokens": True,
        },
    },
    merged=None,
    # A client authenticates in one way: a new one takes the place of the other.
    replaced=frozenset({"client_authentication_methods"}),
    removed_with={"oidc_backchannel_logout": ("oidc_logout",)},
    hides={"client_authentication_methods": ("client_secret",)},
)
TYPED_CLIENT = CLIENT.with_absent({"refresh_token": {**_REFRESH_TOKEN, **_LONG_LIVED}})
"""A client whose `app_type` was sent."""
RESOURCE_SERVER = Shape(
    absent={
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        "token_lifetime": 86_400,
        "token_lifetime_for_web": 7_200,
        "signing_alg": "RS256",
    },
    merged=frozenset({"subject_type_authorization"}),
    nulls=frozenset({"token_encryption", "consent_policy", "authorization_details", "proof_of_possession"}),
)
CLIENT_GRANT = Shape(absent={"scope": []})
RULE = Shape(absent={"enabled": True, "stage": "login_success"})
