"""Defines the errors that users are meant to read: what happened, where, and what to do next.

Everything raised for a user's mistake or for a refusal is a `DeployerError`; the command line prints it as one
paragraph and exits with its code. Anything else is a defect of ours and shows a traceback only with `-vv`.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    REFUSED = 3
    INTERRUPTED = 130


class DeployerError(Exception):
    """What went wrong (`what`), where (`where`: a file position, an address, a URL) and what to do next (`hint`)."""

    exit_code: ExitCode = ExitCode.ERROR

    def __init__(
        self, what: str, *, where: str | None = None, hint: str | None = None, exit_code: ExitCode | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        if exit_code is not None:
            self.exit_code = exit_code

    @property
    def brief(self) -> str:
        """What went wrong, in one line, for where the place is known and the rest is shown elsewhere."""
        return self.what.partition("\n")[0]

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{with_hint(self.what, self.hint)}"


class RefusedError(DeployerError):
    """Refused for safety: nothing was changed, and the hint names what would allow it."""

    exit_code = ExitCode.REFUSED


def with_hint(what: str, hint: str | None) -> str:
    """Join two sentences, or make one where the hint goes on from the first (`did you mean ...?`)."""
    if not hint:
        return what
    if what.endswith((".", "?", "!", "\n", ":")):
        return f"{what}{'' if what.endswith(chr(10)) else ' '}{hint}"
    return f"{what}{'; ' if hint[0].islower() else '. '}{hint}"
