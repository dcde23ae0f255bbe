"""Proves that the tests can be run as people run tests: any of them, in any order, from anywhere, in the background."""

import ast
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

TESTS = ROOT / "tests"
SOURCES = sorted(TESTS.rglob("*.py"))
MODULES = [path for path in SOURCES if path.name.startswith("test_")]


def run_pytest(*arguments: str, cwd: Path = ROOT, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own; `shell` is what a shell does before."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", *arguments]
    return subprocess.run(
        ["sh", "-c", f'{shell} exec "$@"', "sh", *command], cwd=cwd, capture_output=True, text=True, timeout=240
    )


@cache
def parse(path: Path) -> ast.Module:
    """Read a module's syntax."""
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """Find the modules that a file imports, relative ones with their dots."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_what_tests_share_is_imported_from_the_package_for_it() -> None:
    """Not from a conftest, not from the module beside them: which one that is depends on what else is collected."""
    shared = "tests.support"
    elsewhere = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        for name in imports(path)
        if name.startswith((".", "tests", "conftest")) and name != shared and not name.startswith(f"{shared}.")
    ]
    assert elsewhere == []


def test_no_test_changes_where_modules_are_found() -> None:
    changing = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and node.attr == "path" and ast.unparse(node) == "sys.path"
    ]
    assert changing == []


def sample(seed: int) -> list[Path]:
    """Choose a module of every folder, in an order by chance."""
    chance = random.Random(seed)
    folders = sorted({path.parent for path in MODULES})
    chosen = [chance.choice([path for path in MODULES if path.parent == folder]) for folder in folders]
    chance.shuffle(chosen)
    return chosen


def shuffled(seed: int) -> list[Path]:
    """Put all modules in an order by chance."""
    return random.Random(seed).sample(MODULES, len(MODULES))


@pytest.mark.parametrize(
    "folder",
    [
        "tests/applying",
        pytest.param(".", marks=pytest.mark.exhaustive),
        pytest.param("tests", marks=pytest.mark.exhaustive),
    ],
)
def test_modules_of_every_folder_are_collected_in_any_order_from_anywhere(folder: str) -> None:
    chosen = sample(len(folder))
    cwd = ROOT / folder
    done = run_pytest("--collect-only", *(os.path.relpath(path, cwd) for path in chosen), cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    for path in chosen:
        assert f"{path.relative_to(ROOT)}::" in done.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(10))
def test_all_modules_are_collected_in_any_order(seed: int) -> None:
    done = run_pytest("--collect-only", *map(str, shuffled(seed)))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_ctrl_c_pass_in_the_background_of_a_shell() -> None:
    """There Ctrl-C is ignored, which every process inherits that does not ask for something else."""
    test = f"tests/sandbox/test_command.py::test_it_prints_one_line_serves_and_ends_well[{signal.SIGINT:d}]"
    done = run_pytest(test, shell="trap '' INT;")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
