"""Lists the kinds of action scripts: the key in `options.customScripts`, the recommended function name, the parameters.

Sources: https://auth0.com/docs/authenticate/database-connections/custom-db/templates and the schema of
`options.customScripts` in https://auth0.com/docs/api/management/v2/connections/patch-connections-by-id
"""

import re
from dataclasses import dataclass

MAX_SCRIPT_BYTES = 100_000
"""An action script may have at most 100 kB (Auth0's custom database anatomy page)."""

EXECUTION_LIMIT_SECONDS = 20
"""A script has about 20 seconds before its container may be recycled."""


@dataclass(frozen=True, slots=True)
class ScriptKind:
    """One kind of action script. `arguments` are its parameters without `context` and `callback`."""

    name: str
    function: str
    arguments: tuple[str, ...]

    def parameters(self, *, with_context: bool) -> tuple[str, ...]:
        """Return the whole parameter list; `context` comes before `callback` where `enable_script_context` is on."""
        return (*self.arguments, *(("context",) if with_context else ()), "callback")


_KINDS = (
    ScriptKind("login", "login", ("usernameOrEmail", "password")),
    ScriptKind("get_user", "getUser", ("email",)),
    ScriptKind("create", "create", ("user",)),
    ScriptKind("verify", "verify", ("email",)),
    ScriptKind("change_password", "changePassword", ("email", "newPassword")),
    ScriptKind("delete", "deleteUser", ("id",)),
    ScriptKind("change_email", "changeEmail", ("email", "newEmail", "verified")),
    ScriptKind("change_username", "changeUsername", ("username", "newUsername")),
    ScriptKind("change_phone_number", "changePhoneNumber", ("phoneNumber", "newPhoneNumber", "verified")),
)

SCRIPT_KINDS: dict[str, ScriptKind] = {kind.name: kind for kind in _KINDS}
"""Every kind by name, in the order in which they are shown."""

MIGRATION_SCRIPTS = ("login", "get_user")
"""What trickle migration (`import_mode: true`) needs."""

DEFAULT_TEMPLATE = re.compile(r"please implement the\b.{0,40}\bscript\b", re.IGNORECASE)
"""What the templates in the Dashboard answer every call with; saved as they are, they do nothing else."""

DEFAULT_TEMPLATE_NAME = "Auth0's default template"
"""What such a script is called wherever it is shown."""

_QUOTED_DEFAULT = re.compile(rf"""["'`][^"'`\n]{{0,80}}{DEFAULT_TEMPLATE.pattern}""", re.IGNORECASE)


def is_default_template(source: object) -> bool:
    """Return whether a script is the one that Auth0 puts there, which answers every call with an error."""
    # Its words are looked for first: the pattern takes fifty times as long to say no.
    return isinstance(source, str) and "lease implement the" in source and bool(_QUOTED_DEFAULT.search(source))
