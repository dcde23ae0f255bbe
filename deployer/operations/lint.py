"""Checks scripts and definitions against the lint rules."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from deployer.config.problems import ConfigError, Problem
from deployer.linting import engine
from deployer.linting.engine import LintReport
from deployer.linting.folders import folder_inputs
from deployer.linting.tenant_inputs import lint_tenant, merge_reports
from deployer.project import Project


def lint_tenants(project: Project, names: Iterable[str], severities: Mapping[str, str]) -> LintReport:
    """Lint these tenants of a project; `severities` change those of rules, by code.

    Raises:
        ConfigError: for mistakes in the files of any of them, all together.
    """
    reports: list[LintReport] = []
    problems: list[Problem] = []
    for each in names:
        try:
            reports.append(lint_tenant(project, each, dict(severities)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return merge_reports(reports)


def lint_folder(path: Path, severities: Mapping[str, str]) -> LintReport:
    """Lint a folder of plain `.js` files, or one file.

    Raises:
        DeployerError: where there is no such folder or file.
    """
    found = folder_inputs(path)
    return engine.lint(found.connections, found.scripts, severities=dict(severities), skipped=found.skipped)
