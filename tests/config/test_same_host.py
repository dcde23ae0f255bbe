"""Two tenant files that lead to one tenant are a mistake, where that can be known."""

import pytest

HEAD = "credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}\nconnections: {}\n"


def define(project, **addresses):
    for name, address in addresses.items():
        project.write(f"tenants/{name}.yaml", f"{address}\n{HEAD}")


def validated(project, *arguments):
    ran = project.run("validate", *(arguments or ["--all"]), "--json")
    return {one["tenant"]: one["errors"] for one in ran.json}, ran.code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("domain: acme.eu.auth0.com", "domain: acme.eu.auth0.com"),
        ("domain: acme.eu.auth0.com", "domain: ACME.eu.auth0.com"),
        ("domain: '{{ tenant.name }}.eu.auth0.com'", "domain: one.eu.auth0.com"),
        ("domain: acme.eu.auth0.com", "domain: other.eu.auth0.com\nbase_url: https://acme.eu.auth0.com/"),
        ("domain: !env ONE_DOMAIN", "domain: !env OTHER_DOMAIN"),
        ("domain: !env ONE_DOMAIN", "domain: acme.eu.auth0.com"),
    ],
)
def test_the_same_host_is_an_error_of_both(project, monkeypatch, one, other):
    monkeypatch.setenv("ONE_DOMAIN", "acme.eu.auth0.com")
    monkeypatch.setenv("OTHER_DOMAIN", "acme.eu.auth0.com\n")
    define(project, one=one, other=other, third="domain: third.eu.auth0.com")
    errors, code = validated(project)
    assert code == 1
    assert "leads to the same tenant as tenant other" in errors["one"][0]
    assert errors["one"][0].startswith("tenants/one.yaml:1:")
    assert "leads to the same tenant as tenant one" in errors["other"][0]
    assert errors["third"] == []
    # One alone is told as well.
    assert validated(project, "other")[1] == 1
    assert validated(project, "third")[1] == 0


def test_what_is_not_known_is_not_compared(project, monkeypatch):
    monkeypatch.setenv("SET_DOMAIN", "acme.eu.auth0.com")
    define(
        project,
        one="domain: !env UNSET_DOMAIN",
        other="domain: !env OTHER_UNSET_DOMAIN",
        # One reference is filled in by the environment of each run.
        third="domain: !env SET_DOMAIN",
        fourth="domain: !env SET_DOMAIN",
        # Two ports of this machine are two tenants.
        fifth="domain: localhost\nbase_url: http://localhost:4010",
        sixth="domain: localhost\nbase_url: http://localhost:4011",
    )
    errors, code = validated(project)
    assert (code, [each for each in errors.values() if each]) == (0, [])


@pytest.mark.parametrize("command", [["apply", "--auto-approve"], ["plan"], ["drift"]])
def test_one_run_of_two_files_with_one_reference_is_refused(deployed, local_tenant, command):
    text = (deployed.root / "tenants/local.yaml").read_text()
    deployed.write("tenants/copy.yaml", text)
    before = local_tenant.weather.requests
    ran = deployed.run(command[0], "--all", *command[1:])
    assert ran.code == 1
    assert "tenants/copy.yaml:2:" in ran.err
    assert "leads to the same tenant as tenant local" in ran.err
    assert local_tenant.weather.requests == before
