"""A Pipeline in, the files of GitHub's or GitLab's pipelines out, written where the hosts look for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from deployer import __version__
from deployer.errors import DeployerError
from deployer.promotion.ci.pipeline import Pipeline

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
_IF_ABSENT: dict[Host, dict[str, str]] = {
    "github": {".pre-commit-config.yaml": "pre-commit.yaml.j2"},
    "gitlab": {".gitlab-ci.yml": "gitlab/gitlab-ci.yml.j2", ".pre-commit-config.yaml": "pre-commit.yaml.j2"},
}


@dataclass(frozen=True)
class Options:
    """What a person can choose: the main branch, what pip installs, and when drift is looked for (cron, UTC)."""

    branch: str = "main"
    requirement: str = f"deployer[scripts]=={__version__}"
    schedule: str = "17 5 * * *"
    image: str = "python:3.12-bookworm"


@dataclass(frozen=True)
class Generated:
    """One file: its path in the repository, its text, and whether one that exists is left alone."""

    path: str
    text: str
    only_if_absent: bool = False


def generate(host: Host, pipeline: Pipeline, options: Options) -> list[Generated]:
    """The files of a host's pipelines. Raises DeployerError for an option that cannot stand in them."""
    _check(options)
    # `{=` and `{%`: the hosts use `${{ }}` and `$[[ ]]` themselves.
    environment = Environment(
        loader=PackageLoader("deployer.promotion.ci"),
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
    context = {"pipeline": pipeline, "options": options, "actions": ACTIONS, "mark": f"{MARK} {host}`."}
    files = [Generated(path, environment.get_template(name).render(context)) for path, name in _FILES[host].items()]
    once = _IF_ABSENT[host].items()
    return files + [Generated(path, environment.get_template(name).render(context), True) for path, name in once]


def write_files(root: Path, files: list[Generated], *, force: bool = False) -> tuple[list[str], list[str]]:
    """Write them under `root`; the paths that were written, and those that were there and left alone.

    Raises DeployerError, before anything is written, for a file that is not ours and would be replaced.
    """
    chosen = [file for file in files if not (file.only_if_absent and (root / file.path).exists())]
    for file in chosen:
        path = root / file.path
        if path.is_symlink() or (path.exists() and not force and not _is_ours(path)):
            raise DeployerError(
                "This file was not written by deployer and would be replaced.",
                where=file.path,
                hint="Move it away, or replace it with --force.",
            )
    for file in chosen:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return [file.path for file in chosen], [file.path for file in files if file not in chosen]


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _check(options: Options) -> None:
    import re

    allowed = {
        "branch": r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}",
        "requirement": r"[A-Za-z0-9_.@:/\[\],=<>~!+ -]{1,300}",
        "schedule": r"[0-9*/, -]{9,60}",
        "image": r"[a-z0-9][A-Za-z0-9_.:/@-]{0,299}",
    }
    for name, pattern in allowed.items():
        value = getattr(options, name)
        if not re.fullmatch(pattern, value) or (name == "requirement" and value.startswith("-")):
            raise DeployerError(f"--{name} cannot be used in a pipeline.", hint="Use plain characters.")
