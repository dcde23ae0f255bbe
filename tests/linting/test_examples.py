"""Every rule is right about its own examples, and says where it has them from."""

import ast
import inspect
from collections import Counter

import pytest

from deployer.linting import doc_urls
from deployer.linting.examples import findings_of
from deployer.linting.registry import own_rules
from deployer.linting.rule import Rule

RULES = own_rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_bad_example_gives_its_finding(rule: Rule) -> None:
    found = findings_of(rule, rule.bad)
    assert found
    assert {finding.code for finding in found} == {rule.code}
    assert all(finding.message for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_good_example_gives_none(rule: Rule) -> None:
    assert findings_of(rule, rule.good) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_is_complete(rule: Rule) -> None:
    assert rule.code.startswith("DB")
    assert rule.code[2:].isdigit()
    assert len(rule.explanation) > 60
    assert rule.source.startswith("https://")
    module = type(rule).__module__.rsplit(".", 1)[1]
    assert module == f"{rule.code.lower()}_{rule.name.replace('-', '_')}"


def test_a_page_that_several_rules_cite_stands_in_one_place() -> None:
    trees = [ast.parse(inspect.getsource(inspect.getmodule(type(rule)) or ast)) for rule in RULES]
    written = Counter(
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("https://")
    )
    shared = {value for name, value in vars(doc_urls).items() if name.isupper()}
    assert [page for page, times in written.items() if times > 1 or page in shared] == []
