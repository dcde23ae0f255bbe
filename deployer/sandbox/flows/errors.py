"""Explains why a login, a signup or a change did not happen; each front door words it in its own way."""

from deployer.errors import DeployerError
from deployer.runtime.calls import Problem, ScriptError
from deployer.sandbox.errors import OAuthError

WRONG_CREDENTIALS = "Wrong email or password."
USER_EXISTS = "The user already exists."


class FlowError(Exception):
    """A flow that ends without success: `code` as Auth0 names it, the status that goes with it, and a sentence."""

    def __init__(self, code: str, description: str, status: int = 403) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status

    def oauth(self) -> OAuthError:
        """Build the error as the token endpoint answers it."""
        return OAuthError(self.status, self.code, self.description)


def wrong_credentials() -> FlowError:
    """Build the error for an unknown user and for a wrong password: the same one."""
    return FlowError("invalid_grant", WRONG_CREDENTIALS)


def user_exists() -> FlowError:
    """Build the error for an id, e-mail address or username that another user has."""
    return FlowError("user_exists", USER_EXISTS, 400)


def cannot_run(error: DeployerError) -> FlowError:
    """Build the error for a machine that cannot run scripts: no Node, or modules that cannot be had."""
    return FlowError("temporarily_unavailable", str(error), 503)


def from_script(error: ScriptError, problems: list[Problem], limit_seconds: float) -> FlowError:
    """Build the error that an action script's error stands for.

    `WrongUsernameOrPasswordError` is a wrong password, `ValidationError` brings its own code, `UnauthorizedError` is
    `unauthorized`; anything else is an error of the server, with the script's message.
    https://auth0.com/docs/authenticate/database-connections/custom-db/error-handling
    """
    if error.is_wrong_credentials():
        return wrong_credentials()
    if error.official and error.type == "ValidationError":
        return FlowError(error.code or "validation_error", error.message, 400)
    if error.official and error.type == "UnauthorizedError":
        return FlowError("unauthorized", error.message)
    if Problem.NEVER_CALLED_BACK in problems or Problem.BLOCKED in problems:
        return FlowError(
            "server_error",
            f"Script execution did not complete within {limit_seconds:g} seconds. Either execution time exceeded the "
            "allotted time or an uncaught error was thrown.",
            500,
        )
    return FlowError("server_error", error.message, 500)
