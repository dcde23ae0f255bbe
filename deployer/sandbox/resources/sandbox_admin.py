"""Serves the sandbox's own endpoints below /__sandbox__: weather, faults, the Dashboard and snapshots.

They need a token of the tenant, of any scope, so that no web page can call them in passing.
"""

from dataclasses import asdict
from typing import Any

from deployer.errors import DeployerError
from deployer.sandbox import dashboard
from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_body
from deployer.sandbox.schema import Anything, Nullable, Number, Object, Schema, String
from deployer.sandbox.snapshot import load, snapshot
from deployer.sandbox.weather import KINDS, RateLimit

_LIMIT = Object(
    {"per_second": Number(min=0.001, max=1e6, integer=False), "burst": Number(min=1, max=1_000_000)},
    required=("per_second", "burst"),
)
_WEATHER = Object({"latency": Number(min=0, max=60, integer=False), "rate_limit": Nullable(_LIMIT)})
_FAULT = Object(
    {
        "kind": String(enum=KINDS),
        "method": String(),
        "path": String(),
        "nth": Number(min=1),
        "times": Nullable(Number(min=1)),
        "status": Number(min=400, max=599),
        "seconds": Number(min=0, max=60, integer=False),
    },
    required=("kind",),
)
_CONNECTION: dict[str, Schema] = {"action": String(), "connection": String()}
_DASHBOARD: dict[str, Object] = {
    "save_scripts": Object({**_CONNECTION, "scripts": Object(extra=String())}, required=("connection",)),
    "edit_option": Object(
        {**_CONNECTION, "option": String(min=1), "value": Anything()}, required=("connection", "option", "value")
    ),
    "change_secret": Object(
        {**_CONNECTION, "key": String(min=1), "value": String()}, required=("connection", "key", "value")
    ),
    "activate_flexible_passwords": Object(_CONNECTION, required=("connection",)),
    "delete_connection": Object(_CONNECTION, required=("connection",)),
}


def _weather(call: Call) -> dict[str, Any]:
    weather = call.tenant.weather
    limit = weather.rate_limit
    return {
        "latency": weather.latency,
        "rate_limit": asdict(limit) if limit else None,
        "faults": [asdict(fault) for fault in weather.faults],
        "requests": weather.requests,
    }


def read_weather(call: Call) -> Response:
    """Answer `GET /__sandbox__/weather`."""
    return Response(body=_weather(call))


def change_weather(call: Call) -> Response:
    """Answer `PATCH /__sandbox__/weather`: `latency` (seconds) or `rate_limit` (`{per_second, burst}` or null)."""
    sent = call.payload(_WEATHER)
    if "latency" in sent:
        call.tenant.weather.latency = float(sent["latency"])
    if "rate_limit" in sent:
        call.tenant.weather.rate_limit = RateLimit(**sent["rate_limit"]) if sent["rate_limit"] else None
    return Response(body=_weather(call))


def clear_weather(call: Call) -> Response:
    """Answer `DELETE /__sandbox__/weather`: no latency, no limit, no faults."""
    call.tenant.weather.clear()
    return Response(204)


def add_fault(call: Call) -> Response:
    """Answer `POST /__sandbox__/faults` with a fault rule."""
    return Response(201, asdict(call.tenant.weather.add_fault(**call.payload(_FAULT))))


def act_in_dashboard(call: Call) -> Response:
    """Answer `POST /__sandbox__/dashboard` with `action`, `connection` and what the action takes."""
    action = call.body.get("action") if isinstance(call.body, dict) else None
    if not isinstance(action, str) or action not in _DASHBOARD:
        raise invalid_body(f"action must be one of: {', '.join(_DASHBOARD)}")
    sent = call.payload(_DASHBOARD[action])
    try:
        dashboard.ACTIONS[action](call.tenant, **{key: value for key, value in sent.items() if key != "action"})
    except DeployerError as error:
        raise ApiError(404, str(error)) from error
    return Response(204)


def read_snapshot(call: Call) -> Response:
    """Answer `GET /__sandbox__/snapshot`."""
    return Response(body=snapshot(call.tenant))


def load_snapshot(call: Call) -> Response:
    """Answer `PUT /__sandbox__/snapshot`."""
    try:
        load(call.tenant, call.body)
    except DeployerError as error:
        raise invalid_body(str(error)) from error
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/__sandbox__/weather", (), read_weather),
    Endpoint("PATCH", "/__sandbox__/weather", (), change_weather),
    Endpoint("DELETE", "/__sandbox__/weather", (), clear_weather),
    Endpoint("POST", "/__sandbox__/faults", (), add_fault),
    Endpoint("POST", "/__sandbox__/dashboard", (), act_in_dashboard),
    Endpoint("GET", "/__sandbox__/snapshot", (), read_snapshot),
    Endpoint("PUT", "/__sandbox__/snapshot", (), load_snapshot),
]
