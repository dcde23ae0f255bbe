"""Holds the tenant files that most tests begin with."""

CANARY = "canary-Pg-passw0rd-do-not-show"
"""The secret that must not be seen anywhere."""

SCRIPTS_URL = f"postgres://scripts:{CANARY}@db.example.com/users"
"""Where scripts find their store, with the secret."""

DEFINITION = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
"""
"""The head of a tenant file that reaches the tenant of the environment."""

LEGACY_USERS = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good], brute_force_protection: true}
"""
"""A tenant file's one connection."""


def definition_of(name: str) -> str:
    """Return the head of a tenant file that reaches one of several tenants: its variables begin with its name."""
    return DEFINITION.replace("AUTH0_", f"{name}_")
