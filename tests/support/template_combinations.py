"""Lists the stores as they are shipped, each in the combinations of variables that must work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deployer.rendering.scripts import RenderedConnection
from deployer.rendering.templates import Templates
from tests.support.paths import ROOT

CONNECTION = "legacy-users"


FORMATS = Templates(ROOT / "templates").password_formats
READ_FORMATS = list(FORMATS.choices["password-formats"])
WRITTEN_FORMATS = FORMATS.choices["new-password-formats"]
FORMAT_MODULES = {name: version for entry in FORMATS.by_name.values() for name, version in entry.modules.items()}


PROFILE = {
    "profile": {"given_name": "first_name", "family_name": "last name"},
    "metadata": {"plan": "plan"},
    "user_metadata": {"lang": "language"},
}


LEGACY = {
    "verified_values": ["J", "ja"],
    "write_verified": "J",
    "write_unverified": "N",
    "active_column": "is_active",
    "active_values": ["A"],
    "locked_until_column": "locked_until",
    "deleted_at_column": "deleted_at",
    "profile": {"given_name": "first_name"},
    "new_user_defaults": {"first_name": ""},
    "created_columns": ["joined"],
    "where": [
        {"column": "status", "is": True},
        {"column": "kind", "in": ["it's", 2]},
        {"column": "banned", "not": 1},
        {"column": "merged", "null": True},
        {"column": "valid_from", "before_now": True},
        {"column": "valid_to", "before_now": False},
    ],
}


@dataclass(frozen=True)
class Combination:
    """One way to use a store."""

    name: str
    store: str
    variables: dict[str, Any] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    migration: str = "off"

    def __str__(self) -> str:
        return f"{self.store}-{self.name}"


def _relational(store: str) -> list[Combination]:
    every = {
        **PROFILE,
        "table": "app.users",
        "username_column": "username",
        "username_is_email": True,
        "email_verified_type": "timestamp",
        "generate_ids": True,
        "migrated_column": "migrated_at",
        "new_user_values": {"source": "it's auth0"},
        "upgrade_passwords": True,
        "password_formats": READ_FORMATS,
        "ca_key": "DATABASE_CA",
    }
    return [
        Combination("defaults", store),
        Combination("everything", store, every, FORMAT_MODULES, {"requires_username": True}),
        Combination("legacy-values", store, {**LEGACY, "id_type": "uuid-dotnet", "generate_ids": True}),
        Combination("hex-ids", store, {"id_type": "hex", "email_verified_column": None, "active_column": "is_active"}),
        Combination("no-verified-column", store, {"email_verified_column": None, "email_match": "exact", "tls": False}),
        *(
            Combination(
                f"writes-{format_}",
                store,
                {
                    "new_password_format": format_,
                    "password_formats": [FORMATS.by_name[format_].read_as or format_],
                    "upgrade_passwords": True,
                },
                dict(FORMATS.by_name[format_].modules),
            )
            for format_ in WRITTEN_FORMATS
        ),
    ]


_SERVICE = {"usernames": True, "with_metadata": True, "profile": ["name"], "no_user_code": None}


COMBINATIONS = [
    *_relational("postgres"),
    *_relational("mysql"),
    *_relational("sqlserver"),
    Combination(
        "identity-2",
        "sqlserver",
        {
            "normalized_email_column": None,
            "normalized_username_column": None,
            "new_password_format": "aspnet-identity-v2",
            "stamp_columns": [],
            "new_user_values": {},
            "generate_ids": False,
        },
    ),
    Combination("defaults", "mongodb"),
    Combination(
        "everything",
        "mongodb",
        {
            "profile": {"given_name": "name.first"},
            "metadata": {"plan": "billing.plan"},
            "user_metadata": {"lang": "language"},
            "username_field": "username",
            "match": "ignore-case",
            "id_type": "uuid",
            "email_verified_type": "timestamp",
            "migrated_field": "migrated_at",
            "new_user_values": {"source": "it's auth0"},
            "upgrade_passwords": True,
            "password_formats": READ_FORMATS,
            "database": "legacy",
            "ca_key": "DATABASE_CA",
        },
        FORMAT_MODULES,
        {"requires_username": True},
    ),
    Combination(
        "legacy-values",
        "mongodb",
        {**{name.replace("_column", "_field"): value for name, value in LEGACY.items()}, "id_type": "uuid-dotnet"},
    ),
    Combination("hex-ids", "mongodb", {"id_type": "hex", "email_verified_field": None, "active_field": "is.active"}),
    Combination("no-verified-field", "mongodb", {"email_verified_field": None, "tls": False}),
    Combination("universal", "aspnet-membership", {}, {}, {"requires_username": True}),
    Combination("universal-sha1", "aspnet-membership", {"hash_algorithm": "SHA1", "email_match": "lower"}),
    Combination("universal-hmac-512", "aspnet-membership", {"hash_algorithm": "HMACSHA512", **PROFILE}),
    Combination("simple", "aspnet-membership", {"provider": "simple"}, {}, {"requires_username": True}),
    Combination(
        "simple-with-email",
        "aspnet-membership",
        {"provider": "simple", "email_column": "Email", "migrated_column": "MovedAt", "approved_means_verified": True},
    ),
    Combination("service", "basic-auth-service"),
    Combination("service-everything", "basic-auth-service", _SERVICE, {}, {"requires_username": True}),
    Combination("user", "basic-auth-service", {"login_with": "user", "login_method": "POST"}),
    Combination("defaults", "api"),
    Combination("everything", "api", {**_SERVICE, "wrong_credentials_status": 422}, {}, {"requires_username": True}),
]


STORES = sorted({combination.store for combination in COMBINATIONS})


Render = Callable[..., RenderedConnection]
