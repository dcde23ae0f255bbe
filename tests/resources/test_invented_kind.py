"""A kind that only this test knows, roles of users, goes through every command: nothing else has to be told of it.

It has what a kind consists of: calls of the Management API, endpoints of the local tenant, and the kind itself. Its
resources are defined by those `variables` of the tenant file that have a `role`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from typing_extensions import override

from deployer.management.calls import Calls, Json
from deployer.management.gateway import Gateway
from deployer.management.session import OMIT
from deployer.resources.concerns import Concern, ConcernCode
from deployer.resources.definitions import Definitions
from deployer.resources.importable import Candidate, Imported, ImportRequest
from deployer.resources.kinds.base import CodeMarkedKind, Comparison, Restoration, Update, Write
from deployer.resources.marker import NOTE_KEY, VERSION
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.sandbox import resources as sandbox_resources
from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError
from deployer.sandbox.keys import random_id
from deployer.sandbox.server import LocalTenant

OURS = " (made by deployer)"


class RoleCalls(Calls):
    """/api/v2/roles."""

    async def roles(self) -> list[Json]:
        return await self._list("roles.list", "roles", include_totals=True)

    async def role(self, id: str) -> Json | None:
        return await self._read_object_or_none("roles.get", id)

    async def create_role(self, payload: Mapping[str, Any]) -> Json:
        return await self._write_object("roles.create", name=OMIT, body=payload)

    async def update_role(self, id: str, payload: Mapping[str, Any]) -> Json:
        return await self._write_object("roles.update", id, body=payload)

    async def delete_role(self, id: str) -> None:
        await self._write("roles.delete", id)


class RoleKind(CodeMarkedKind):
    """Roles. The end of the description says that a role is ours."""

    name = "role"
    deletion_note = "whoever has the role loses it"
    section = "variables"
    importable = True
    title = "role"

    def defined_by(self, definitions: Definitions) -> Iterator[Desired]:
        for name, value in definitions.tenant.variables.items():
            if isinstance(value, Mapping) and "role" in value:
                yield Desired(self.name, name, {"description": value["role"]})

    async def read(self, gateway: Any, desired: Sequence[Desired]) -> list[Live]:
        names = {one.name for one in desired}
        return [self._live(raw) for raw in await gateway.roles() if raw["name"] in names]

    @override
    async def refresh(self, gateway: Any, desired: Desired, resource_id: str) -> Live | None:
        raw = await gateway.role(resource_id)
        return None if raw is None else self._live(raw)

    def concerns(self, comparison: Comparison) -> Iterator[Concern]:
        if comparison.desired.attributes["description"] == "Nobody":
            yield Concern(code=ConcernCode.CLOSES_LOGIN, address=comparison.desired.address, why="it lets nobody in")

    async def create(self, gateway: Any, write: Write) -> str:
        return str((await gateway.create_role({"name": write.desired.name, **_sent(write.desired)}))["id"])

    async def update(self, gateway: Any, update: Update) -> None:
        await gateway.update_role(update.live.id, _sent(update.desired))

    async def restore(self, gateway: Any, restoration: Restoration) -> None:
        end = OURS if restoration.before.notes else ""
        body = {"description": restoration.before.attributes["description"] + end}
        if restoration.live is None:
            await gateway.create_role({"name": restoration.before.name, **body})
        else:
            await gateway.update_role(restoration.live.id, body)

    async def delete(self, gateway: Any, live: Live) -> None:
        await gateway.delete_role(live.id)

    async def candidates(self, gateway: Any, tenant: Any) -> list[Candidate]:
        return [
            Candidate(raw["name"], raw, "it is defined already" if raw["name"] in tenant.variables else None)
            for raw in await gateway.roles()
        ]

    @override
    async def describe(self, gateway: Any, chosen: Sequence[Candidate], request: ImportRequest) -> list[Imported]:
        return [
            Imported(one.name, {"role": one.raw["description"]}, section="variables", kind=self.name) for one in chosen
        ]

    def _live(self, raw: Mapping[str, Any]) -> Live:
        text = str(raw["description"])
        notes = {NOTE_KEY: VERSION} if text.endswith(OURS) else {}
        return Live(self.name, raw["name"], raw["id"], {"description": text.removesuffix(OURS)}, raw, notes=notes)


def _sent(desired: Desired) -> dict[str, Any]:
    return {"description": desired.attributes["description"] + OURS}


def _roles(call: Call) -> Response:
    found = call.tenant.storage.all("role")
    return Response(body={"roles": found, "start": 0, "limit": 50, "total": len(found)})


def _role(call: Call) -> dict[str, Any]:
    found = call.tenant.storage.get("role", call.params["id"])
    if found is None:
        raise ApiError(404, "There is no such role", "inexistent_role")
    return found


def _create(call: Call) -> Response:
    role = {"id": random_id("rol_"), **call.body}
    call.tenant.storage.insert("role", role["id"], role)
    return Response(body=role)


def _update(call: Call) -> Response:
    role = {**_role(call), **call.body}
    call.tenant.storage.update("role", role["id"], role)
    return Response(body=role)


def _delete(call: Call) -> Response:
    call.tenant.storage.delete("role", call.params["id"])
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/roles", ("read:roles",), _roles),
    Endpoint("POST", "/api/v2/roles", ("create:roles",), _create),
    Endpoint("GET", "/api/v2/roles/{id}", ("read:roles",), lambda call: Response(body=_role(call))),
    Endpoint("PATCH", "/api/v2/roles/{id}", ("update:roles",), _update),
    Endpoint("DELETE", "/api/v2/roles/{id}", ("delete:roles",), _delete),
]


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch, reach: Any, closing: Any) -> Iterator[LocalTenant]:
    """A local tenant that has roles, and a deployer that knows them."""
    known = [*sandbox_resources.endpoints(), *ENDPOINTS]
    monkeypatch.setattr(sandbox_resources, "endpoints", lambda: iter(known))
    for name in ("roles", "role", "create_role", "update_role", "delete_role"):
        monkeypatch.setattr(Gateway, name, getattr(RoleCalls, name), raising=False)
    monkeypatch.setitem(KINDS, RoleKind.name, RoleKind())
    started = LocalTenant().start()
    reach(started)
    try:
        yield started
    finally:
        closing.submit(started.stop)


class Walk:
    """A project that defines roles, and the tenant that has them."""

    def __init__(self, project: Any, tenant: LocalTenant) -> None:
        self.project = project
        self.storage = tenant.state.storage

    def define(self, **roles: str) -> None:
        self.project.tenant("variables: " + json.dumps({name: {"role": text} for name, text in roles.items()}) + "\n")

    def go(self, *command: str, code: int = 0) -> Any:
        ran = self.project.run(*command)
        assert ran.code == code, ran.all
        return ran

    def roles(self) -> dict[str, str]:
        return {one["name"]: one["description"] for one in self.storage.all("role")}

    def change(self, name: str, description: str) -> None:
        """What somebody does behind our back."""
        (role,) = [one for one in self.storage.all("role") if one["name"] == name]
        with self.storage.transaction():
            self.storage.update("role", role["id"], {**role, "description": description})

    def add(self, name: str, description: str) -> None:
        with self.storage.transaction():
            self.storage.insert("role", f"rol_{name}", {"id": f"rol_{name}", "name": name, "description": description})


@pytest.fixture
def walk(project: Any, tenant: LocalTenant) -> Walk:
    walk = Walk(project, tenant)
    walk.define(support="Helps people", audit="Reads")
    return walk


@pytest.fixture
def applied(walk: Walk) -> Walk:
    walk.go("apply", "local", "--auto-approve")
    return walk


def test_it_is_planned_and_applied_and_a_second_plan_is_empty(walk: Walk) -> None:
    planned = walk.go("plan", "local", "--json").json["plan"]["changes"]
    assert [(one["kind"], one["name"], one["action"]) for one in planned] == [
        ("role", "support", "create"),
        ("role", "audit", "create"),
    ]
    assert walk.roles() == {}
    walk.go("apply", "local", "--auto-approve")
    assert walk.roles() == {"support": "Helps people" + OURS, "audit": "Reads" + OURS}
    walk.go("plan", "local", "--detailed-exitcode")


def test_a_change_of_its_definition_is_an_update_of_one_attribute(applied: Walk) -> None:
    applied.define(support="Helps all", audit="Reads")
    (change,) = [one for one in applied.go("plan", "local", "--json").json["plan"]["changes"] if one["attributes"]]
    assert [(one["path"], one["before"], one["after"]) for one in change["attributes"]] == [
        (["description"], "Helps people", "Helps all")
    ]
    applied.go("apply", "local", "--auto-approve")
    assert applied.roles()["support"] == "Helps all" + OURS


def test_what_somebody_changes_is_drift_that_an_apply_sets_back(applied: Walk) -> None:
    applied.go("drift", "local")
    applied.change("audit", "Writes" + OURS)
    drifted = applied.go("drift", "local", "--json", code=2).json
    assert "role.audit" in json.dumps(drifted)
    applied.go("apply", "local", "--auto-approve")
    assert applied.roles()["audit"] == "Reads" + OURS
    applied.go("drift", "local")


def test_what_is_no_longer_defined_is_named_and_destroyed_only_by_name(applied: Walk) -> None:
    applied.define(support="Helps people")
    (left,) = applied.go("plan", "local", "--json").json["plan"]["leftovers"]
    assert (left["address"], left["loses"]) == ("role.audit", "whoever has the role loses it")
    applied.go("apply", "local", "--auto-approve")
    assert set(applied.roles()) == {"support", "audit"}
    ran = applied.go("destroy", "local", "role.audit", "--confirm", "role.audit")
    assert "whoever has the role loses it" in ran.all
    assert set(applied.roles()) == {"support"}
    assert applied.go("plan", "local", "--json").json["plan"]["leftovers"] == []


def test_that_of_somebody_else_is_adopted_only_by_name_and_never_destroyed(walk: Walk) -> None:
    walk.add("support", "Theirs")
    assert "--allow adopt:role.support" in walk.go("apply", "local", "--auto-approve", code=3).all
    assert walk.roles() == {"support": "Theirs"}
    walk.go("destroy", "local", "role.support", "--confirm", "role.support", code=3)
    walk.go("apply", "local", "--auto-approve", "--allow", "adopt:role.support")
    assert walk.roles()["support"] == "Helps people" + OURS


def test_its_own_concern_must_be_named(applied: Walk) -> None:
    applied.define(support="Nobody", audit="Reads")
    ran = applied.go("apply", "local", "--auto-approve", code=3)
    assert "role.support: it lets nobody in." in ran.all
    applied.go("apply", "local", "--auto-approve", "--allow", "closes-login:role.support")


def test_a_failure_takes_it_back(walk: Walk, tenant: LocalTenant) -> None:
    walk.define(support="Helps people", audit="Reads", third="Third")
    tenant.faults.add_fault(kind="status", method="POST", path="/api/v2/roles", nth=3, status=400)
    walk.go("apply", "local", "--auto-approve", code=1)
    assert walk.roles() == {}
    walk.go("apply", "local", "--auto-approve")
    assert set(walk.roles()) == {"support", "audit", "third"}


def test_what_the_tenant_has_is_imported(project: Any, walk: Walk) -> None:
    walk.add("sales", "Sells things")
    file = project.tenant("")
    walk.go("import", "local")
    assert "sales:\n    role: Sells things\n" in file.read_text()
    ran = walk.go("plan", "local", "--json").json["plan"]
    assert [(one["name"], one["action"]) for one in ran["changes"]] == [("sales", "no-op")]
    assert " or role 'nobody'" in walk.go("import", "local", "nobody", code=1).all
