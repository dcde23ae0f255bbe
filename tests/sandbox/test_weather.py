"""Latency, rate limits and faults."""

import time
from typing import Any

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.weather import Passing, RateLimit

NAME = {"name": "weather-users", "strategy": "auth0"}


@pytest.fixture(autouse=True)
def fair(tenant: LocalTenant, api: httpx.Client) -> None:
    tenant.weather.clear()
    for entry in api.get("/connections").json():
        api.delete(f"/connections/{entry['id']}")


def names(api: httpx.Client) -> list[str]:
    return [entry["name"] for entry in api.get("/connections").json()]


def test_the_limit_answers_429_with_the_headers_and_recovers(tenant: LocalTenant, api: httpx.Client) -> None:
    tenant.weather.rate_limit = RateLimit(per_second=4, burst=3)
    answers = [api.get("/connections") for _ in range(5)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:3] == [200, 200, 200]
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.json()["errorCode"] == "too_many_requests"
    assert refused.headers["x-ratelimit-limit"] == "3"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert int(refused.headers["x-ratelimit-reset"]) >= time.time() - 1
    assert answers[0].headers["x-ratelimit-remaining"] == "2"
    time.sleep(float(refused.headers["retry-after"]))
    assert api.get("/connections").status_code == 200


def test_an_error_status_hits_the_nth_request_and_does_nothing(tenant: LocalTenant, api: httpx.Client) -> None:
    tenant.weather.add_fault("status", method="POST", path="/api/v2/connections", nth=2, status=503)
    assert api.post("/connections", json=NAME).status_code == 201
    assert api.post("/connections", json={**NAME, "name": "second"}).status_code == 503
    assert names(api) == ["weather-users"]
    assert api.post("/connections", json={**NAME, "name": "second"}).status_code == 201


@pytest.mark.parametrize(("kind", "written"), [("drop_before", False), ("drop_after", True), ("truncate", True)])
def test_a_broken_answer_leaves_the_write_done_or_not(
    tenant: LocalTenant, api: httpx.Client, kind: Any, written: bool
) -> None:
    tenant.weather.add_fault(kind, method="POST")
    with pytest.raises(httpx.RemoteProtocolError if kind != "drop_before" else httpx.TransportError):
        api.post("/connections", json=NAME)
    assert names(api) == (["weather-users"] if written else [])


def test_latency_and_slow_answers(tenant: LocalTenant, api: httpx.Client) -> None:
    tenant.weather.add_fault("slow", path="/api/v2/connections*", seconds=0.4)
    begin = time.perf_counter()
    assert api.get("/connections").status_code == 200
    slow = time.perf_counter() - begin
    tenant.weather.latency = 0.2
    begin = time.perf_counter()
    assert api.get("/connections").status_code == 200
    assert slow >= 0.4
    assert time.perf_counter() - begin >= 0.2


def test_weather_is_changed_over_http_with_a_token(tenant: LocalTenant, api: httpx.Client) -> None:
    root = f"{tenant.base_url}/__sandbox__"
    assert httpx.get(f"{root}/weather").status_code == 401
    changed = api.patch(f"{root}/weather", json={"latency": 0.01, "rate_limit": {"per_second": 100, "burst": 100}})
    assert changed.json()["rate_limit"] == {"per_second": 100, "burst": 100}
    assert api.post(f"{root}/faults", json={"kind": "status", "status": 502}).status_code == 201
    assert api.get("/connections").status_code == 502
    assert api.get(f"{root}/weather").json()["faults"][0]["seen"] == 1
    assert api.delete(f"{root}/weather").status_code == 204
    assert tenant.weather.calm


def test_a_late_answer_comes_after_the_request_took_effect(tenant: LocalTenant, api: httpx.Client) -> None:
    tenant.weather.add_fault("late", method="POST", path="/api/v2/clients", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        api.post("/clients", json={"name": "Late"}, timeout=0.3)
    assert "Late" in [client["name"] for client in api.get("/clients").json()]


def test_a_watcher_sees_each_request_twice_and_may_cut_it(tenant: LocalTenant, api: httpx.Client) -> None:
    seen: list[Passing] = []

    def watch(passing: Passing) -> bool | None:
        seen.append(passing)
        return None if passing.method == "GET" else passing.phase == "before"

    tenant.weather.on_request = watch
    assert api.get("/clients").status_code == 200
    assert [(one.method, one.path, one.phase) for one in seen] == [
        ("GET", "/api/v2/clients", "before"),
        ("GET", "/api/v2/clients", "after"),
    ]
    assert seen[0].number == seen[1].number
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("/clients", json={"name": "Cut"})
    tenant.weather.clear()
    assert "Cut" in [client["name"] for client in api.get("/clients").json()]
