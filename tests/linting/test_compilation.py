"""Node is the judge: what it refuses is DB101 in its own words, and what it compiles is not, whatever else reads it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployer.linting.engine import lint
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import SyntaxTree
from deployer.linting.masking import without_quoted
from deployer.runtime.modules import install_modules
from deployer.runtime.node import find_node

CASES = yaml.safe_load((Path(__file__).parent / "compilation" / "cases.yaml").read_text())
REFUSED = [case for case in CASES if "message" in case]
COMPILED = [case for case in CASES if "message" not in case]

# Asks Node by itself, by another way than the product: each text as a classic script, run with nothing of it executed.
ASK = """
const vm = require('vm');
const said = JSON.parse(require('fs').readFileSync(0)).map((text) => {
  try { new vm.Script(text); return null; } catch (error) { return `${error.name}: ${error.message}`; }
});
console.log(JSON.stringify(said));
"""


def ask_node(sources: list[str]) -> list[str | None]:
    """What Node 22 says of each text."""
    done = subprocess.run(
        [str(find_node().path), "-e", ASK], input=json.dumps(sources), capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def node_says() -> dict[str, str | None]:
    sources = [case["source"] for case in CASES]
    return dict(zip(sources, ask_node(sources), strict=True))


def findings(source: str) -> list[Any]:
    return list(lint(scripts=[ScriptInput(source, "login", address="test")]).findings)


def test_there_are_as_many_cases_as_there_were() -> None:
    assert len(REFUSED) >= 53


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_node_refuses_is_db101_in_its_words(case: dict[str, Any], node_says: dict[str, str | None]) -> None:
    said = node_says[case["source"]]
    (finding,) = findings(case["source"])
    assert finding.code == "DB101"
    assert case["message"] in finding.message
    assert said is not None
    # A function without a name is no script: Node says that first, and then what is wrong inside it.
    assert finding.message == said or "require a function name" in said
    if "line" in case:
        assert (finding.line, finding.column) == (case["line"], case["column"])
    assert finding.source_line == without_quoted(case["source"].split("\n")[finding.line - 1])


@pytest.mark.parametrize("case", COMPILED, ids=lambda case: case["name"])
def test_what_node_compiles_is_not_db101(case: dict[str, Any], node_says: dict[str, str | None]) -> None:
    said = node_says[case["source"]]
    assert said is None or "require a function name" in said
    codes = {finding.code for finding in findings(case["source"])}
    assert "DB101" not in codes
    assert ("DB110" in codes) is (case.get("analysed") is False)


@pytest.mark.parametrize(
    "source",
    ["(" * 100_000, "[" * 100_000 + "]" * 100_000, "`${" * 50_000, "!" * 300_000 + "1", "a=>" * 100_000 + "1"],
    ids=["parentheses", "lists", "templates", "negations", "arrows"],
)
def test_what_is_nested_too_deeply_ends_as_a_finding(source: str) -> None:
    refused = [finding for finding in findings(source) if finding.code == "DB101"]
    assert len(refused) == 1
    assert "Maximum call stack size exceeded" in refused[0].message


def test_nothing_of_a_script_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    source = f"require('fs').writeFileSync({json.dumps(str(mark))}, ''); process.exit(3); while (true) {{}}"
    assert "DB101" not in {finding.code for finding in findings(source)}
    assert not mark.exists()


@pytest.mark.parametrize(
    "source",
    ["// \u2028\nlet a; let a;", "let x = '𝒳é'; let x;", "\tlet a;\r\n\tlet a;", "let b;\rlet b;"],
)
def test_places_are_counted_in_lines_and_characters(source: str) -> None:
    (finding,) = findings(source)
    lines = source.split("\n")
    name = "x" if "x" in source else "b" if "b" in source else "a"
    line = len(lines)
    assert (finding.line, finding.column) == (line, lines[-1].rindex(name) + 1)


@pytest.mark.npm
@pytest.mark.slow
def test_the_parser_tests_of_test262(tmp_path: Path) -> None:
    """As classic scripts: no disagreement with Node in either direction; what tree-sitter cannot read is said."""
    installed = install_modules({"test262-parser-tests": "0.0.5"}, find_node(), cache=tmp_path)
    assert installed is not None
    root = installed.folder / "node_modules" / "test262-parser-tests"
    files = [file for part in ("pass", "fail", "early") for file in sorted((root / part).glob("*.js"))]
    sources = list(dict.fromkeys(file.read_text("utf-8") for file in files))
    assert len(sources) > 2000
    said = ask_node(sources)
    subjects = [ScriptInput(source, "login", address=str(number)) for number, source in enumerate(sources)]
    found: dict[str, set[str]] = {}
    for finding in lint(scripts=subjects).findings:
        found.setdefault(finding.address, set()).add(finding.code)
    codes = [found.get(str(number), set()) for number in range(len(sources))]
    different = [
        (source, why)
        for source, why, had in zip(sources, said, codes, strict=True)
        if (why is None) == ("DB101" in had)
    ]
    assert different == []
    silent = [
        source
        for source, why, had in zip(sources, said, codes, strict=True)
        if why is None and SyntaxTree(source).broken and "DB110" not in had
    ]
    assert silent == []
    compiled = sum(why is None for why in said)
    unread = sum("DB110" in had for had in codes)
    print(
        f"{len(sources):,} texts: Node and DB101 refuse {len(said) - compiled:,}; of {compiled:,} {unread} not analysed"
    )
