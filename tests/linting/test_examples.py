"""Every rule is right about its own examples, and says where it has them from."""

import pytest

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
