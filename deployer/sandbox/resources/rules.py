"""Serves Rules and the values that they read: /api/v2/rules and /api/v2/rules-configs.

https://auth0.com/docs/api/management/v2/rules and https://auth0.com/docs/api/management/v2/rules-configs
"""

from typing import Any

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.keys import random_id
from deployer.sandbox.merging import RULE
from deployer.sandbox.paging import choose_fields, listed_page
from deployer.sandbox.schema import Boolean, Invalid, Number, Object, Schema, String

STAGES = ("login_success", "login_failure", "pre_authorize")
_SHARED: dict[str, Schema] = {
    "name": String(min=1, max=255, pattern=r"^[^-\s][a-zA-Z0-9-\s]+[^-\s]$"),
    "script": String(min=1, max=100_000),
    "order": Number(min=0, max=2**31),
    "enabled": Boolean(),
}
# Only rules of this stage run; the others are of the past. A PATCH cannot change it.
CREATE = Object({**_SHARED, "stage": String(enum=STAGES)}, required=("name", "script"))
UPDATE = Object(_SHARED)
_KEY = String(min=1, max=127, pattern=r"^[A-Za-z0-9_\-@*+:]+$")
_CONFIG = Object({"value": String(max=4096)}, required=("value",))


def _find(call: Call) -> dict[str, Any]:
    rule = call.tenant.storage.get("rule", call.params["id"])
    if rule is None:
        raise ApiError(404, "The rule does not exist", "inexistent_rule")
    return rule


def _refuse_taken(rule: dict[str, Any], others: list[dict[str, Any]]) -> None:
    for other in others:
        if other["id"] == rule["id"]:
            continue
        for field in ("name", "order"):
            if other[field] == rule[field]:
                raise ApiError(409, f"A rule with the same {field} already exists", "rule_conflict")


def create(call: Call) -> Response:
    """Answer `POST /rules`: 201; without an order it comes last."""
    sent = call.payload(CREATE)
    storage = call.tenant.storage
    rules = storage.all("rule")
    last = max((other["order"] for other in rules), default=0)
    rule = {"id": random_id("rul_"), "order": last + 1, **RULE.create(sent)}
    _refuse_taken(rule, rules)
    storage.insert("rule", rule["id"], rule)
    return Response(201, rule)


def read(call: Call) -> Response:
    """Answer `GET /rules/{id}`."""
    rule = _find(call)
    keep = choose_fields(call)
    return Response(body=keep(rule) if keep else rule)


def list_rules(call: Call) -> Response:
    """Answer `GET /rules` in their order, by `enabled`."""
    enabled = call.flag("enabled")
    keep = choose_fields(call)
    rules = sorted(call.tenant.storage.all("rule"), key=lambda rule: rule["order"])
    shown = [keep(rule) if keep else rule for rule in rules if enabled is None or rule["enabled"] == enabled]
    return listed_page(call, "rules", shown)


def update(call: Call) -> Response:
    """Answer `PATCH /rules/{id}`."""
    rule = RULE.update(_find(call), call.payload(UPDATE))
    storage = call.tenant.storage
    _refuse_taken(rule, storage.all("rule"))
    storage.update("rule", rule["id"], rule)
    return Response(body=rule)


def delete(call: Call) -> Response:
    """Answer `DELETE /rules/{id}`: 204, also when there was none."""
    call.tenant.storage.delete("rule", call.params["id"])
    return Response(204)


def list_configs(call: Call) -> Response:
    """Answer `GET /rules-configs`: the keys alone, as a bare list however it is asked for."""
    return Response(body=[{"key": entry["key"]} for entry in call.tenant.storage.all("rules_config")])


def set_config(call: Call) -> Response:
    """Answer `PUT /rules-configs/{key}`: 200; only this answer ever shows the value."""
    key = call.params["key"]
    try:
        _KEY.check(key, "key")
    except Invalid as error:
        raise invalid_body(error.message("Path")) from error
    value = call.payload(_CONFIG)["value"]
    storage = call.tenant.storage
    entry = {"key": key, "value": call.tenant.vault.encrypt(value)}
    if storage.text("rules_config", key) is None:
        storage.insert("rules_config", key, entry)
    else:
        storage.update("rules_config", key, entry)
    return Response(body={"key": key, "value": value})


def delete_config(call: Call) -> Response:
    """Answer `DELETE /rules-configs/{key}`: 204, also when there was none."""
    call.tenant.storage.delete("rules_config", call.params["key"])
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/api/v2/rules", ("read:rules",), list_rules),
    Endpoint("POST", "/api/v2/rules", ("create:rules",), create),
    Endpoint("GET", "/api/v2/rules/{id}", ("read:rules",), read),
    Endpoint("PATCH", "/api/v2/rules/{id}", ("update:rules",), update),
    Endpoint("DELETE", "/api/v2/rules/{id}", ("delete:rules",), delete),
    Endpoint("GET", "/api/v2/rules-configs", ("read:rules_configs",), list_configs),
    Endpoint("PUT", "/api/v2/rules-configs/{key}", ("update:rules_configs",), set_config),
    Endpoint("DELETE", "/api/v2/rules-configs/{key}", ("delete:rules_configs",), delete_config),
]
