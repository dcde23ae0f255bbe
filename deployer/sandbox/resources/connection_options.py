"""Completes the options of a connection as Auth0 does, or refuses them.

Only a database connection has its options completed, by what its tenant's age adds; those of other strategies stay as
they were sent.

Learned from recorded traffic of the Management API and from
https://auth0.com/docs/api/management/v2/connections/post-connections
"""

import copy
from typing import Any

from deployer.auth0_defaults import (
    NEW_CONNECTION_OPTIONS,
    OLD_DEFAULT_POLICY,
    OLD_PASSWORD_FIELDS,
    PASSWORD_OPTIONS,
    POLICY_LEVELS,
)
from deployer.sandbox.ages import Age
from deployer.sandbox.errors import invalid_body
from deployer.sandbox.keys import Vault
from deployer.sandbox.schema import Anything, Array, Boolean, Nullable, Number, Object, Schema, String
from deployer.scripts import MAX_SCRIPT_BYTES, SCRIPT_KINDS

_FLAG = Boolean()
_ENABLED = Object({"enabled": _FLAG}, extra=Anything())
_STATUS = String(enum=("required", "optional", "inactive"))
_BEHAVIOURS: dict[str, Schema] = {
    "enabled": _FLAG,
    "api_behavior": String(enum=("required", "optional")),
    "signup_behavior": String(enum=("allow", "block")),
}
_SIGNUP = Object({"status": _STATUS, "verification": Object({"active": _FLAG})})
_IDENTIFIER = Object({"active": _FLAG, "default_method": String()})
_USERNAME_VALIDATION = Object(
    {
        "min_length": Number(min=1),
        "max_length": Number(min=1, max=128),
        "allowed_types": Object({"email": _FLAG, "phone_number": _FLAG}),
    }
)
_ATTRIBUTES = Object(
    {
        "email": Object(
            {
                "identifier": _IDENTIFIER,
                "profile_required": _FLAG,
                "unique": _FLAG,
                "verification_method": String(enum=("link", "otp")),
                "signup": _SIGNUP,
            }
        ),
        "username": Object(
            {
                "identifier": _IDENTIFIER,
                "profile_required": _FLAG,
                "signup": _SIGNUP,
                "validation": _USERNAME_VALIDATION,
            }
        ),
        "phone_number": Object({"identifier": _IDENTIFIER, "profile_required": _FLAG, "signup": _SIGNUP}),
    }
)
_PASSWORD_OPTIONS = Object(
    {
        "complexity": Object(
            {
                "min_length": Number(min=1, max=72),
                "character_types": Array(String(enum=("uppercase", "lowercase", "number", "special")), unique=True),
                "character_type_rule": String(enum=("all", "three_of_four")),
                "identical_characters": String(enum=("allow", "block")),
                "sequential_characters": String(enum=("allow", "block")),
                "max_length_exceeded": String(enum=("truncate", "error")),
            }
        ),
        "profile_data": Object({"active": _FLAG, "blocked_fields": Array(String(max=100), max=12)}),
        "history": Object({"active": _FLAG, "size": Number(min=1, max=24)}),
        "dictionary": Object(
            {"active": _FLAG, "custom": Array(String(max=50), max=200), "default": String(enum=("en_10k", "en_100k"))}
        ),
    }
)
_OLD_PASSWORD: dict[str, Schema] = {
    "passwordPolicy": Nullable(String(enum=tuple(POLICY_LEVELS))),
    "password_complexity_options": Nullable(Object({"min_length": Number(min=1, max=128)})),
    "password_history": Nullable(Object({"enable": _FLAG, "size": Number(min=0, max=24)})),
    "password_no_personal_info": Nullable(Object({"enable": _FLAG})),
    "password_dictionary": Nullable(Object({"enable": _FLAG, "dictionary": Array(String(max=50), max=200)})),
}
"""The old password fields, which `password_options` replace."""
OPTIONS = Object(
    {
        **_OLD_PASSWORD,
        "password_options": Nullable(_PASSWORD_OPTIONS),
        "validation": Nullable(
            Object(
                {"username": Nullable(Object({"min": Number(min=1), "max": Number(min=1, max=128)}))}, extra=Anything()
            )
        ),
        "attributes": Nullable(_ATTRIBUTES),
        "precedence": Array(String(enum=("email", "phone_number", "username")), min=1, max=3, unique=True),
        "non_persistent_attrs": Nullable(Array(String())),
        "enable_script_context": _FLAG,
        "enabledDatabaseCustomization": _FLAG,
        "import_mode": _FLAG,
        "disable_signup": _FLAG,
        "requires_username": _FLAG,
        "brute_force_protection": _FLAG,
        "disable_self_service_change_password": _FLAG,
        "configuration": Nullable(Object(extra=Nullable(String()))),
        "customScripts": Nullable(Object({name: String(min=1, max=MAX_SCRIPT_BYTES) for name in SCRIPT_KINDS})),
        "authentication_methods": Nullable(
            Object(
                {
                    "password": Object(_BEHAVIOURS),
                    "passkey": Object({"enabled": _FLAG}),
                    "email_otp": _ENABLED,
                    "phone_otp": _ENABLED,
                }
            )
        ),
        "passkey_options": Nullable(
            Object(
                {
                    "challenge_ui": String(enum=("both", "autofill", "button")),
                    "progressive_enrollment_enabled": _FLAG,
                    "local_enrollment_enabled": _FLAG,
                }
            )
        ),
        "mfa": Nullable(Object({"active": _FLAG, "return_enroll_settings": _FLAG}, extra=Anything())),
        "strategy_version": Nullable(Number()),
        "set_user_root_attributes": Nullable(String(enum=("on_each_login", "on_first_login", "never_on_login"))),
        "upstream_params": Nullable(Object(extra=Anything())),
        "realm_fallback": _FLAG,
        "custom_password_hash": Nullable(Object({"action_id": String()})),
    },
    extra=Anything(),
)

