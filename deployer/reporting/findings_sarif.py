"""Writes a lint report as SARIF 2.1.0, which code scanning services read.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from deployer import __version__
from deployer.digests import digest
from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding, Severity
from deployer.linting.registry import all_rules
from deployer.linting.rule import Rule
from deployer.reporting.views import dump_json

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.OFF: "none"}


def findings_sarif(report: LintReport) -> str:
    """Write one run with every rule and every finding. Files are named as they were given, relative ones relative."""
    rules = all_rules()
    places = {rule.code: number for number, rule in enumerate(rules)}
    value = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "deployer",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, places) for finding in report.findings],
            }
        ],
    }
    return dump_json(value)


def _rule(rule: Rule) -> dict[str, Any]:
    bad, good = rule.bad[:2000], rule.good[:2000]
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.explanation},
        "help": {
            "text": f"{rule.explanation}\n\nBad:\n{bad}\n\nGood:\n{good}",
            "markdown": f"{rule.explanation}\n\nBad:\n```\n{bad}\n```\n\nGood:\n```\n{good}\n```\n",
        },
        "helpUri": rule.source,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    message = finding.message if not finding.hint else f"{finding.message}. {finding.hint}"
    if finding.template:
        message = f"{finding.address}, line {finding.line} of the rendered script: {message}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(finding)],
        # Without the line, so that a finding keeps its identity when the code above it grows.
        "partialFingerprints": {
            "deployer/v1": digest([finding.code, finding.address, finding.source_line.strip(), finding.message])
        },
    }
    if finding.code in places:
        result["ruleIndex"] = places[finding.code]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    file = finding.template or finding.label or finding.address
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(file).as_posix(), safe="/:._-~@")}}
    if finding.line and not finding.template:
        region = {"startLine": finding.line, "startColumn": max(1, finding.column)}
        if finding.end_line:
            region |= {"endLine": finding.end_line, "endColumn": max(1, finding.end_column)}
        physical["region"] = region
    return {
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "function"}],
    }
