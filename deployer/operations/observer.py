"""Says what an operation reports while it runs, to whoever shows it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from deployer.applying.outcome import Observer as StepObserver
from deployer.applying.outcome import Silent as SilentSteps
from deployer.errors import with_hint

if TYPE_CHECKING:
    from deployer.linting.engine import LintReport
    from deployer.planning.model import Plan


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a user should know and that stops nothing: what it is, and what to do about it.

    `about` says of what it is: an apply that was `interrupted`, a `state` folder that is missing, a concern that was
    accepted and that a plan does not have (`allow`), an earlier `release`, the `definitions`.
    """

    about: Literal["interrupted", "state", "allow", "release", "definitions"]
    what: str
    hint: str | None = None

    @property
    def text(self) -> str:
        """Both, as one line of a warning."""
        return with_hint(self.what, self.hint)


class Observer(Protocol):
    """Told what an operation does. Nothing that it does may change what the operation does."""

    def warn(self, notice: Notice) -> None:
        """Take a notice; the same one may come several times."""
        ...

    def reading(self, tenant: str, /) -> AbstractContextManager[None]:
        """Surround the time in which a tenant is read and compared."""
        ...

    def planned(self, plan: "Plan", *, saved: bool) -> None:
        """Take the plan that is about to be applied; one that was `saved` comes from a file."""
        ...

    def applying(self, tenant: str, command: str, /) -> AbstractContextManager[StepObserver]:
        """Surround the time in which a command changes a tenant; what it gives is told about each step."""
        ...

    def does_not_pass(self, report: "LintReport") -> None:
        """Take the findings for which the operation is refused, right before it is."""
        ...


@dataclass(slots=True)
class SilentObserver:
    """Keeps the notices, each once, and shows nothing. `applied` says whether a tenant was about to be changed."""

    notices: list[Notice] = field(default_factory=list)
    applied: bool = False

    def warn(self, notice: Notice) -> None:
        """Keep it."""
        if notice not in self.notices:
            self.notices.append(notice)

    def reading(self, _tenant: str, /) -> AbstractContextManager[None]:
        """Show nothing."""
        return nullcontext()

    def planned(self, plan: "Plan", *, saved: bool) -> None:
        """Show nothing."""

    @contextmanager
    def applying(self, _tenant: str, _command: str, /) -> Iterator[StepObserver]:
        """Note that it has come to this."""
        self.applied = True
        yield SilentSteps()

    def does_not_pass(self, report: "LintReport") -> None:
        """Show nothing."""
