"""What an import says is to be run next is what the tenant takes: each command is followed to the letter."""

import pytest

from deployer.sandbox.server import LocalTenant

LOGIN = "function login(email, password, callback) { callback(null, { user_id: 'old|' + email, email: email }); }\n"
GET_USER = "function getUser(email, callback) { callback(null, { user_id: 'old|' + email, email: email }); }\n"
CONNECTION = {
    "name": "legacy",
    "strategy": "auth0",
    "options": {
        "enabledDatabaseCustomization": True,
        "import_mode": True,
        "disable_signup": True,
        "customScripts": {"login": LOGIN, "get_user": GET_USER},
    },
}
DEV = """\
domain: !env DEV_DOMAIN
base_url: !env DEV_URL
credentials: {client_id: !env DEV_ID, client_secret: !env DEV_SECRET}
connections: {}
"""


@pytest.fixture
def dev(project, monkeypatch):
    """The tenant that releases come from."""
    with LocalTenant() as tenant:
        for key, value in {
            "DOMAIN": tenant.domain,
            "URL": tenant.base_url,
            "ID": tenant.client_id,
            "SECRET": tenant.client_secret,
        }.items():
            monkeypatch.setenv(f"DEV_{key}", value)
        project.write("tenants/dev.yaml", DEV)
        yield tenant


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", ["apply local"]),
        ("protect: true\n", ["plan local --out FILE", "apply local FILE"]),
        ("promote_from: dev\n", ["apply dev", "promote dev local"]),
        (
            "promote_from: dev\nprotect: true\n",
            ["apply dev", "promote dev local --out FILE", "promote dev local FILE"],
        ),
    ],
)
def test_the_commands_that_follow_an_import_are_taken(project, dev, local_tenant, reach, api, head, expected):
    reach(local_tenant)
    project.tenant(head)
    api("POST", "connections", CONNECTION)
    ran = project.run("import", "local")
    assert ran.code == 0, ran.all
    file = project.root / "tenants" / "local.yaml"
    file.write_text(file.read_text().replace("disable_signup: true", "disable_signup: false"))  # so that it is adopted
    commands = ran.out.partition("Next:\n")[2].splitlines()
    assert [line.strip() for line in commands[2:]] == [
        *(f"deployer {command}" for command in expected[:-1]),
        f"deployer {expected[-1]} --allow adopt:connection.legacy",
    ]
    for line in commands[1:]:
        words = [str(project.root / "saved.plan") if word == "FILE" else word for word in line.split()[1:]]
        asks = words[0] in ("apply", "promote") and not {"--out", str(project.root / "saved.plan")} & {*words}
        done = project.run(*words, *(["--auto-approve"] if asks else []), *(["--no-lint"] if "apply" in words else []))
        assert done.code == 0, done.all
    assert project.run("drift", "local", "--json").json["drift"] == []
    (live,) = api("GET", "connections?strategy=auth0")
    assert live["options"]["disable_signup"] is False
    assert "deployer" in live["metadata"]
