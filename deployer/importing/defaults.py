"""Options of a live connection in, those out that a new connection would not have by itself."""

from collections.abc import Mapping
from typing import Any

# What a connection has that nobody set, from recorded answers of
# https://auth0.com/docs/api/management/v2/connections/post-connections. The password policy is not among them: which
# one a new connection gets depends on what else it is created with.
_DEFAULTS: Mapping[str, Any] = {
    "mfa": {"active": True, "return_enroll_settings": True},
    "strategy_version": 2,
    "brute_force_protection": True,
    "disable_signup": False,
    "requires_username": False,
    "enable_script_context": False,
    "authentication_methods": {
        "password": {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"},
        "passkey": {"enabled": False},
        "email_otp": {"enabled": False},
        "phone_otp": {"enabled": False},
    },
    "passkey_options": {
        "challenge_ui": "both",
        "progressive_enrollment_enabled": True,
        "local_enrollment_enabled": True,
    },
    "password_options": {
        "complexity": {
            "character_type_rule": "all",
            "identical_characters": "allow",
            "sequential_characters": "allow",
            "max_length_exceeded": "error",
            "min_length": 15,
            "character_types": [],
        },
        "profile_data": {
            "active": False,
            "blocked_fields": [
                "name",
                "username",
                "nickname",
                "email",
                "phone_number",
                "user_metadata.name",
                "user_metadata.first",
                "user_metadata.last",
            ],
        },
        "history": {"active": False, "size": 3},
        "dictionary": {"active": False, "custom": [], "default": "en_100k"},
    },
}

_OURS = frozenset({"customScripts", "configuration", "enabledDatabaseCustomization", "import_mode"})


def chosen_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that somebody chose, without those that are defined elsewhere than under `options`."""
    chosen: dict[str, Any] = _differing({key: value for key, value in options.items() if key not in _OURS}, _DEFAULTS)
    # Wanting `attributes` alone would take `requires_username` away where the tenant has both.
    if chosen.get("attributes") is not None and "requires_username" in options:
        chosen["requires_username"] = options["requires_username"]
    return chosen


def _differing(value: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """The keys whose value is no default; of maps, what differs in them."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        usual = default.get(key)
        if isinstance(item, Mapping) and isinstance(usual, Mapping):
            if below := _differing(item, usual):
                found[key] = below
        elif item is not None and (item != usual or type(item) is not type(usual)):
            found[key] = item
    return found
