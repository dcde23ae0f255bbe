"""Errors that users are meant to read: what happened, where, and what to do next.

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

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{place}{self.what}{advice}"


class RefusedError(DeployerError):
    """Refused for safety: nothing was changed, and the hint names what would allow it."""

    exit_code = ExitCode.REFUSED
