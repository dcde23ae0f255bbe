"""Finding and extending tenant files: chains, circles, names, and that no file is ever skipped."""

import pytest

from deployer.config.loader import TenantFiles
from deployer.config.problems import ConfigError
from deployer.errors import DeployerError

CONNECTION = "connections: {users: {store: postgres}}\n"


def test_a_chain_of_files(files):
    files.write("tenants/base.yaml", "tags: [base]\nvariables: {a: base, b: base, c: base}\n" + CONNECTION)
    files.write("tenants/eu.yml", "extends: base\nvariables: {b: eu, c: eu}\n")
    tenant = files.load("extends: eu\nvariables: {c: own}\n")
    assert tenant.variables == {"a": "base", "b": "eu", "c": "own"}
    assert tenant.tags == ["base"]
    assert [path.name for path in files.project.tenants.chain("local")] == ["local.yaml", "eu.yml", "base.yaml"]


def test_a_tenant_may_extend_another_tenant(files):
    files.tenant("tags: [one]\n" + CONNECTION, "staging")
    files.write("tenants/prod.yaml", "extends: staging\ndomain: prod.eu.auth0.com\n")
    assert files.load(name="prod").domain == "prod.eu.auth0.com"
    assert files.load(name="prod").tags == ["one"]
    assert files.project.tenants.names() == ["prod", "staging"]


def test_what_extends_names_is_not_inherited_by_accident(files):
    files.write("tenants/base.yaml", "extends: [a]\n")
    assert "tenants/base.yaml:1:10: `extends` names one other file" in files.mistakes("extends: base\n")[0]


@pytest.mark.parametrize(("chain", "circle"), [("ab", "a extends b extends a"), ("a", "a extends a")])
def test_a_circle(files, chain, circle):
    for name, base in zip(chain, chain[1:] + chain[0], strict=True):
        files.write(f"tenants/{name}.yaml", f"extends: {base}\n")
    mistakes = files.mistakes(name="a")
    assert circle in mistakes[0]
    assert f"tenants/{chain[-1]}.yaml:1:10" in mistakes[0]


def test_a_chain_that_is_too_long(files):
    for number in range(12):
        files.write(f"tenants/t{number}.yaml", f"extends: t{number + 1}\n")
    assert "chains more than 10 files" in files.mistakes(name="t0")[0]


def test_a_base_that_is_not_there(files):
    files.write("tenants/base.yaml", "")
    files.tenant("extends: bsae\n")
    with pytest.raises(DeployerError, match=r"tenants/local.yaml:3:10: .*'bsae.yaml'.* did you mean 'base'"):
        files.load()


@pytest.mark.parametrize(
    "name", ["nosuch", "../outside", "a/b", "", ".hidden", "a b", "x" * 300, "\x1b[31m", "local.yaml"]
)
def test_an_unknown_tenant(files, name):
    files.tenant("")
    files.write("outside.yaml", "domain: x")
    with pytest.raises(DeployerError, match="there is no tenant file") as caught:
        files.project.tenant(name)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_is_offered_for_an_unknown_tenant_is_a_tenant(files):
    files.write("tenants/base.yaml", "")
    files.tenant("")
    with pytest.raises(DeployerError, match=r"There are: local\.$"):
        files.project.tenant("nosuch")
    with pytest.raises(DeployerError, match=r"There are: local\.$"):
        files.project.tenant("bas")
    files.write("tenants/broken.yaml", "a: [")
    with pytest.raises(DeployerError, match="did you mean 'broken'"):
        files.project.tenant("brokn")


def test_a_folder_is_no_tenant_and_stops_nobody(files):
    files.tenant("")
    (files.root / "tenants" / "eu.yaml").mkdir()
    assert files.project.tenants.names() == ["local"]
    (mistake,) = files.mistakes(name="eu")
    assert mistake == "tenants/eu.yaml is a folder, and no tenant's file"


