"""Writes the files of GitHub's or GitLab's pipelines where the hosts look for them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from deployer.errors import DeployerError
from deployer.pipelines.pipeline import Pipeline
from deployer.pipelines.requirement import PYTHON
from deployer.text import count, one_line

Host = Literal["github", "gitlab"]

MARK = "# Written by `deployer ci"
"""How a file of ours begins: such a file is written anew, any other is left alone."""

ACTIONS = {
    # The commits behind the tags, from the actions' own repositories; Dependabot and Renovate keep them current.
    "checkout": "actions/checkout@1af3b93b6815bc44a9784bd300feb67ff0d1eeb3 # v6.0.0",
    "setup_python": "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0",
    "upload_artifact": "actions/upload-artifact@330a01c490aca151604b8cf639adc76d48f6c5d4 # v5.0.0",
    "download_artifact": "actions/download-artifact@634f93cb2916e3fdff6788551b99b062d0335ce0 # v5.0.0",
    "upload_sarif": "github/codeql-action/upload-sarif@cdf486f595d80d6e07e03d4674febd5ab45fa938 # v4.37.9",
}

_FILES: dict[Host, dict[str, str]] = {
    "github": {
        ".github/actions/deployer/action.yml": "github/action.yml.j2",
        ".github/actions/deployer/requirements.txt": "requirements.txt.j2",
        ".github/workflows/deployer-check.yml": "github/check.yml.j2",
        ".github/workflows/deployer-deploy.yml": "github/deploy.yml.j2",
        ".github/workflows/deployer-drift.yml": "github/drift.yml.j2",
    },
    "gitlab": {
        ".gitlab/deployer/requirements.txt": "requirements.txt.j2",
        ".gitlab/deployer/pipeline.yml": "gitlab/pipeline.yml.j2",
    },
}
_MOVE = "Move it away."
_GITLAB_CI = ".gitlab-ci.yml"
_PIPELINE = ".gitlab/deployer/pipeline.yml"
STAGES = ("check", "plan", "deploy", "drift")
"""The stages of GitLab's pipeline."""

_IF_ABSENT: dict[Host, dict[str, str]] = {
    "github": {".pre-commit-config.yaml": "pre-commit.yaml.j2"},
    "gitlab": {_GITLAB_CI: "gitlab/gitlab-ci.yml.j2", ".pre-commit-config.yaml": "pre-commit.yaml.j2"},
}


@dataclass(frozen=True)
class Options:
    """What a person can choose: the main branch, when drift is looked for (cron, UTC), GitLab's image.

    `requirement` is the text of a requirements file, as `requirement.lock` makes it.
    """

    branch: str = "main"
    requirement: str = ""
    schedule: str = "17 5 * * *"
    image: str = "python:3.12-bookworm"


@dataclass(frozen=True)
class Generated:
    """One file: its path in the repository, its text, and whether one that exists is left alone."""

    path: str
    text: str
    only_if_absent: bool = False


