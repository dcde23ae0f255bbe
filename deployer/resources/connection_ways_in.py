"""Finds the ways in that a change of a connection closes, so that nobody is locked out by something left unsaid. Pure.

A way in is whatever lets somebody log in. All of them are listed for the state before and for the state after a write,
and the difference is what has to be named. What the tenant does not show has the default that Auth0 documents:
https://auth0.com/docs/api/management/v2/connections/patch-connections-by-id
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployer.resources.concerns import ConcernCode
from deployer.resources.connection_payload import payload
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live
from deployer.scripts import is_default_template

_IDENTIFIERS = {"email": "e-mail address", "username": "username", "phone_number": "phone number"}
_METHODS = {
    "password": "a password",
    "passkey": "a passkey",
    "email_otp": "a code by e-mail",
    "phone_otp": "a code by phone",
}


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way in. `code` and `part` (what follows the connection's address) name its end, `why` says what that means.

    `same` tells it from others where its end is called differently, by the state that it is in.
    """

    code: ConcernCode
    part: str
    why: str
    same: str = ""

    @property
    def key(self) -> str:
        """What is the same before and after a write."""
        return self.same or f"{self.code}:{self.part}"


def closed_ways(desired: Desired, live: Live) -> list[WayIn]:
    """Find the ways into a live connection that a write closes."""
    open_after = {way.key for way in ways_in(live.name, state_after(desired, live))}
    return [way for way in ways_in(live.name, live.attributes) if way.key not in open_after]


def state_after(desired: Desired, live: Live) -> dict[str, Any]:
    """Build the attributes that a connection has after the write: what the request carries, and what it leaves."""
    body = payload(desired, live, {}, OwnershipMarker(key_id="", release=None, secrets={}))
    written = {key: value for key, value in body.items() if key != "metadata"}
    clients = {"clients": desired.attributes["clients"]} if "clients" in desired.attributes else {}
    return {**live.attributes, **written, **clients}


def ways_in(name: str, attributes: Mapping[str, Any]) -> list[WayIn]:
    """Find every way into a connection of this name, as its attributes say; of its applications those read."""
    options = _map(attributes, "options")
    return [
        *_scripts(options),
        *_switches(attributes),
        *_applications(attributes),
        *_realms(name, attributes),
        *_methods(options),
        *_identifiers(options),
    ]


def _scripts(options: Mapping[str, Any]) -> Iterator[WayIn]:
    """Find the store behind the scripts, each script, and the users that Auth0 keeps itself."""
    is_custom, imports = (options.get(key) is True for key in ("enabledDatabaseCustomization", "import_mode"))
    if is_custom:
        why = "the scripts stop running and every user of the store is locked out"
        yield WayIn(code=ConcernCode.CUSTOM_DATABASE_OFF, part="", why=why)
    if imports:
        why = "users who log in are no longer moved, and those already moved are asked for in the store again"
        yield WayIn(code=ConcernCode.IMPORT_MODE_OFF, part="", why=why, same="auth0-users")
    elif not is_custom:
        # https://auth0.com/docs/authenticate/database-connections/custom-db/overview-custom-db-connections
        why = "every login asks the store from then on: users whom Auth0 keeps, and the store does not, are locked out"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part="/auth0-users", why=why, same="auth0-users")
    for script, source in _map(options, "customScripts").items():
        if is_default_template(source):
            continue  # it lets nobody in
        why = "a script that runs today goes, and with it what it does"
        yield WayIn(code=ConcernCode.REMOVE_SCRIPT, part=f"/{script}", why=why)


def _switches(attributes: Mapping[str, Any]) -> Iterator[WayIn]:
    """Find the connection as a whole, and for the applications of third parties."""
    if _map(attributes, "authentication").get("active") is not False:
        why = "the connection serves no logins any more: nobody gets in with it"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part="/authentication", why=why)
    if attributes.get("is_domain_connection") is True:
        why = "it is no domain connection any more: nobody logs in with it through third-party applications"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part="/domain-connection", why=why)


def _applications(attributes: Mapping[str, Any]) -> Iterator[WayIn]:
    for client in attributes.get("clients") or []:
        why = f"nobody logs in with it through the application {client} any more"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part=f"/clients/{client}", why=why)


def _realms(name: str, attributes: Mapping[str, Any]) -> Iterator[WayIn]:
    """Find the realms: a connection answers to its name where nothing else is said."""
    realms = attributes.get("realms")
    for realm in [name] if realms is None else realms:
        why = f"it does not answer to the realm {realm} any more: logins that name this realm are refused"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part=f"/realms/{realm}", why=why)


def _methods(options: Mapping[str, Any]) -> Iterator[WayIn]:
    """Find the methods: passwords are on where nothing else is said, everything else is off."""
    methods = _map(options, "authentication_methods")
    for method in dict.fromkeys(["password", *methods]):
        if _map(methods, method).get("enabled", method == "password") is True:
            why = f"nobody logs in with {_METHODS.get(method, f'the method {method}')} any more"
            yield WayIn(code=ConcernCode.CLOSES_LOGIN, part=f"/methods/{method}", why=why)


def _identifiers(options: Mapping[str, Any]) -> Iterator[WayIn]:
    """Find those active in `attributes`; without it the e-mail address, and by `requires_username` the username.

    https://auth0.com/docs/authenticate/database-connections/flexible-identifiers-and-attributes
    """
    attributes = _map(options, "attributes")
    if attributes:
        active = [one for one in attributes if _map(_map(attributes, one), "identifier").get("active") is True]
    else:
        active = ["email", *(["username"] if options.get("requires_username") is True else [])]
    for one in active:
        called = _IDENTIFIERS.get(one, one)
        why = f"nobody logs in with their {called} any more: who has nothing else to log in with is locked out"
        yield WayIn(code=ConcernCode.CLOSES_LOGIN, part=f"/identifiers/{one}", why=why)


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
