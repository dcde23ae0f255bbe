"""Follows an action through its draft, its build and its versions, and shows them.

The draft is the `action` document; each deployment makes an `action_version` document. Builds take as long as the
tenant's `build_seconds`: nothing runs meanwhile, the state follows from the clock.

https://auth0.com/docs/customize/actions/manage-versions and recorded traffic of the Management API
"""

import time
import uuid
from typing import Any

from deployer.sandbox.clock import nanoseconds
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

_NODE_MODULES = (
    "assert buffer child_process cluster crypto dgram dns events fs http http2 https net os path perf_hooks process "
    "querystring readline stream timers tls url util v8 vm worker_threads zlib"
)
NODE_MODULES = frozenset(_NODE_MODULES.split())
"""Node's own modules: a dependency of such a name is not to be had at the version asked for, and its build fails."""

RETRY_SECONDS = 1.0
"""How long a build that fails is building, then waiting to be tried again."""
_TRIES = 4

_DRAFT = ("code", "dependencies", "runtime", "supported_triggers")


def build_status(tenant: Tenant, action: Document) -> str:
    """Tell `pending`, `building` or `built`; a build that fails is tried again some times, until it is `failed`."""
    seconds = tenant.behaviour.build_seconds
    age = time.time() - action["$touched"]
    if age < seconds / 4:
        return "pending"
    if age < seconds:
        return "building"
    if not any(dependency["name"] in NODE_MODULES for dependency in action["dependencies"]):
        return "built"
    tries = int((age - seconds) / RETRY_SECONDS)
    return "failed" if tries >= _TRIES else ("building", "retrying")[tries % 2]


def touch(action: Document) -> None:
    """Note that the draft has changed: it is built anew, and differs from what is deployed."""
    action["updated_at"] = nanoseconds()
    action["$touched"] = time.time()
    action["$revision"] = uuid.uuid4().hex


def merge_secrets(tenant: Tenant, action: Document, sent: list[dict[str, Any]]) -> None:
    """Merge secrets: known ones keep their place, and their value where none is sent; those not sent are gone."""
    values: dict[str, str] = action["$secrets"]
    given = {secret["name"]: secret for secret in sent}
    order = [secret["name"] for secret in action["secrets"] if secret["name"] in given]
    order += [name for name in given if name not in order]
    before = {secret["name"]: secret for secret in action["secrets"]}
    shown, kept = [], {}
    for name in order:
        value = given[name].get("value")
        if value is not None:
            kept[name] = tenant.vault.encrypt(value)
            shown.append({"name": name, "updated_at": nanoseconds()})
        else:
            kept[name] = values.get(name, tenant.vault.encrypt(""))
            shown.append(before.get(name, {"name": name, "updated_at": nanoseconds()}))
    action["secrets"], action["$secrets"] = shown, kept


def deploy(tenant: Tenant, action: Document, *, source: Document | None = None) -> Document:
    """Make a version of the draft (or of an older version) that is deployed once it is built; store and return it."""
    origin = source or action
    number = action["$versions"] + 1
    at = nanoseconds()
    version: Document = {
        "id": str(uuid.uuid4()),
        "number": number,
        **{field: origin[field] for field in _DRAFT},
        "secrets": origin["secrets"],
        "created_at": at,
        "$action": action["id"],
        "$revision": origin["$revision"],
        "$ready": time.time() + tenant.behaviour.build_seconds,
        "$built_at": nanoseconds(),
        "$updated_at": nanoseconds(),
    }
    tenant.storage.insert("action_version", version["id"], version, tag=action["id"])
    action["$versions"] = number
    action["$deployments"] = [*action["$deployments"], version["id"]]
    tenant.storage.update("action", action["id"], action)
    return version


def deployed_version(tenant: Tenant, action: Document) -> Document | None:
    """Find the version that runs: the last one whose build is done."""
    for id in reversed(action["$deployments"]):
        version = tenant.storage.get("action_version", id)
        if version is not None and version["$ready"] <= time.time():
            return version
    return None


def show_reference(action: Document) -> Document:
    """Show an action as other things refer to it."""
    shown = {name: action[name] for name in ("id", "name", "supported_triggers", "created_at", "updated_at")}
    return {**shown, "all_changes_deployed": False}


def show_version(version: Document, *, deployed: bool) -> Document:
    """Show a version, as `deployed_version` and in the list of versions."""
    ready = version["$ready"] <= time.time()
    shown: Document = {
        "code": version["code"],
        "dependencies": version["dependencies"],
        "id": version["id"],
        "deployed": deployed,
        "number": version["number"],
    }
    if deployed:
        shown["built_at"] = version["$built_at"]
    return {
        **shown,
        "secrets": version["secrets"],
        "status": "built" if ready else "building",
        "created_at": version["created_at"],
        "updated_at": version["$updated_at"] if deployed else version["created_at"],
        "runtime": version["runtime"],
        "supported_triggers": version["supported_triggers"],
    }


def with_versions(tenant: Tenant, action: Document, shown: Document) -> Document:
    """Add what is deployed, if anything is."""
    version = deployed_version(tenant, action)
    changed = shown.pop("all_changes_deployed")
    if version is not None:
        shown["current_version"] = {
            "id": version["id"],
            "code": version["code"],
            "runtime": version["runtime"],
            "status": "BUILT",
            "number": version["number"],
            "build_time": version["$built_at"],
            "created_at": version["created_at"],
            "updated_at": version["$updated_at"],
        }
        shown["deployed_version"] = show_version(version, deployed=True)
    shown["all_changes_deployed"] = changed
    return shown


def show(tenant: Tenant, action: Document, status: str | None = None) -> Document:
    """Show an action as its endpoints answer."""
    version = deployed_version(tenant, action)
    shown: Document = {
        "id": action["id"],
        "name": action["name"],
        "supported_triggers": action["supported_triggers"],
        "created_at": action["created_at"],
        "updated_at": action["updated_at"],
        "code": action["code"],
        "dependencies": action["dependencies"],
        "runtime": action["runtime"],
        "status": status or build_status(tenant, action),
        "secrets": action["secrets"],
        "all_changes_deployed": version is not None and version["$revision"] == action["$revision"],
    }
    return with_versions(tenant, action, shown)
