"""Every subject has one view for each of its formats, and none that no format leads to."""

import ast
import json
from enum import StrEnum
from pathlib import Path

import pytest

import deployer.reporting
from deployer.reporting.contracts import ContractsFormat
from deployer.reporting.findings import FindingsFormat
from deployer.reporting.plan import SUFFIXES, PlanFormat
from deployer.reporting.status import StatusFormat
from deployer.reporting.views import TextOrJson, dump_json, load_view

SUBJECTS: dict[str, type[StrEnum]] = {
    "plan": PlanFormat,
    "findings": FindingsFormat,
    "status": StatusFormat,
    "contracts": ContractsFormat,
    **dict.fromkeys(
        ("outcome", "drift", "fleet", "history", "imported", "validation", "scripts", "rules", "call"), TextOrJson
    ),
}
VIEWS = [(subject, form) for subject, formats in SUBJECTS.items() for form in formats]
FOLDER = Path(deployer.reporting.__file__).parent


@pytest.mark.parametrize(("subject", "form"), VIEWS, ids=[f"{subject}-{form}" for subject, form in VIEWS])
def test_every_format_has_a_view_of_its_name(subject: str, form: StrEnum) -> None:
    view = load_view(subject, form)
    assert view.__module__ == f"deployer.reporting.{subject}_{form.value}"
    assert view.__name__ == f"{subject}_{form.value}"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_view_is_beside_the_formats(subject: str) -> None:
    endings = {member.value for formats in SUBJECTS.values() for member in formats}
    there = {path.stem.removeprefix(f"{subject}_") for path in FOLDER.glob(f"{subject}_*.py")} & endings
    assert there == {form.value for form in SUBJECTS[subject]}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_dispatcher_imports_no_view(subject: str) -> None:
    """A format that is not asked for costs nothing: neither Jinja nor Rich is imported for JSON."""
    tree = ast.parse((FOLDER / f"{subject}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not imported & {f"deployer.reporting.{subject}_{form.value}" for form in SUBJECTS[subject]}


def test_a_file_can_be_written_in_every_format_of_a_plan() -> None:
    assert set(SUFFIXES.values()) == set(PlanFormat)


def test_the_format_by_the_option() -> None:
    assert (TextOrJson.of(True), TextOrJson.of(False)) == (TextOrJson.JSON, TextOrJson.TEXT)


def test_json_is_ascii_and_complete() -> None:
    text = dump_json({"a": "\x1b\u202eé"})
    assert text.isascii()
    assert text.endswith("}\n")
    assert "\x1b" not in text
    assert json.loads(text) == {"a": "\x1b\u202eé"}
