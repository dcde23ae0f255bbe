"""Writes the results of contract tests as a JUnit document."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from deployer.runtime.contract.results import CheckOutcome, ContractReport
from deployer.text import one_line

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def contracts_junit(tenant: str, reports: Sequence[ContractReport]) -> str:
    """Write a suite per connection, and a case per check."""
    root = ET.Element("testsuites", name=f"deployer test {_xml(tenant)}")
    for report in reports:
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_xml(report.connection),
            tests=str(len(report.results)),
            failures=str(report.count(CheckOutcome.FAILED)),
            skipped=str(report.count(CheckOutcome.SKIPPED)),
            time=f"{report.duration_ms / 1000:.3f}",
        )
        for result in report.results:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_xml(report.connection),
                name=result.name,
                time=f"{result.duration_ms / 1000:.3f}",
            )
            if result.outcome is CheckOutcome.FAILED:
                failure = ET.SubElement(case, "failure", message=_xml(one_line(result.title)))
                failure.text = _xml("\n".join(result.details))
            elif result.outcome is CheckOutcome.SKIPPED:
                ET.SubElement(case, "skipped", message=_xml(one_line(result.reason or "")))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """Replace what XML 1.0 cannot hold by U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)
