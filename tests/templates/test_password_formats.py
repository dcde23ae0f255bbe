"""Every format of the registry, with the hashes that password_hashes.yaml has for it, as login runs in Node."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import TemplateError

from deployer.errors import DeployerError
from deployer.rendering.templates import Templates
from deployer.runtime.modules import install_modules
from deployer.runtime.node import find_node
from tests.support.paths import ROOT

FORMATS = Templates(ROOT / "templates").password_formats.by_name
HASHES = yaml.safe_load((Path(__file__).parent / "password_hashes.yaml").read_text("utf-8"))
WITHOUT_MODULE = next(name for name, entry in FORMATS.items() if entry.new_hashes and not entry.modules)
"""What a script writes where only reading is looked at."""

ALL_MODULES = {module: version for entry in FORMATS.values() for module, version in entry.modules.items()}

PROGRAM = """
const source = input.source;
const body = source.slice(source.indexOf('{') + 1, source.indexOf('  async function run()'));
const load = require('module').createRequire(input.folder + '/');
const functions = new Function('require', 'global', 'configuration',
  body + 'return { verifyPassword, hashPassword, isOutdated: ' + input.isOutdated + ' };');
const given = functions((name) => load(name.replace(/@.*/, '')), {}, {});
const called = async (call) => { try { return await call(); } catch (error) { return 'threw ' + error.message; } };
(async () => {
  const found = { right: [], wrong: [], damaged: [], keeps: [], replaces: [] };
  for (const [password, hash] of input.verifies) {
    found.right.push(await called(() => given.verifyPassword(password, hash)));
    found.wrong.push(await called(() => given.verifyPassword(password + 'x', hash)));
  }
  for (const hash of input.damaged) found.damaged.push(await called(() => given.verifyPassword('wrong', hash)));
  if (input.isOutdated !== 'null') {
    for (const name of ['keeps', 'replaces']) found[name] = input[name].map((hash) => given.isOutdated(hash));
    const made = [await given.hashPassword('pässwörd'), await given.hashPassword('pässwörd')];
    found.made = made;
    found.verified = await given.verifyPassword('pässwörd', made[0]);
    found.outdated = given.isOutdated(made[0]);
  }
  output(found);
})();
"""


def test_every_format_has_hashes_to_test_it_with() -> None:
    assert list(HASHES) == list(FORMATS)
    for name, entry in FORMATS.items():
        assert bool(HASHES[name].get("verifies")) == (entry.read_as is None), name
        assert set(HASHES[name]) - {"verifies"} == ({"new", "keeps", "replaces"} if entry.new_hashes else set()), name


@pytest.fixture
def folder(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder from which the npm modules of a format are found; those of all of them, for the name of none."""
    modules = FORMATS[name].modules if name in FORMATS else ALL_MODULES
    base = tmp_path_factory.getbasetemp()
    try:
        found = install_modules(modules, find_node(), cache=base.parent / "password-modules")
    except DeployerError as error:
        pytest.skip(f"its modules cannot be installed: {error.what}")
    return found.folder if found is not None else base


@pytest.mark.node
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_reads_and_writes_what_others_do(name: str, folder: Path, render: Any, run_node: Any) -> None:
    entry, hashes = FORMATS[name], HASHES[name]
    written = entry.new_hashes is not None
    variables: dict[str, Any] = {"password_formats": [entry.read_as or name], "upgrade_passwords": written}
    variables["new_password_format"] = name if written else WITHOUT_MODULE
    verifies = hashes.get("verifies", [])
    damaged = [hash_[:length] for _, hash_ in verifies[:1] for length in range(0, len(hash_), 3)]
    damaged += [f"{hash_}{more}" for _, hash_ in verifies[:1] for more in ("00", " x")]
    given = {
        "source": render("postgres", variables=variables, modules=dict(entry.modules)).sources["login"],
        "folder": str(folder),
        "isOutdated": "isOutdated" if written else "null",
        "verifies": verifies,
        "damaged": [] if entry.modules else [*damaged, None, "", "x"],  # an npm module may throw
        "keeps": hashes.get("keeps", []),
        "replaces": hashes.get("replaces", []),
    }
    found = run_node(PROGRAM, given)
    assert found["right"] == [True] * len(verifies)
    assert found["wrong"] == [False] * len(verifies)
    assert found["damaged"] == [False] * len(given["damaged"])
    assert found["keeps"] == [False] * len(given["keeps"])
    assert found["replaces"] == [True] * len(given["replaces"])
    if written:
        assert all(re.fullmatch(hashes["new"], made) for made in found["made"]), found["made"]
        assert found["made"][0] != found["made"][1]
        assert (found["verified"], found["outdated"]) == (True, False)


