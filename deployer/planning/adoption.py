"""Says what becomes of a resource that somebody else has made and that is managed here from then on. Pure."""

from deployer.resources import client_kind
from deployer.resources.model import Desired, Live
from deployer.text import one_line

_MANAGED = "it exists in the tenant and was not made by this tool; from then on it is managed here"


def adoption_words(wanted: Desired, have: Live) -> str:
    """Why an adoption must be named; of an application, with the ways to sign in that it loses."""
    lost = lost_grant_types(wanted, have) if wanted.kind == client_kind.KIND else []
    if not lost:
        return _MANAGED
    named = one_line(", ".join(lost), 200)
    people = ": whoever logs in through it is locked out" if any(each in _BY_PEOPLE for each in lost) else ""
    return f"{_MANAGED}, and loses the grant types {named}{people}"


def lost_grant_types(wanted: Desired, have: Live) -> list[str]:
    """The grant types that an application has and is not to have, in the tenant's order."""
    kept = wanted.attributes.get("grant_types", [])
    return [str(each) for each in have.attributes.get("grant_types") or [] if each not in kept]


# https://auth0.com/docs/get-started/applications/application-grant-types
_BY_PEOPLE = frozenset(
    {
        "authorization_code",
        "implicit",
        "password",
        "refresh_token",
        "http://auth0.com/oauth/grant-type/password-realm",
        "http://auth0.com/oauth/grant-type/passwordless/otp",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:openid:params:grant-type:ciba",
        "urn:okta:params:oauth:grant-type:webauthn",
    }
)