def test_a_link_that_leads_nowhere_is_not_skipped(files):
    (files.root / "tenants" / "gone.yaml").symlink_to(files.root / "nowhere.yaml")
    assert listing(files) == ["tenants/gone.yaml is a link that leads nowhere"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"- a\n- b\n", "a tenant file is a mapping"),
        (b"just words", "a tenant file is a mapping"),
        (b"a: " + b"x" * 2_000_001, "larger than 2,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_tenant_file(files, content, expected):
    (files.root / "tenants" / "local.yaml").write_bytes(content)
    (mistake,) = files.mistakes()
    assert mistake.startswith("tenants/local.yaml:1:1: ")
    assert expected in mistake


def test_a_byte_order_mark_is_no_content(files):
    files.tenant("")
    file = files.root / "tenants" / "local.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert files.load().domain == "acme.eu.auth0.com"


def test_the_tenants_are_the_files_that_are_no_bases(files):
    files.write("tenants/base.yaml", "extends: root\n")
    files.write("tenants/root.yml", "{}")
    files.tenant("extends: base\n", "one")
    files.tenant("extends: base\n", "two")
    files.write("tenants/README.md", "no tenant")
    files.write("tenants/notes.yaml.bak", "no tenant")
    files.write("tenants/.#one.yaml", "what an editor leaves behind")
    assert files.project.tenants.names() == ["one", "two"]


def listing(files) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        files.project.tenants.names()
    return [str(problem) for problem in caught.value.problems]


def test_a_file_that_cannot_be_read_is_not_skipped(files):
    files.tenant("")
    files.write("tenants/broken.yaml", "a: [")
    files.write("tenants/twice.yaml", "a: 1\na: 2")
    assert [mistake.split(":")[0] for mistake in listing(files)] == ["tenants/broken.yaml", "tenants/twice.yaml"]


def test_a_tenant_whose_domain_is_misspelt_is_not_taken_for_a_base(files):
    files.tenant("")
    files.write("tenants/prod.yaml", "domian: acme.eu.auth0.com\n")
    (mistake,) = listing(files)
    assert "tenants/prod.yaml:1:1" in mistake
    assert "no `domain`" in mistake


def test_a_file_of_shared_definitions_may_be_extended_by_nobody_yet(files):
    files.tenant("")
    files.write("tenants/imported.yaml", CONNECTION)
    assert files.project.tenants.names() == ["local"]


def test_a_file_whose_name_is_no_name_is_not_skipped(files):
    files.write("tenants/my tenant.yaml", "domain: x")
    (mistake,) = listing(files)
    assert "tenants/my tenant.yaml:1:1" in mistake
    assert "letters, digits" in mistake


def test_two_files_for_one_name_are_a_mistake(files):
    files.tenant("")
    files.write("tenants/local.yml", "domain: other.eu.auth0.com")
    assert "tenants/local.yaml and tenants/local.yml" in listing(files)[0]
    assert "tenants/local.yaml and tenants/local.yml" in files.mistakes()[0]


def test_no_folder(files):
    (files.root / "tenants").rmdir()
    for ask in (files.project.tenants.names, lambda: files.project.tenant("local")):
        with pytest.raises(DeployerError, match="there is no folder tenants"):
            ask()


def test_tags_and_own_values(files):
    files.write("tenants/base.yaml", "tags: [all, eu]\nvariables: {a: 1}\n")
    files.tenant("extends: base\n")
    found = files.project.tenants
    assert found.tags("local") == ["all", "eu"]
    assert set(found.values("local").value) == {"domain", "credentials"}


def test_the_environment_is_that_of_the_process_unless_another_is_given(files, monkeypatch):
    monkeypatch.setenv("SOME_DOMAIN", "from-the-process.example.com")
    files.write("tenants/local.yaml", "domain: !env SOME_DOMAIN\ncredentials: {client_id: a, client_secret: !env B }\n")
    tenant = files.project.tenant("local")
    assert TenantFiles(files.root / "tenants").visible_domain(tenant.domain) == "from-the-process.example.com"
    assert files.project.tenants.visible_domain(tenant.domain) is None
