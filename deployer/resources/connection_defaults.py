"""Says what a tenant completes in a database connection and which options exclude each other, in tenants of every age.

The values are those of `deployer.auth0_defaults`.
"""

from collections.abc import Mapping
from typing import Any

from deployer import auth0_defaults
from deployer.resources.server_completed import Alternatives, ServerCompleted

OLD_PASSWORD_FIELDS = frozenset(auth0_defaults.OLD_PASSWORD_FIELDS)
DEFAULT_OPTIONS: Mapping[str, Any] = {**auth0_defaults.NEW_CONNECTION_OPTIONS, **auth0_defaults.OFF_UNLESS_SET}
"""What a new connection has that nobody set, but for the old default policy. Older tenants have less of it."""

# Auth0 refuses a request with both of a pair. A POST with the old password fields is answered with them and with
# `password_options` (recorded in 2026-08), beside which it ignores them
# (https://auth0.com/docs/authenticate/database-connections/flexible-password-policy).
PASSWORD_FAMILIES = Alternatives(
    "options", OLD_PASSWORD_FIELDS, frozenset({auth0_defaults.PASSWORD_OPTIONS}), new_decides=True
)
_IDENTIFIER_FAMILIES = Alternatives(
    "options", frozenset({"requires_username", "validation"}), frozenset({"attributes"})
)

SERVER_COMPLETED = ServerCompleted(
    # Recorded: these maps come back with more keys than were sent, and keep them.
    completed=frozenset({("options", "authentication_methods"), ("options", "passkey_options"), ("options", "mfa")}),
    alternatives=(PASSWORD_FAMILIES, _IDENTIFIER_FAMILIES),
    defaults={"options": DEFAULT_OPTIONS},
)
