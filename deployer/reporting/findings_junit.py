"""Writes a lint report as JUnit XML: one test suite per place, one failed test per finding."""

from itertools import groupby
from xml.etree import ElementTree as ET

from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding, Severity
from deployer.text import visible


def findings_junit(report: LintReport) -> str:
    """Write errors as failures and warnings as passed tests with a text; no findings at all are one passed test."""
    root = ET.Element(
        "testsuites",
        name="deployer lint",
        tests=str(max(1, len(report.findings))),
        failures=str(len(report.errors)),
        errors="0",
    )
    for address, group in groupby(
        sorted(report.findings, key=lambda each: each.address), key=lambda each: each.address
    ):
        findings = list(group)
        failed = sum(finding.severity is Severity.ERROR for finding in findings)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_text(address),
            tests=str(len(findings)),
            failures=str(failed),
            errors="0",
            skipped="0",
        )
        for finding in findings:
            _case(suite, finding)
    if not report.findings:
        suite = ET.SubElement(root, "testsuite", name="deployer lint", tests="1", failures="0", errors="0", skipped="0")
        ET.SubElement(suite, "testcase", name="no findings", classname="deployer.lint")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suite: ET.Element, finding: Finding) -> None:
    file = finding.template or finding.label or finding.address
    place = f", line {finding.line}{' of the rendered script' if finding.template else ''}" if finding.line else ""
    name = f"{finding.code} {finding.name}{place}"
    case = ET.SubElement(suite, "testcase", name=_text(name), classname=_text(finding.address), file=_text(file))
    text = finding.message if not finding.hint else f"{finding.message}\n{finding.hint}"
    if finding.source_line:
        text += f"\n{finding.line}: {finding.source_line.strip()[:300]}"
    if finding.severity is Severity.ERROR:
        failure = ET.SubElement(case, "failure", type=finding.code, message=_text(finding.message))
        failure.text = _text(text)
    else:
        ET.SubElement(case, "system-out").text = _text(f"warning: {text}")


def _text(text: str) -> str:
    """Make text fit for XML: control characters are shown, lone surrogates and non-characters replaced."""
    shown = visible(text)
    return "".join("\ufffd" if "\ud800" <= each <= "\udfff" or each in "\ufffe\uffff" else each for each in shown)
