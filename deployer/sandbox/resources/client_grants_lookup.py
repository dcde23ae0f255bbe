"""Finds the grants that say what an application may ask of an API."""

from collections.abc import Mapping
from typing import Any

from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant


def find_grants(tenant: Tenant, client: Mapping[str, Any], audience: str, subject: str) -> list[Document]:
    """Find the grants of a client for an API (by its identifier), for tokens of this subject (`client`, `user`).

    A third-party client without a grant of its own has the default for third-party clients:
    https://auth0.com/docs/get-started/applications/third-party-applications/configure-third-party-applications
    """
    grants = [
        grant
        for grant in tenant.storage.all("client_grant")
        if grant["audience"] == audience and grant.get("subject_type", "client") == subject
    ]
    own = [grant for grant in grants if grant.get("client_id") == client["client_id"]]
    if own or client.get("is_first_party", True):
        return own
    return [grant for grant in grants if grant.get("default_for") == "third_party_clients"]
