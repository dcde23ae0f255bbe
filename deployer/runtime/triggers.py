"""Lists the triggers of Actions: the function each one exports and the commands of its `api` object.

Sources: https://auth0.com/docs/customize/actions/triggers/post-login/api-object and its sister pages per trigger.
"""

from dataclasses import dataclass

from deployer.errors import DeployerError
from deployer.text import did_you_mean, one_line


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: `function` is what the code exports, `commands` what its `api` offers (`cache` always exists)."""

    name: str
    function: str
    commands: tuple[str, ...]


_METADATA = ("user.setAppMetadata", "user.setUserMetadata")
_SCOPED_TOKEN = ("accessToken.setCustomClaim", "accessToken.addScope", "accessToken.removeScope")

_POST_LOGIN = (
    "access.deny",
    *_SCOPED_TOKEN,
    "authentication.challengeWith",
    "authentication.challengeWithAny",
    "authentication.enrollWith",
    "authentication.enrollWithAny",
    "authentication.recordMethod",
    "authentication.setPrimaryUser",
    "idToken.setCustomClaim",
    "multifactor.enable",
    "prompt.render",
    "redirect.sendUserTo",
    "refreshToken.deleteMetadata",
    "refreshToken.evictMetadata",
    "refreshToken.revoke",
    "refreshToken.setExpiresAt",
    "refreshToken.setIdleExpiresAt",
    "refreshToken.setMetadata",
    "samlResponse.setAttribute",
    "samlResponse.setAudience",
    "samlResponse.setDestination",
    "samlResponse.setRecipient",
    "session.deleteMetadata",
    "session.evictMetadata",
    "session.revoke",
    "session.setCookieMode",
    "session.setExpiresAt",
    "session.setIdleExpiresAt",
    "session.setMetadata",
    "transaction.setMetadata",
    *_METADATA,
)

_TRIGGERS = (
    Trigger("post-login", "onExecutePostLogin", _POST_LOGIN),
    Trigger("credentials-exchange", "onExecuteCredentialsExchange", ("access.deny", *_SCOPED_TOKEN)),
    Trigger("pre-user-registration", "onExecutePreUserRegistration", ("access.deny", "validation.error", *_METADATA)),
    Trigger("post-user-registration", "onExecutePostUserRegistration", ()),
    Trigger("post-change-password", "onExecutePostChangePassword", ()),
    Trigger("send-phone-message", "onExecuteSendPhoneMessage", ()),
)

TRIGGERS: dict[str, Trigger] = {trigger.name: trigger for trigger in _TRIGGERS}
"""Every trigger that Actions can be run for, by name."""


def find_trigger(name: str) -> Trigger:
    """Return the trigger of that name. Raises DeployerError for one that is not known."""
    if name not in TRIGGERS:
        known = did_you_mean(name, TRIGGERS)
        raise DeployerError(
            f"there is no trigger '{one_line(name, 60)}'{': ' + known if known else ''}",
            hint=f"Known triggers: {', '.join(TRIGGERS)}.",
        )
    return TRIGGERS[name]
