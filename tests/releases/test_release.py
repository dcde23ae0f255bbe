"""Releases: what is in them, what is not, and that the same content is the same bytes everywhere."""

import gc
import json
import shutil
from pathlib import Path

import pytest

from deployer.digests import canonical_json
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.releases.release import Release, build_release
from deployer.releases.unpacked import release_project

HEAD = "domain: acme.eu.auth0.com\ncredentials: {client_id: canary-own-id, client_secret: !env SECRET }\n"
USERS = "connections: {users: {store: postgres, configuration: {PG_URL: !env PG_URL }}}\n"


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path):
    write(tmp_path, "tenants/base.yaml", USERS)
    write(tmp_path, "tenants/dev.yaml", f"extends: base\n{HEAD}")
    write(tmp_path, "tenants/other.yaml", f"{HEAD}{USERS}")
    return tmp_path


def release(root, tenant="dev"):
    project = Project(root, {})
    return build_release(project, project.tenant(tenant))


def test_it_has_what_tenants_share_and_not_what_is_a_tenants_own(root):
    found = release(root)
    assert "tenants/base.yaml" in found.files
    assert {"templates/postgres/store.js.j2", "templates/shared/sql/login.js.j2"} <= found.files.keys()
    assert not any(path in found.files for path in ("tenants/dev.yaml", "tenants/other.yaml"))
    assert "canary-own-id" not in found.to_bytes().decode()


def test_stores_that_nothing_names_are_left_out(root):
    folders = {path.split("/")[1] for path in release(root).files if path.startswith("templates/")}
    assert {"postgres", "shared"} <= folders
    assert "sqlserver" not in folders


@pytest.mark.parametrize(
    "use",
    [
        "scripts: {create: templates/mysql/create.js.j2}",
        "scripts: {create: templates/custom/create.js.j2}",
    ],
)
def test_templates_of_another_store_that_a_script_uses_come_along(root, use):
    write(root, "templates/custom/create.js.j2", '{% include "mysql/create.js.j2" %}')
    write(
        root,
        "tenants/base.yaml",
        f"connections:\n  users:\n    store: postgres\n    modules: {{mysql2: 3.15.0}}\n    {use}\n",
    )
    found = release(root)
    assert {"templates/mysql/template.yaml", "templates/mysql/store.js.j2"} <= found.files.keys()
    values = Project(root, {})
    with release_project(found, values, "dev") as bundle:
        tenant = bundle.tenant("dev")
        assert bundle.render(tenant)["users"].sources == values.render(values.tenant("dev"))["users"].sources


def test_a_projects_own_template_goes_before_that_of_this_tool(root):
    write(root, "templates/postgres/login.js.j2", "function login(email, password, callback) { callback(null); }")
    assert "callback(null); }" in release(root).files["templates/postgres/login.js.j2"]


def test_the_same_content_has_the_same_name_wherever_it_lies(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(root, elsewhere, dirs_exist_ok=True)
    assert release(root).id == release(elsewhere).id
    assert release(root).id == release(root, "dev").id
    write(elsewhere, "tenants/base.yaml", USERS + "# changed\n")
    assert release(root).id != release(elsewhere).id


def test_bytes_and_back(root):
    found = release(root)
    again = Release.from_bytes(found.to_bytes())
    assert (again.id, dict(again.files)) == (found.id, dict(found.files))


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "tenants/../../x",
        "/etc/passwd",
        "tenants",
        "other/x",
        "templates//x",
        "templates/./x",
        "templates/..\\x",
        "templates/c:x",
        "templates/a\0b",
        "templates/ .. /x",
        "templates/\n",
        "",
        "templates\\..\\..\\x",
        "tenants/a?",
    ],
)
def test_a_file_that_leads_out_is_refused(path):
    data = canonical_json({"format": 1, "files": {path: "x"}})
    with pytest.raises(DeployerError, match="leads out of it"):
        Release.from_bytes(data)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"format": 2, "files": {}}', b'{"format": 1, "files": []}', b'"x"', b"\xff"]
)
def test_what_is_no_release_is_refused(data):
    with pytest.raises(DeployerError, match="cannot be read by this version"):
        Release.from_bytes(data)


