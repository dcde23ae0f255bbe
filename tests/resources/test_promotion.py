"""Guards, Actions and a declared API go from tenant to tenant with the release; each tenant has its own client."""

from tests.support.definitions import definition_of

BASE = """\
actions:
  greet: {code: templates/custom/greet.js.j2, secrets: {GREETING: !env GREETING}}
connections:
  users:
    store: api
    migration: trickle
    access: [tls, client-credentials]
    configuration: {API_URL: "https://users.example.com/v1"}
    guards: [restrict-audience, backfill-metadata, mark-migrated]
    api: {identifier: "https://users.example.com", scopes: {read:users: Find, update:users: Change}}
"""


def clients(tenant):
    return [one for one in tenant.state.storage.all("client") if one["name"] == "users scripts"]


def test_a_release_is_promoted_and_rolled_back_with_its_guards(project, several_tenants, monkeypatch):
    monkeypatch.setenv("GREETING", "hello")
    project.write("templates/custom/greet.js.j2", "exports.onExecutePostLogin = async () => {};\n")
    project.write("tenants/base.yaml", BASE)
    tenants = several_tenants("dev", "prod")
    dev, prod = tenants.values()
    for name in tenants:
        project.write(f"tenants/{name}.yaml", definition_of(name) + "extends: base\n")
    assert project.run("apply", "dev", "--auto-approve").code == 0
    # The working tree goes on; what is promoted is the release.
    project.write("templates/custom/greet.js.j2", "exports.onExecutePostLogin = async () => { /* new */ };\n")
    ran = project.run("promote", "dev", "prod", "--auto-approve")
    assert ran.code == 0, ran.all
    codes = [{one["name"]: one["code"] for one in t.state.storage.all("action")} for t in (dev, prod)]
    assert set(codes[0]) == set(codes[1])
    assert "new" not in codes[1]["greet"]
    [[one], [other]] = clients(dev), clients(prod)
    assert one["client_secret"] != other["client_secret"]
    assert project.run("drift", "prod").code == 0
    assert project.run("apply", "dev", "--auto-approve").code == 0
    assert "new" in {a["name"]: a["code"] for a in dev.state.storage.all("action")}["greet"]
    back = project.run("rollback", "dev", "--auto-approve")
    assert back.code == 0, back.all
    assert "new" not in {a["name"]: a["code"] for a in dev.state.storage.all("action")}["greet"]
    assert clients(dev) == [one]
