"""A lint report in, one of five texts out: for people, programs, code scanning, GitHub or test viewers."""

from deployer.linting.engine import LintReport

FORMATS = ("text", "json", "sarif", "github", "junit")


def format_findings(report: LintReport, form: str, *, color: bool = False) -> str:
    """The report in one of `FORMATS`, ending in a newline. `color` is for text only."""
    match form:
        case "json":
            from deployer.reporting.findings_json import findings_json as make
        case "sarif":
            from deployer.reporting.findings_sarif import findings_sarif as make
        case "github":
            from deployer.reporting.findings_github import findings_github as make
        case "junit":
            from deployer.reporting.findings_junit import findings_junit as make
        case "text":
            from deployer.reporting.findings_text import findings_text

            return findings_text(report, color=color)
        case _:
            raise ValueError(f"no such format: {form}")
    return make(report)
