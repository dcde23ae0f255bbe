"""The tables in the READMEs of families: those of the manifests and of the registry of password formats."""

import difflib
from pathlib import Path

import pytest

from deployer.rendering.templates import Templates
from deployer.scaffolding.readme_tables import main, outdated_readmes
from tests.support.paths import ROOT

FOLDER = ROOT / "templates"
HEADERS = {"variables": "| variable | default | what |", "configuration": "| key | what |"}
FORMATS = "| format | stored as | new hashes |"


def test_tables_are_those_of_the_manifests_and_the_registry() -> None:
    differences = [
        line
        for path, text in outdated_readmes(FOLDER).items()
        for line in difflib.unified_diff(path.read_text("utf-8").splitlines(), text.splitlines(), str(path), "new")
    ]
    assert not differences, "\n".join(["run python -m deployer.scaffolding.readme_tables:", *differences])


def test_every_family_has_its_tables(store: str, templates: Templates) -> None:
    text = (FOLDER / store / "README.md").read_text("utf-8")
    for header in HEADERS.values():
        assert text.count(header) == 1
    assert text.count(FORMATS) == ("password_formats" in templates.manifest(store).variables)
    assert text.count("Modules, unless the connection names others: ") == bool(templates.manifest(store).modules)


README = f"""\
# Mine

{HEADERS["variables"]}
| --- | --- | --- |
| `old` | `1` | gone |

Text stays.

{FORMATS}

Modules, unless the connection names others: none.
"""
MANIFEST = """\
extends: postgres
scripts: [login]
variables:
  table:
    default: !remove
  size: {type: integer, minimum: 2, default: 3, description: "a | b"}
"""


def test_the_command_writes_what_is_out_of_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    readme = tmp_path / "mine" / "README.md"
    readme.write_text(README, "utf-8")
    (tmp_path / "mine" / "template.yaml").write_text(MANIFEST, "utf-8")
    assert main([str(tmp_path)]) == 0
    text = readme.read_text("utf-8")
    assert "| `table` | required | The table of users; schema.table is possible |" in text
    assert "| `size` | `3` | a \\| b (at least 2) |\n\nText stays.\n" in text
    assert "| `bcrypt` | `$2a$`, `$2b$`, `$2y$` | cost `bcrypt_cost` |" in text
    assert text.endswith("Modules, unless the connection names others: `pg` 8.16.3, `bcrypt` 6.0.0.\n")
    assert "`old`" not in text
    assert capsys.readouterr().out == f"{readme}\n"
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    (tmp_path / "mine" / "template.yaml").write_text("extends: mine\n", "utf-8")
    assert main([str(tmp_path)]) == 1
    assert "goes in a circle" in capsys.readouterr().err
