"""Describes what goes into a container and what comes out: calls of scripts, Actions and Rules, and their results.

Plain data; `requests` turns calls into messages and messages into results.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Outcome = Literal["value", "nothing", "error"]
"""`callback(null, value)`, `callback(null)`, or an error of any origin."""


class Problem(StrEnum):
    """What was wrong with how a script ended, whatever it answered."""

    CALLED_BACK_TWICE = "called back more than once"
    NEVER_CALLED_BACK = "never called back"
    BLOCKED = "blocked the event loop"
    EXITED = "exited"
    FLOODED_OUTPUT = "flooded its output"
    THREW = "threw instead of calling back"
    REJECTED = "its promise was rejected"
    UNCAUGHT = "an error was caught nowhere"
    NOT_LOADED = "could not be loaded"
    OUT_OF_MEMORY = "ran out of memory"
    CONTAINER_LOST = "its container ended"
    UNSERIALISABLE = "its result cannot be sent as JSON"
    RESULT_TOO_LARGE = "its result is larger than 1 MB"


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of an action script.

    `kind` is a name in `deployer.scripts.SCRIPT_KINDS`; `arguments` are its arguments without `context` and `callback`.
    `context` (a JSON object) is passed before `callback` where it is not None. With `settle_seconds` the result waits
    that long after the first callback, so that callbacks and errors that come late are part of it.
    """

    source: str = field(repr=False)
    kind: str
    arguments: tuple[Any, ...] = field(repr=False)
    configuration: dict[str, str] = field(default_factory=dict, repr=False)
    context: dict[str, Any] | None = field(default=None, repr=False)
    limit_seconds: float | None = None
    settle_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One run of a deployed Action. `event` is what Auth0 passes, without `secrets`, which are added to it."""

    code: str = field(repr=False)
    event: dict[str, Any] = field(repr=False)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    trigger: str = "post-login"
    function: str | None = None
    name: str = "action"
    limit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RuleCall:
    """One run of a Rule: `function (user, context, callback)`. `domain` is the tenant's, for the `auth0` object."""

    code: str = field(repr=False)
    user: dict[str, Any] = field(repr=False)
    context: dict[str, Any] = field(repr=False)
    configuration: dict[str, str] = field(default_factory=dict, repr=False)
    domain: str = "localhost"
    name: str = "rule"
    limit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ScriptError:
    """An error as a script gave it.

    `type` is the class; for Auth0's own three classes `official` is true, and false for a class that only has the
    name. `user` is the first argument of `WrongUsernameOrPasswordError`. `at` is `script:login.js:LINE:COLUMN`. `cause`
    is the message of its `cause`: the store's own words, which Auth0 does not show.
    """

    type: str
    name: str
    message: str
    code: str | None = None
    user: str | None = None
    official: bool = False
    at: str | None = None
    cause: str | None = None

    def is_wrong_credentials(self) -> bool:
        """Return whether it is `new WrongUsernameOrPasswordError(...)`."""
        return self.official and self.type == "WrongUsernameOrPasswordError"

    def is_validation(self, code: str) -> bool:
        """Return whether it is `new ValidationError(code, ...)`."""
        return self.official and self.type == "ValidationError" and self.code == code


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a script wrote to its console. `level`: info, warn, error or debug."""

    level: str
    text: str


@dataclass(slots=True)
class CallResult:
    """What came of a call.

    `duration_ms` is the script's own time up to its first callback, `elapsed_ms` ours around the whole call.
    `callback_count` and `problems` may still grow after the result was returned, when the script calls back again.
    """

    outcome: Outcome
    value: Any = field(default=None, repr=False)
    error: ScriptError | None = None
    duration_ms: float = 0.0
    elapsed_ms: float = 0.0
    logs: list[LogLine] = field(default_factory=list, repr=False)
    callback_count: int = 0
    late_callbacks: int = 0
    container: str = ""
    problems: list[Problem] = field(default_factory=list)

    def add_problem(self, problem: Problem) -> None:
        """Add a problem once."""
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class Command:
    """One call of an Action's `api` (`access.deny`) or of a Rule's `auth0` (`auth0.users.updateAppMetadata`)."""

    name: str
    arguments: list[Any]


@dataclass(slots=True)
class ActionResult:
    """What an Action asked for, in order. `error` is set where it threw: what it had recorded then is still here."""

    commands: list[Command]
    error: ScriptError | None = None
    duration_ms: float = 0.0
    elapsed_ms: float = 0.0
    logs: list[LogLine] = field(default_factory=list, repr=False)
    container: str = ""
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class RuleResult:
    """The user and context that a Rule handed on (None after an error), and what it asked of `auth0`."""

    user: dict[str, Any] | None
    context: dict[str, Any] | None
    commands: list[Command]
    error: ScriptError | None = None
    duration_ms: float = 0.0
    elapsed_ms: float = 0.0
    logs: list[LogLine] = field(default_factory=list, repr=False)
    container: str = ""
    problems: list[Problem] = field(default_factory=list)
