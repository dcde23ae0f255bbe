"""Precision and recall over scripts that were labelled by hand before the rules were written.

The first line of each script in `corpus/` is its label: `// kind: login; expect: DB202, DB402; fact: value ...`.
`expect` names every error that a careful reviewer would, and the warnings that the script was written to show (other
warnings are not judged). Facts, all optional, make a definition: `context: yes`, `migration`, `import_mode`, `access`,
`guards`, `guard_type`, `configuration`, `modules` (`pg 8.16.3, ...`), `databases` (how many the tenant has), `with`
(another script of the corpus, for the same connection), `missing` (kinds that the connection lacks). The other kinds
are filled with right scripts, so that the set is complete.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployer.linting.finding import Severity
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.registry import own_rules
from deployer.linting.rule import ConnectionRule, ScriptRule
from deployer.scripts import SCRIPT_KINDS

CORPUS = Path(__file__).parent / "corpus"
RULES = own_rules()
ERRORS = {rule.code for rule in RULES if rule.severity is Severity.ERROR}
MAY_BE_ERRORS = {"DB204", "DB303"}
"""Warnings that become errors under circumstances: a script's label then counts, whatever the severity."""

FILLERS = {
    "login": "callback(new Error('not in use'));",
    "get_user": "callback(null);",
}


@dataclass(frozen=True)
class Labelled:
    """One script with its label."""

    name: str
    source: str
    kind: str
    expected: frozenset[str]
    facts: dict[str, str]


def read(path: Path) -> Labelled:
    source = path.read_text()
    label = source.split("\n", 1)[0].removeprefix("// ")
    facts = dict(part.strip().split(": ", 1) for part in label.split(";"))
    kind, expect = facts.pop("kind"), facts.pop("expect")
    expected = frozenset() if expect == "none" else frozenset(expect.split(", "))
    return Labelled(path.stem, source, kind, expected, facts)


CASES = {path.stem: read(path) for path in sorted(CORPUS.glob("*.js"))}


def listed(text: str | None) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(",")) if text is not None else None


def subject_of(case: Labelled) -> ConnectionInput:
    facts = case.facts
    context = {"yes": True, "no": False}[facts["context"]] if "context" in facts else None
    sources = {case.kind: case.source}
    if "with" in facts:
        other = CASES[facts["with"]]
        sources[other.kind] = other.source
    for kind in SCRIPT_KINDS.values():
        if kind.name not in sources and kind.name not in (listed(facts.get("missing")) or ()):
            given = ", ".join(kind.parameters(with_context=bool(context)))
            body = FILLERS.get(kind.name, "callback(null, true);")
            sources[kind.name] = f"function {kind.function}({given}) {{\n  {body}\n}}\n"
    scripts = {kind: ScriptInput(source, kind, context, address=kind) for kind, source in sources.items()}
    modules = listed(facts.get("modules"))
    configuration = listed(facts.get("configuration"))
    return ConnectionInput(
        name=case.name,
        scripts=scripts,
        address=case.name,
        migration=facts.get("migration"),
        import_mode={"true": True, "false": False}[facts["import_mode"]] if "import_mode" in facts else None,
        enable_script_context=context,
        access=listed(facts.get("access")),
        guards=listed(facts.get("guards")) or (() if "access" in facts or "migration" in facts else None),
        guard_type=facts.get("guard_type"),
        configuration=frozenset(configuration) if configuration is not None else None,
        modules=dict(each.split(" ") for each in modules) if modules is not None else None,
        custom_databases=int(facts["databases"]) if "databases" in facts else None,
    )


def found_in(case: Labelled) -> dict[str, Severity]:
    """Code -> the highest severity found, in the script itself or about the whole connection."""
    subject = subject_of(case)
    script = subject.scripts[case.kind]
    findings = []
    for rule in RULES:
        if isinstance(rule, ScriptRule):
            if rule.reads_broken or not script.tree.broken:
                findings += rule.check(script)
        elif isinstance(rule, ConnectionRule):
            findings += [each for each in rule.check(subject) if each.address in {case.kind, case.name}]
    found: dict[str, Severity] = {}
    for each in findings:
        if found.get(each.code) is not Severity.ERROR:
            found[each.code] = each.severity
    return found


def test_corpus_is_large_and_a_third_of_it_is_right() -> None:
    right = [case for case in CASES.values() if not case.expected]
    assert len(CASES) >= 120
    assert len(right) >= len(CASES) / 3
    assert {case.kind for case in CASES.values()} >= set(list(SCRIPT_KINDS)[:7])


def test_most_error_rules_are_in_the_corpus() -> None:
    """Not all: DB104 is about 100 kB of text, and a new rule begins with its own two examples."""
    labelled = {code for case in CASES.values() for code in case.expected}
    assert len(ERRORS - labelled) <= len(ERRORS) / 10, ERRORS - labelled


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.expected])
def test_nothing_right_is_called_an_error(name: str) -> None:
    assert [code for code, severity in found_in(CASES[name]).items() if severity is Severity.ERROR] == []


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    hits, wrong, missed = Counter[str](), list[str](), list[str]()
    warned, warnings_missed = 0, list[str]()
    for case in CASES.values():
        found = found_in(case)
        errors = {code for code, severity in found.items() if severity is Severity.ERROR}
        wanted = {code for code in case.expected if code in ERRORS or code in errors}
        hits.update(errors & wanted)
        wrong += [f"{case.name}: {code} is not in its label" for code in sorted(errors - case.expected)]
        missed += [f"{case.name}: {code} was not found" for code in sorted(wanted - errors)]
        for code in sorted(case.expected - wanted):
            warned += code in found
            warnings_missed += [] if code in found else [f"{case.name}: {code} (a warning) was not found"]
    precision = hits.total() / (hits.total() + len(wrong))
    recall = hits.total() / (hits.total() + len(missed))
    with capsys.disabled():
        print(
            f"\nlint corpus: {len(CASES)} scripts, {hits.total() + len(missed)} labelled errors; "
            f"precision {precision:.1%}, recall {recall:.1%}; "
            f"warnings found: {warned} of {warned + len(warnings_missed)}"
        )
        for line in (*wrong, *missed, *warnings_missed):
            print("  " + line)
    assert precision >= 0.95
    assert recall >= 0.90
