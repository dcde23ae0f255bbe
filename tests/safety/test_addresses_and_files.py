"""Addresses are printed and secrets are not: what stands in the place of an address never shows a secret."""

import os
import stat

import pytest

CANARY = "canary-address-secret"
TENANT = """\
domain: {domain}
base_url: !env AUTH0_BASE_URL
credentials: {{client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}}
"""


@pytest.mark.parametrize("reference", ["!file /proc/self/environ", "!file secret", "!secret vault:domain"])
@pytest.mark.parametrize("key", ["domain", "base_url"])
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_an_address_comes_from_the_environment_or_is_written_out(project, reference, key, command):
    project.write("secret", CANARY)
    text = f"domain: acme.eu.auth0.com\ncredentials: {{client_id: x, client_secret: !env S}}\n{key}: {reference}\n"
    text = text.replace("domain: acme.eu.auth0.com\n", "") if key == "domain" else text
    project.write("tenants/local.yaml", text)
    ran = project.run(command, "local")
    assert ran.code == 1
    assert f"'{key}' is printed, so it comes from `!env NAME` or is written out" in ran.all
    assert CANARY not in ran.all


@pytest.mark.parametrize("variable", ["AUTH0_DOMAIN", "AUTH0_BASE_URL"])
@pytest.mark.parametrize("command", ["validate", "plan", "drift", "status", "render"])
def test_a_secret_in_the_place_of_an_address_is_not_shown(undeployed, monkeypatch, variable, command):
    monkeypatch.setenv(variable, f"postgres://scripts:{CANARY}@db.example.com/users")
    ran = undeployed.run(command, "local")
    assert CANARY not in ran.all
    if command != "status":  # which says of what it cannot find out that it is unknown
        assert ran.code == 1
        assert f"the value of `!env {variable}` must be" in ran.all


def test_a_word_is_no_host_name(undeployed, monkeypatch):
    monkeypatch.setenv("AUTH0_DOMAIN", CANARY)
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert CANARY not in ran.all
    assert "must be a host name alone" in ran.all


@pytest.mark.parametrize("target", ["OUTSIDE/pg", "link", "../outside/pg"])
def test_a_file_outside_of_the_project_is_no_secret_file(undeployed, monkeypatch, tmp_path, target):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "pg").write_text(CANARY)
    (undeployed.root / "link").symlink_to(outside / "pg")
    file = undeployed.root / "tenants" / "local.yaml"
    text = file.read_text()
    file.write_text(text.replace("!env PG_URL", f"!file {target.replace('OUTSIDE', str(outside))}"))
    ran = undeployed.run("plan", "local")
    assert ran.code == 1, ran.all
    assert "is neither below the project nor below /run/secrets" in ran.all
    assert CANARY not in ran.all
    monkeypatch.setenv("DEPLOYER_SECRET_DIRS", os.pathsep.join([str(tmp_path / "none"), str(outside)]))
    assert undeployed.run("plan", "local").code == 0


def test_no_file_can_name_more_folders(undeployed, tmp_path):
    (tmp_path / "pg").write_text(CANARY)
    file = undeployed.root / "tenants" / "local.yaml"
    file.write_text(
        file.read_text().replace("!env PG_URL", f"!file {tmp_path}/pg")
        + f"variables: {{DEPLOYER_SECRET_DIRS: {tmp_path}}}\n"
    )
    ran = undeployed.run("plan", "local")
    assert ran.code == 1
    assert CANARY not in ran.all


@pytest.mark.parametrize("option", ["--data", "--snapshot"])
def test_only_their_owner_reads_the_files_of_a_local_tenant(tmp_path, option):
    from deployer.sandbox.server import LocalTenant
    from deployer.sandbox.snapshot import write_snapshot

    file = tmp_path / "tenant"
    file.touch(mode=0o666)
    file.chmod(0o666)
    if option == "--data":
        with LocalTenant(data=file):
            files = [each for each in tmp_path.iterdir() if each.name.startswith("tenant")]
            assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    else:
        with LocalTenant() as tenant:
            write_snapshot(tenant.state, file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