def generate(host: Host, pipeline: Pipeline, options: Options) -> list[Generated]:
    """Render the files of a host's pipelines. Raises DeployerError for an option that cannot stand in them."""
    _check(options)
    # `{=` and `{%`: the hosts use `${{ }}` and `$[[ ]]` themselves.
    environment = Environment(
        loader=PackageLoader("deployer.pipelines"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  YAML and shell, from names that were checked
        variable_start_string="{=",
        variable_end_string="=}",
        comment_start_string="{##",
        comment_end_string="##}",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    context = {
        "pipeline": pipeline,
        "options": options,
        "actions": ACTIONS,
        "mark": f"{MARK} {host}`.",
        "python": PYTHON,
    }
    files = [Generated(path, environment.get_template(name).render(context)) for path, name in _FILES[host].items()]
    once = _IF_ABSENT[host].items()
    return files + [Generated(path, environment.get_template(name).render(context), True) for path, name in once]


def write_files(root: Path, files: list[Generated], *, force: bool = False) -> tuple[list[str], list[str]]:
    """Write the files under `root`; return the paths that were written, and those that were there and left alone.

    With `force`, also over pipelines that somebody else wrote; never over what is only begun here and others add to.

    Raises DeployerError, before anything is written, for a file that is not ours and would be replaced.
    """
    chosen = check_files(root, files, force=force)
    for file in chosen:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return [file.path for file in chosen], [file.path for file in files if file not in chosen]


def check_files(root: Path, files: list[Generated], *, force: bool = False) -> list[Generated]:
    """Choose the files that are to be written.

    Raises DeployerError for a file that is not ours and would be replaced.
    """
    chosen = [file for file in files if not (file.only_if_absent and (root / file.path).exists())]
    for file in chosen:
        path = root / file.path
        if path.is_symlink():
            raise DeployerError("this is a link, and what it leads to would be replaced", where=file.path, hint=_MOVE)
        if path.exists() and not force and not _is_ours(path):
            raise DeployerError(
                "this file was not written by deployer and would be replaced",
                where=file.path,
                hint=f"{_MOVE.removesuffix('.')}, or replace it with --force.",
            )
    return chosen


def left_to_do(root: Path, kept: list[str]) -> list[str]:
    """Say what to add by hand to files that were there and were left alone, so that the pipeline runs; one text for
    each.

    A pipeline that includes ours already, in whatever form, is taken at its word.
    """
    path = root / _GITLAB_CI
    if _GITLAB_CI not in kept or _is_named(_PIPELINE, path):
        return []
    text = (
        f"{_GITLAB_CI} does not name the pipeline, so GitLab does not run it. Add to it:\n\n"
        f"include:\n  - local: {_PIPELINE}\n\n"
        "Where it has an `include:` already, add the second line to that. Where it has `stages:`, add to them: "
        f"{', '.join(STAGES)}.\n"
    )
    return [text]


def _is_named(name: str, path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(name in line.partition("#")[0] for line in lines)


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _check(options: Options) -> None:
    for name, (pattern, needs) in _ALLOWED.items():
        value = getattr(options, name)
        if not re.fullmatch(pattern, value):
            raise DeployerError(f"'{one_line(value, 80)}' cannot stand in a pipeline", where=f"--{name}", hint=needs)
    if problem := _cron_problem(options.schedule):
        raise DeployerError(
            f"'{one_line(options.schedule, 80)}' is no time in cron's form: {problem}", where="--schedule", hint=_CRON
        )


_ALLOWED = {
    "branch": (
        r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}",
        "Name a branch of letters, digits, dots, dashes, underscores and slashes, such as main.",
    ),
    "image": (r"[a-z0-9][A-Za-z0-9_.:/@-]{0,299}", "Name an image, such as python:3.12-bookworm."),
}
_CRON = "Five fields: minute, hour, day of the month, month, day of the week, in UTC, such as '17 5 * * *'."
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6))
_STEP = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")


def _cron_problem(schedule: str) -> str | None:
    """Say what is wrong with a schedule, or None. GitHub takes POSIX cron, in numbers here.

    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
    """
    fields = schedule.split()
    if not re.fullmatch("[0-9*/, -]*", schedule):
        return "it holds other characters than digits, '*', '/', ',', '-' and spaces"
    if len(fields) != len(_FIELDS):
        return f"it has {count(len(fields), 'field')}"
    for text, (name, lowest, highest) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            found = _STEP.fullmatch(part)
            if found is None:
                return f"the {name} is '{one_line(text, 40)}'"
            first, last, step = (int(number) if number else None for number in found.groups())
            if any(number is not None and not lowest <= number <= highest for number in (first, last)):
                return f"the {name} is {text}, and goes from {lowest} to {highest}"
            if (first is not None and last is not None and last < first) or step == 0:
                return f"the {name} is {text}"
    return None
