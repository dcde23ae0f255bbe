"""A connection's complete script set: headers, overrides, usernames, variables, the size limit, and mistakes."""

import json
from pathlib import Path

import pytest

from deployer.config.problems import ConfigError
from deployer.operations.render import select_scripts, write_scripts
from deployer.project import Project
from deployer.rendering.errors import RenderError
from deployer.reporting.scripts_json import scripts_json
from deployer.reporting.scripts_text import scripts_text
from deployer.scripts import MAX_SCRIPT_BYTES, SCRIPT_KINDS

HEAD = "domain: {domain}\ncredentials: {{client_id: a, client_secret: !env SECRET }}\n"
STORE_SCRIPT = "function login(email, password, callback) {\n  callback(null, {{ table | js }});\n}\n"


class Made:
    """A project in a folder and what it renders to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def tenant(self, body: str, domain: str = "acme.eu.auth0.com") -> "Made":
        self.write("tenants/local.yaml", HEAD.format(domain=domain) + body)
        return self

    @property
    def project(self) -> Project:
        return Project(self.root, self.environment)

    def sources(self, connection: str = "users") -> dict[str, str]:
        project = self.project
        return project.render(project.tenant("local"))[connection].sources

    def error(self) -> str:
        with pytest.raises(RenderError) as caught:
            self.sources()
        return str(caught.value)


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path)


def custom(kind: str, text: str) -> str:
    return f"connections:\n  users:\n    store: postgres\n    scripts: {{{kind}: {text}}}\n"


def test_a_store_gives_its_complete_set_in_the_order_of_the_kinds(made):
    found = list(made.tenant("connections: {users: {store: postgres}}\n").sources())
    assert found == [kind for kind in SCRIPT_KINDS if kind in found]
    assert {"login", "get_user", "create", "verify", "change_password", "delete", "change_email"} == set(found)


def test_a_username_script_is_there_exactly_where_users_have_usernames(made):
    body = "connections:\n  users: {{store: {}, options: {}}}\n"
    for options, expected in (
        ("{}", False),
        ("{requires_username: false}", False),
        ("{requires_username: true}", True),
        ("{attributes: {username: {identifier: {active: true}}}}", True),
        ("{attributes: {email: {identifier: {active: true}}}}", False),
    ):
        assert ("change_username" in made.tenant(body.format("api", options)).sources()) is expected, options


def test_the_header_names_where_to_change_a_script_and_nothing_that_changes_by_itself(made):
    made.write("templates/custom/create.js.j2", "function create(user, callback) { callback(null); }")
    made.tenant(custom("create", "templates/custom/create.js.j2"))
    first, second, _ = made.sources()["create"].split("\n", 2)
    assert "connection users, script create, template templates/custom/create.js.j2." in first
    assert second.startswith("// ")
    assert made.sources() == made.sources()


def test_one_script_from_another_template_with_or_without_the_folders_name(made):
    made.write("templates/custom/create.js.j2", "function create(user, callback) { callback(null); }")
    for name in ("templates/custom/create.js.j2", "custom/create.js.j2"):
        found = made.tenant(custom("create", name)).sources()
        assert found["create"].endswith("function create(user, callback) { callback(null); }")
        assert len(found) == 7


def test_a_script_can_be_left_out(made):
    assert "create" not in made.tenant(custom("create", "!remove ")).sources()


def test_a_store_of_the_projects_own_without_a_manifest(made):
    made.write("templates/legacy/login.js.j2", STORE_SCRIPT)
    made.write("templates/legacy/notes.js.j2", "no script")
    made.tenant("connections: {users: {store: legacy, variables: {table: 'a\"b</script>'}}}\n")
    found = made.sources()
    assert list(found) == ["login"]
    assert 'a\\"b' in found["login"]


def test_the_tenants_variables_are_those_that_a_store_knows(made):
    made.write("templates/legacy/login.js.j2", STORE_SCRIPT)
    made.write(
        "templates/legacy/template.yaml",
        "description: d\nscripts: [login]\nvariables: {table: {type: string, description: t}}\n",
    )
    body = "variables: {table: shared, other: x}\nconnections: {users: {store: legacy}}\n"
    assert '"shared"' in made.tenant(body).sources()["login"]
    own = body.replace("store: legacy", "store: legacy, variables: {table: own}")
    assert '"own"' in made.tenant(own).sources()["login"]


def test_tenants_differ_only_in_what_their_values_say(made):
    made.write("templates/legacy/login.js.j2", "// {{ tenant.name | comment }} {{ tenant.domain | comment }}\n")
    made.tenant("connections: {users: {store: legacy}}\n")
    assert "// local acme.eu.auth0.com" in made.sources()["login"]


def test_a_domain_that_is_not_known_is_undefined_for_those_who_read_it_only(made):
    made.write("templates/legacy/login.js.j2", "// no domain here\n")
    made.tenant("connections: {users: {store: legacy}}\n", domain="!env NOT_SET")
    assert "no domain here" in made.sources()["login"]
    made.write("templates/legacy/login.js.j2", "// {{ tenant.domain | comment }}\n")
    assert "domain" in made.error()
    made.environment["NOT_SET"] = "set.eu.auth0.com"
    assert "set.eu.auth0.com" in made.sources()["login"]


def test_a_script_of_100_kb_is_taken_and_a_byte_more_is_not(made):
    made.write("templates/legacy/login.js.j2", "x")
    made.tenant("connections: {users: {store: legacy}}\n")
    room = MAX_SCRIPT_BYTES - len(made.sources()["login"].encode()) + 1
    fill = "{% for _ in range(10) %}€{{ '' | comment }}{% endfor %}"
    made.write("templates/legacy/login.js.j2", fill + "x" * (room - 30))
    assert len(made.sources()["login"].encode()) == MAX_SCRIPT_BYTES
    made.write("templates/legacy/login.js.j2", fill + "x" * (room - 29))
    assert f"larger than {MAX_SCRIPT_BYTES:,} bytes" in made.error()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a\n{{ nosuch | js }}", "templates/legacy/login.js.j2:2: the template reads something undefined: 'nosuch'"),
        ("{% include 'nosuch.js.j2' %}", "there is no template 'nosuch.js.j2'"),
        ("{% include '../../etc/passwd' %}", "is not a path inside the templates folder"),
        ("a\n\n{% if %}", "templates/legacy/login.js.j2:3"),
        ("{{ fail('tell\x1b them') }}", "tell\\x1b them"),
        ("{{ connection.name }}", "templates/legacy/login.js.j2:1"),
    ],
)
def test_a_mistake_in_a_template_names_connection_script_template_and_line(made, template, expected):
    made.write("templates/legacy/login.js.j2", template)
    found = made.tenant("connections: {users: {store: legacy}}\n").error()
    assert found.startswith("tenants/local.yaml:3:23: connection.users login, ")
    assert expected in found
    assert "\x1b" not in found


def test_what_render_selects_prints_and_writes(made, tmp_path_factory):
    body = "connections:\n  one: {store: postgres}\n  two: {store: postgres}\n"
    project = made.tenant(body).project
    tenant = project.tenant("local")
    assert len(select_scripts(project, tenant, None)) == 14
    assert {name for name, _ in select_scripts(project, tenant, "two")} == {"two"}
    login = select_scripts(project, tenant, "two/login")
    assert list(login) == [("two", "login")]
    assert scripts_text(login) == login["two", "login"].source
    assert "// ==> two/verify.js <==\n" in scripts_text(select_scripts(project, tenant, "two"))
    assert json.loads(scripts_json(login))[0]["source"] == login["two", "login"].source
    folder = tmp_path_factory.mktemp("out")
    assert write_scripts(login, folder) == [folder / "two" / "login.js"]
    assert (folder / "two" / "login.js").read_text() == login["two", "login"].source


def test_the_digest_is_that_of_what_runs(made):
    def digest(body: str) -> str:
        project = made.tenant(body).project
        return project.render(project.tenant("local"))["users"].digest

    one = digest("connections: {users: {store: postgres}}\n")
    assert one == digest("connections: {users: {store: postgres, display_name: Users}}\n")
    assert one != digest("connections: {users: {store: postgres, modules: {bcrypt: 5.0.0}}}\n")
    assert one != digest("connections: {users: {store: postgres, variables: {table: other}}}\n")


def problems(made: Made) -> list[str]:
    """Everything that is wrong with the tenant, from loading or from rendering it."""
    project = made.project
    with pytest.raises(ConfigError) as caught:
        project.render(project.tenant("local"))
    return [str(problem) for problem in caught.value.problems]


def test_mistakes_in_stores_variables_scripts_guards_and_actions_come_together_and_with_their_places(made):
    made.write("templates/custom/broken.js.j2", "// one\n{% if %}")
    made.write("templates/guards/mark-migrated.post-login.js.j2", "{{ nosuch | js }}")
    made.tenant(
        "connections:\n"
        "  one: {store: postgers}\n"
        "  two: {store: postgres, variables: {tabel: x}}\n"
        "  three:\n    store: postgres\n    guards: [mark-migrated]\n    variables: {table: t}\n"
        "    scripts: {create: custom/none.js.j2, verify: custom/broken.js.j2}\n"
        "actions: {audit: {code: custom/nosuch.js.j2}}\n"
    )
    found = problems(made)
    places = [problem.split(" ")[0] for problem in found]
    assert places == [f"tenants/local.yaml:{place}:" for place in ("4:9", "5:38", "8:14", "10:15", "10:42", "11:19")]
    texts = ("'postgers'; did you mean 'postgres'", "'tabel'; did you mean 'table'", "'nosuch' is undefined")
    texts += ("'custom/none.js.j2'", "templates/custom/broken.js.j2:2: ", "action.audit, ")
    for text, problem in zip(texts, found, strict=True):
        assert text in problem


def test_mistakes_in_the_file_hide_none_of_what_cannot_be_rendered(made):
    made.tenant(
        "protcet: true\n"
        "connections:\n"
        "  one: {store: postgers, optons: {}}\n"
        '  two: {store: postgres, variables: {table: "{{ tenant.nme }}", tabel: x}}\n'
        "  three: {store: postgres, migration: trickel, scripts: {verify: custom/none.js.j2, logn: x}}\n"
        "  a_b: {store: nosuch}\n"
    )
    found = problems(made)
    assert [problem.split(" ")[0].removeprefix("tenants/local.yaml:") for problem in found] == [
        "3:1:",
        "5:9:",
        "5:26:",
        "6:45:",
        "6:65:",
        "7:28:",
        "7:58:",
        "7:85:",
        "8:3:",
    ]
    assert not any("is missing" in problem for problem in found)


def test_what_is_wrong_makes_nothing_else_look_wrong(made):
    made.write(
        "templates/legacy/template.yaml",
        "description: d\nscripts: [login]\nvariables: {table: {type: string, description: t}}\n",
    )
    made.write("templates/legacy/login.js.j2", "// {{ tenant.domain | comment }} {{ table | js }}\n")
    for body, expected in (
        ("variables: {table: !remove }\nconnections: {users: {store: legacy}}\n", "`!remove` drops"),
        ("connections: {users: {store: legacy, variables: {table: '{{ nosuch }}'}}}\n", "'nosuch' is undefined"),
        ("connections: {users: {store: legacy, variables: {table: !env A }}}\n", "holds a reference"),
        ("connections: {users: {from: custom/none.yaml.j2}}\n", "'custom/none.yaml.j2'"),
        ("connections: {users: {store: legacy, variables: {table: t, own: x}, scripts: {login: 5}}}\n", "must be the"),
        ("connections: {users: {store: legacy, variables: {table: t, own: x}, scripts: {logn: x}}}\n", "did you mean"),
    ):
        (only,) = problems(made.tenant(body))
        assert expected in only
    made.write("tenants/local.yaml", "connections: {users: {store: legacy, variables: {table: t}}}\n")
    assert [problem.split(": ")[1] for problem in problems(made)] == [
        "the key 'credentials' is missing",
        "the key 'domain' is missing",
    ]
    made.write("tenants/local.yaml", "connections: {users: {store: legcy, variables: {table: t}}}\n")
    assert ["'legcy'" in problem for problem in problems(made)] == [False, False, True]


def test_one_line_that_many_scripts_include_is_wrong_once(made):
    made.write("templates/custom/part.js.j2", "\n{{ nosuch | js }}")
    made.write("templates/custom/script.js.j2", "{% include 'custom/part.js.j2' %}")
    own = "{store: postgres, variables: {table: t}, scripts: {login: custom/script.js.j2, verify: custom/script.js.j2}}"
    (only,) = problems(made.tenant(f"connections: {{one: {own}, two: {own}}}\n"))
    assert "connection.one login, templates/custom/part.js.j2:2: " in only
    assert "(and for 3 others)" in only


def test_a_mistake_of_a_base_names_the_base(made):
    made.write("tenants/base.yaml", "connections:\n  users:\n    store: postgres\n    variables: {tabel: x}\n")
    made.tenant("extends: base\n")
    assert [problem.split(" ")[0] for problem in problems(made)] == ["tenants/base.yaml:4:17:"]


def test_what_no_file_may_hold_hides_nothing_else(made):
    made.write("tenants/base.yaml", "tags: [a]\ntags: [b]\nvariables: {a: !python x}\n")
    made.tenant(
        "extends: base\nprotcet: true\nlint: !remove \nconnections:\n  one: {store: postgers, store: postgres}\n"
        "  two: {store: postgres, variables: {tabel: x}, migration: !include y}\n"
    )
    found = problems(made)
    assert [problem.split(": ")[0].removeprefix("tenants/") for problem in found] == [
        "base.yaml:2:1",
        "base.yaml:3:16",
        "local.yaml:4:1",
        "local.yaml:5:1",
        "local.yaml:7:9",
        "local.yaml:7:26",
        "local.yaml:8:38",
        "local.yaml:8:60",
    ]
