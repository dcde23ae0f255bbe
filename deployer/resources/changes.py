"""Says how one attribute of a resource differs between two states."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from deployer.resources.server_completed import Path
from deployer.scripts import is_default_template

_SIDES: tuple[Literal["before", "after"], ...] = ("before", "after")


class AttributeChange(BaseModel):
    """One attribute that differs: its path below the resource, and what it is and becomes (JSON values).

    `by_tenant` says that the tenant had added it by itself: it goes with a write, and is no reason for one.
    """

    model_config = ConfigDict(frozen=True)

    path: Path
    action: Literal["add", "change", "remove"]
    before: Any = None
    after: Any = None
    by_tenant: bool = False

    @property
    def is_text(self) -> bool:
        """Whether a line difference says more than the two values."""
        return any(isinstance(value, str) and "\n" in value for value in (self.before, self.after))

    @property
    def default_template(self) -> Literal["before", "after"] | None:
        """Which of the two is a script that nobody has written: Auth0's default template."""
        if self.path[:2] != ("options", "customScripts"):
            return None
        return next((side for side in _SIDES if is_default_template(getattr(self, side))), None)
