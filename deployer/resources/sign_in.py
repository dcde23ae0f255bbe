"""Says what deployer itself signs in with, so that no kind ever adopts, changes or deletes it.

With its credentials everything in a tenant can be changed. Whoever adopts its application narrows it to what scripts
need, which locks deployer out; whoever gives its secret to scripts gives the tenant to everybody who may edit one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deployer.config.models import Tenant
from deployer.config.tree import SecretReference
from deployer.errors import RefusedError
from deployer.management.access import MANAGEMENT_PATH, Access
from deployer.text import one_line

IS_OWN_CLIENT = "is the application that deployer signs in with, which is never adopted, changed or deleted"
OTHER_CLIENT = "Give the scripts an application of their own: leave `client` out, or name another one."
IS_SYSTEM_API = "is an API of Auth0 itself, not one in front of a store"
OTHER_API = "Give the store's API an identifier of its own, such as https://users.example.com."
ADOPTED_KEY = "deployer_connection"
"""The key of an application's metadata that says for which connection it was made."""


@dataclass(frozen=True)
class SignIn:
    """What deployer signs in with: the client id, the identifiers of the Management API, and the secrets.

    As far as it is known: the files alone may say references, which stand for their values then.
    """

    client_id: str | None
    apis: frozenset[str]
    secrets: frozenset[str | SecretReference]

    @classmethod
    def in_files(cls, tenant: Tenant) -> "SignIn":
        """Find what the tenant's files say, without a secret being read."""
        given = tenant.credentials
        roots = [f"https://{tenant.domain}"] if isinstance(tenant.domain, str) else []
        roots += [tenant.base_url] if isinstance(tenant.base_url, str) else []
        secrets = {source for source in (given.client_secret, given.private_key) if source is not None}
        client_id = given.client_id if isinstance(given.client_id, str) else None
        return cls(client_id, _identifiers(roots, given.audience), frozenset(secrets))

    @classmethod
    def of(cls, access: Access) -> "SignIn":
        """Find all of it in what was resolved."""
        apis = _identifiers([f"https://{access.domain}", access.root], access.token_audience)
        return cls(access.credentials.client_id, apis, frozenset({access.credentials.secret}))

    def has_api(self, identifier: str) -> bool:
        """Return whether this is the identifier of the Management API."""
        return _plain(identifier) in self.apis


def own_client_refused(address: str, raw: Mapping[str, object]) -> RefusedError:
    """Build the refusal to touch deployer's own application.

    Args:
        address: the resource that would take it up.
        raw: the application as the tenant shows it, empty where it was not read.
    """
    metadata = raw.get("client_metadata")
    hint = f"{OTHER_CLIENT} Nothing was changed."
    if isinstance(metadata, Mapping) and ADOPTED_KEY in metadata:
        hint += f" It was adopted before: take `{ADOPTED_KEY}` out of its metadata in the Auth0 Dashboard."
    name = f"'{one_line(str(raw['name']))}' " if raw.get("name") else "it "
    return RefusedError(f"{name}{IS_OWN_CLIENT}", where=address, hint=hint)


def _identifiers(roots: Iterable[str], audience: str | None) -> frozenset[str]:
    found = {f"{root.rstrip('/')}{MANAGEMENT_PATH}" for root in roots}
    return frozenset(_plain(one) for one in (*found, *([audience] if audience else [])))


def _plain(identifier: str) -> str:
    """Drop from an identifier what people mistype in it: a slash at the end, capital letters."""
    return identifier.strip().rstrip("/").casefold()