@pytest.mark.node
@pytest.mark.npm
@pytest.mark.parametrize("name", ["every format at once"])
def test_no_format_takes_what_is_another_ones(name: str, folder: Path, render: Any, run_node: Any) -> None:
    """The first format whose pattern fits decides: the order of the registry is right for every hash that is here."""
    verifies = [each for hashes in HASHES.values() for each in hashes.get("verifies", [])]
    variables = {
        "password_formats": [each for each, entry in FORMATS.items() if entry.read_as is None],
        "new_password_format": WITHOUT_MODULE,
    }
    given = {
        "source": render("postgres", variables=variables, modules=ALL_MODULES).sources["login"],
        "folder": str(folder),
        "isOutdated": "null",
        "verifies": verifies,
        "damaged": [],
    }
    assert len(verifies) > 10
    assert run_node(PROGRAM, given)["right"] == [True] * len(verifies)


REGISTRY = (ROOT / "templates/shared/password_formats.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("stored_as: ", "stored: "), r"password_formats.yaml:11:\d+: unknown key 'stored'; did you mean 'stored_as'"),
        (("modules: {bcrypt: 6.0.0}", "modules: {bcrypt: ^6}"), "must be one exact version"),
        (("modules: {bcrypt: 6.0.0}", 'modules: {"a/b": 6.0.0}'), "a module whose name is no name in JavaScript"),
        (("  bcrypt:", "  Bcrypt:"), "a key that is no name"),
        (("read_as: pbkdf2", "read_as: pbkdf3"), "'django-pbkdf2', whose `read_as` names no format"),
        (('    new_hashes: "SHA-256, 600,000 rounds, in the form that Django reads"\n', ""), "needs `new_hashes`"),
        (("formats:", "format:"), "unknown key 'format'; did you mean 'formats'"),
    ],
)
def test_mistakes_in_the_registry_have_their_place(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    assert change[0] in REGISTRY
    file = tmp_path / "shared/password_formats.yaml"
    file.parent.mkdir()
    file.write_text(REGISTRY.replace(*change, 1), "utf-8")
    with pytest.raises(DeployerError, match=what):
        _ = Templates(tmp_path, ROOT / "templates").password_formats


def test_a_format_without_a_macro_is_named(tmp_path: Path) -> None:
    file = tmp_path / "shared/password_formats.yaml"
    file.parent.mkdir()
    file.write_text(REGISTRY + "  phpass: {stored_as: $P$}\n", "utf-8")
    templates = Templates(tmp_path, ROOT / "templates")
    assert templates.manifest("postgres").variables["password_formats"].choices[-1] == "phpass"
    assert "phpass" not in templates.manifest("postgres").variables["new_password_format"].choices
    with pytest.raises(TemplateError, match=r"'phpass' has no macro 'phpass' in shared/password_formats.js.j2"):
        templates.environment.from_string(
            "{% import 'shared/hashing.js.j2' as hashing with context %}{{ hashing.verify() | js }}"
        ).render(
            password_formats=["phpass"],
            new_password_format="scrypt",
            upgrade_passwords=False,
            known_password_formats=templates.password_formats.for_templates(),
        )