_KEPT_ON_PATCH = ("authentication_methods", "passkey_options", "brute_force_protection")
"""What a PATCH of the options keeps although it was not sent."""


def refuse(options: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Raise ApiError 400 for combinations that Auth0 refuses; `before` are the options that are replaced, if any."""
    attributes = options.get("attributes")
    if options.get(PASSWORD_OPTIONS) is not None:
        old = [name for name in OLD_PASSWORD_FIELDS if options.get(name) is not None]
        if old:
            raise invalid_body(f"Cannot set both options.password_options and options.{old[0]}")
    if attributes is not None:
        if options.get("validation") is not None:
            raise invalid_body("Cannot set both options.attributes and options.validation")
        if options.get("requires_username"):
            raise invalid_body("Cannot set both options.attributes and options.requires_username")
        if not any((attribute.get("identifier") or {}).get("active") for attribute in attributes.values()):
            raise invalid_body("attributes must contain one active identifier")
        for name, attribute in attributes.items():
            if attribute.get("profile_required") and (attribute.get("signup") or {}).get("status") == "inactive":
                raise invalid_body(f"attribute {name} must also be required on signup")
    _refuse_email(attributes, before)
    username = (options.get("validation") or {}).get("username") or {}
    if username.get("min", 1) > username.get("max", 128):
        raise invalid_body("options.validation.username.min must not be greater than options.validation.username.max")
    if before is not None and before.get("enable_script_context") and options.get("enable_script_context") is False:
        raise invalid_body("options.enable_script_context cannot be disabled once it is enabled")


def _refuse_email(attributes: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    email = (attributes or {}).get("email")
    if before is None or email is None:
        return
    old = (before.get("attributes") or {}).get("email")
    if old is None:
        if email.get("unique") is False:
            raise invalid_body("cannot add non-unique email attribute")
    elif email.get("unique", True) != old.get("unique", True):
        # What is not sent is taken for true: https://github.com/auth0/terraform-provider-auth0/pull/1670
        raise invalid_body("cannot patch unique property on email attribute")


def complete_new(sent: dict[str, Any] | None, age: Age, vault: Vault) -> dict[str, Any]:
    """Complete the options of a new database connection."""
    options = _encrypted(copy.deepcopy(sent or {}), vault)
    for name in ("mfa", "strategy_version", "passkey_options", "brute_force_protection"):
        options.setdefault(name, copy.deepcopy(NEW_CONNECTION_OPTIONS[name]))
    if options.get("password_options") is None:
        if age.flexible_passwords:
            options["password_options"] = {}
        else:
            options.setdefault("passwordPolicy", OLD_DEFAULT_POLICY)
    if options.get("authentication_methods") is None:
        options["authentication_methods"] = _completed_methods({}, age)
    else:
        options["authentication_methods"] = _completed_methods(options["authentication_methods"], age, sent=True)
    return _completed(options, age)


def complete_updated(sent: dict[str, Any], before: dict[str, Any], age: Age, vault: Vault) -> dict[str, Any]:
    """Complete the options after a PATCH: what was sent and no more, but for what Auth0 keeps by itself."""
    options = _encrypted(copy.deepcopy(sent), vault)
    if options.get("authentication_methods") is not None:
        options["authentication_methods"] = _completed_methods(options["authentication_methods"], age, sent=True)
    for name in _KEPT_ON_PATCH:
        if options.get(name) is None and name in before:
            options[name] = before[name]
    if before.get("enable_script_context"):
        options["enable_script_context"] = True
    return _completed(options, age)


def _completed_methods(methods: dict[str, Any], age: Age, *, sent: bool = False) -> dict[str, Any]:
    """Complete the ways to log in by what the age adds to the password, and to a choice that was sent."""
    usual = NEW_CONNECTION_OPTIONS["authentication_methods"]
    password = {
        "enabled": usual["password"]["enabled"],
        **age.password_method,
        **(methods.get("password") or {}),
    }
    added = copy.deepcopy(dict(age.sent_methods)) if sent else {}
    return {"passkey": dict(usual["passkey"]), **added, **methods, "password": password}


def to_password_options(options: dict[str, Any]) -> dict[str, Any]:
    """Build the complete `password_options` that ask of a password what the old password fields do.

    What the levels of `passwordPolicy` ask for: https://auth0.com/docs/authenticate/database-connections/password-strength
    and what becomes of the other fields, by an example:
    https://auth0.com/docs/authenticate/database-connections/flexible-password-policy
    """
    level = POLICY_LEVELS[options.get("passwordPolicy") or "none"]
    own_length = (options.get("password_complexity_options") or {}).get("min_length")
    history = options.get("password_history") or {}
    dictionary = options.get("password_dictionary") or {}
    personal = options.get("password_no_personal_info") or {}
    given = {
        "complexity": {
            "min_length": own_length or level.min_length,
            "character_types": list(level.character_types),
            "character_type_rule": level.character_rule,
            "identical_characters": level.identical_characters,
            "max_length_exceeded": "truncate",
        },
        "profile_data": {"active": personal.get("enable", False)},
        "history": {
            "active": history.get("enable", False),
            **({"size": history["size"]} if history.get("size") else {}),
        },
        "dictionary": {
            "active": dictionary.get("enable", False),
            "custom": dictionary.get("dictionary", []),
            "default": "en_10k",
        },
    }
    return _completed_password_options(given)


def _completed(options: dict[str, Any], age: Age) -> dict[str, Any]:
    if options.get("password_options") is not None:
        options["password_options"] = _completed_password_options(options["password_options"])
    email = (options.get("attributes") or {}).get("email")
    if email is not None:
        email |= {**age.email_attribute, **email}
    return {key: value for key, value in options.items() if value is not None}


def _completed_password_options(given: dict[str, Any]) -> dict[str, Any]:
    return {
        part: {**copy.deepcopy(defaults), **(given.get(part) or {})}
        for part, defaults in NEW_CONNECTION_OPTIONS[PASSWORD_OPTIONS].items()
    }


def _encrypted(options: dict[str, Any], vault: Vault) -> dict[str, Any]:
    configuration = options.get("configuration")
    if configuration is not None:
        options["configuration"] = {
            key: None if value is None else vault.encrypt(value) for key, value in configuration.items()
        }
    return options