def test_a_name_that_another_system_cannot_store_is_refused_when_the_release_is_made(root):
    write(root, "templates/custom/a:b.js.j2", "x")
    with pytest.raises(DeployerError, match=r"templates/custom/a:b\.js\.j2"):
        release(root)


def test_a_link_that_leads_out_is_refused(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("canary")
    (root / "templates" / "custom").mkdir(parents=True)
    (root / "templates" / "custom" / "x.yaml").symlink_to(outside)
    with pytest.raises(DeployerError, match="leads out of templates"):
        release(root)


def test_a_release_that_is_too_large(root, monkeypatch):
    monkeypatch.setattr("deployer.releases.release.MAX_BYTES", 1000)
    with pytest.raises(DeployerError, match="larger than"):
        release(root)


def test_the_workspace_reads_nothing_of_the_working_tree_but_the_tenants_own_files(root):
    found = release(root)
    write(root, "tenants/base.yaml", "connections: {later: {store: mysql}}\n")
    write(root, "templates/postgres/login.js.j2", "// later")
    with release_project(found, Project(root, {}), "dev") as bundle:
        folder = bundle.root
        tenant = bundle.tenant("dev")
        assert list(tenant.connections) == ["users"]
        assert "// later" not in bundle.render(tenant)["users"].sources["login"]
    assert not folder.exists()


def test_secret_files_are_found_where_the_project_is(root):
    write(root, "key.txt", "value")
    write(root, "tenants/dev.yaml", "extends: base\n" + HEAD.replace("!env SECRET", "!file key.txt"))
    with release_project(release(root), Project(root, {}), "dev") as bundle:
        assert bundle.secrets.resolve(bundle.tenant("dev").credentials.client_secret) == "value"


def test_a_tenant_that_extends_another_base_than_the_release_has(root):
    write(root, "tenants/eu.yaml", "extends: base\n")
    write(root, "tenants/prod.yaml", f"extends: eu\n{HEAD}")
    with (
        pytest.raises(DeployerError, match=r"prod extends tenants/eu\.yaml, which the release does not have") as caught,
        release_project(release(root), Project(root, {}), "dev", "prod"),
    ):
        pass
    assert caught.value.where == "tenants/prod.yaml"
    assert caught.value.hint


def test_a_tenant_that_extends_the_source_itself(root):
    write(root, "tenants/prod.yaml", "extends: dev\ndomain: prod.eu.auth0.com\n")
    with release_project(release(root), Project(root, {}), "dev", "prod") as bundle:
        assert bundle.tenant("prod").domain == "prod.eu.auth0.com"


def test_a_base_of_the_release_may_extend_what_the_working_tree_no_longer_has(root):
    write(root, "tenants/root.yaml", "variables: {a: 1}\n")
    write(root, "tenants/base.yaml", f"extends: root\n{USERS}")
    found = release(root)
    write(root, "tenants/base.yaml", USERS)
    (root / "tenants" / "root.yaml").unlink()
    with release_project(found, Project(root, {}), "dev") as bundle:
        assert bundle.tenant("dev").variables == {"a": 1}


def test_a_tenant_that_others_extend_cannot_take_their_release(root):
    write(root, "tenants/eu.yaml", "extends: dev\n" + HEAD)
    with (
        pytest.raises(DeployerError, match="which is a tenant's own file"),
        release_project(release(root, "eu"), Project(root, {}), "eu", "dev"),
    ):
        pass


def test_a_release_whose_files_are_in_each_others_way():
    bad = Release(json.loads('{"templates/a": "x", "templates/a/b": "y"}'))
    with pytest.raises(DeployerError, match="cannot be unpacked"), release_project(bad, Project(Path(), {})):
        pass


def test_templates_are_unpacked_once_and_go_when_nobody_uses_them(root):
    found, values = release(root), Project(root, {})
    with release_project(found, values, "dev") as first, release_project(found, values, "dev") as second:
        assert first.root != second.root
        assert first.templates is second.templates
        folder = first.templates.folders[0]
    assert not first.root.exists()
    assert (folder / "postgres").is_dir()
    for number in range(4):
        other = Release({**found.files, "templates/custom/other.js.j2": str(number)})
        with release_project(other, values, "dev") as bundle:
            assert bundle.templates is not first.templates
    assert folder.is_dir()
    del first, second
    gc.collect()
    assert not folder.exists()
