"""Two hundred changes through the command line under an enterprise tenant's limit: no 429 is final, and little of what
the limit allows is left unused."""

import time

import pytest

from deployer.sandbox.weather import RateLimit

MANY, PER_SECOND, BURST = 200, 16, 50


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("clients", ["", "clients: [Web App], "], ids=["connections", "with applications"])
def test_an_apply_of_two_hundred_changes_keeps_to_the_rate_limit(
    project, local_tenant, reach, tiny_store, somebody, clients, capsys
):
    reach(local_tenant)
    tiny_store(project)
    somebody(local_tenant)("POST", "clients", {"name": "Web App"})
    row = "  users-{}: {{store: tiny, " + clients + "configuration: {{PG_URL: !env PG_URL}}}}\n"
    project.tenant("connections:\n" + "".join(row.format(n) for n in range(MANY)))
    weather, refused, moments = local_tenant.weather, [], []
    weather.rate_limit = RateLimit(PER_SECOND, BURST)
    admit = weather.admit

    def counting():
        allowed, headers = admit()
        moments.append(time.monotonic())
        if not allowed:
            refused.append(1)
        return allowed, headers

    weather.admit = counting
    began = time.monotonic()
    ran = project.run("apply", "local", "--no-lint", "--auto-approve")
    took = time.monotonic() - began
    passed = len(moments) - len(refused)
    allowed = (passed - BURST) / PER_SECOND
    requesting = moments[-1] - moments[0]
    with capsys.disabled():
        print(
            f"\n{MANY} changes, {passed} requests, {len(refused)} 429s: {took / allowed:.3f} times what the limit "
            f"allows ({took:.1f} s), {requesting / allowed:.3f} from the first request to the last"
        )
    assert ran.code == 0, ran.all
    assert "429" not in ran.all
    names = {one["name"] for one in local_tenant.state.storage.all("connection")}
    assert {f"users-{n}" for n in range(MANY)} <= names
