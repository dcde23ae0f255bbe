"""Lists the concerns that there are: what a user must accept with `--allow CODE:ADDRESS` before an apply."""

import shlex
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from deployer.text import one_line


class ConcernCode(StrEnum):
    """Every code that there is, each with when it is said. People write them down, so none ever changes.

    The README's table is this one.
    """

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        """Make a code that knows its meaning."""
        one = str.__new__(cls, code)
        one._value_ = code
        one.meaning = meaning
        return one

    ADOPT = "adopt", "a resource that somebody else has made is managed from then on"
    CLOSES_LOGIN = (
        "closes-login",
        "a way to log in goes: an application, a realm, a method, an identifier, all of it",
    )
    DELETE = "delete", "something of a protected tenant is deleted"
    DROP_SECRET = "drop-secret", "a secret of the tenant that no definition names goes with the write"
    CUSTOM_DATABASE_OFF = "enableddatabasecustomization-off", "the scripts stop running"
    END_MIGRATION = "end-migration", "a script finds nobody any more"
    IMPORT_MODE_OFF = "import-mode-off", "users who log in are no longer moved to Auth0"
    IRREVERSIBLE = "irreversible", "a change of a protected tenant cannot be taken back"
    MANY_CHANGES = "many-changes", "one plan changes more of a tenant's connections than `max_change_share`"
    PROTECTED = "protected", "a protected tenant is changed by a plan that was not saved"
    REMOVE_SCRIPT = "remove-script", "a script that runs goes"
    REMOVES_GUARD = "removes-guard", "an Action is taken out of a flow and no longer runs"
    ROTATES_SECRET = "rotates-secret", "a secret whose value is not at hand for the plan is a new one"
    SCRIPT_CONTEXT = "script-context", "`enable_script_context` is turned on, which Auth0 lets nobody turn off"
    TAKE_OVER = "take-over", "what another tenant file has deployed is managed by this one from then on"
    USER_ID_PREFIX = "user-id-prefix", "users get other ids"
    WEAKENS_PASSWORD_POLICY = "weakens-password-policy", "new passwords may be weaker than before"


class Concern(BaseModel):
    """Why a change needs to be named before it is applied: `--allow CODE:ADDRESS`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: ConcernCode
    address: str
    why: str

    @property
    def name(self) -> str:
        """What is given to `--allow`: one word of plain text, whatever the tenant calls its things."""
        return one_line(f"{self.code}:{self.address}", 300)

    @property
    def option(self) -> str:
        """The whole option as a shell takes it: names of applications may hold blanks."""
        return f"--allow {shlex.quote(self.name)}"
