"""Chooses the folder below `templates/` that holds imported scripts: a new one, or one that holds the same."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import DictLoader

from deployer.config.yaml_text import to_yaml
from deployer.errors import DeployerError
from deployer.importing.names import store_folders
from deployer.rendering.environment import MAX_TEMPLATE_BYTES, ScriptEnvironment
from deployer.rendering.escape_template import escape_template
from deployer.rendering.families import MANIFEST
from deployer.rendering.templates import shipped_templates
from deployer.resources.importable import Imported
from deployer.scripts import SCRIPT_KINDS

_COMMENT = "# Written by `deployer import`: action scripts as a tenant had them.\n"
_NO_HEADER = """\
# They run already, byte for byte, so no comment is put before them. Without this line, each begins with one that says
# where to change it.
header: false
"""


class Stores:
    """The folders of a project's templates, old and new. `files` are the new ones, by their path in the project."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._there = {path.name.lower(): path for path in templates.glob("*")} if templates.is_dir() else {}
        self._shipped = {path.name.lower() for path in shipped_templates().iterdir()}
        self._made: dict[str, dict[str, str]] = {}
        self._reused: dict[str, dict[str, str]] = {}

    @property
    def files(self) -> dict[str, str]:
        """The text of every new file."""
        return {
            f"templates/{store}/{name}": text for store, files in self._made.items() for name, text in files.items()
        }

    def place(self, imported: Imported, tenant: str) -> str:
        """Choose the store for these scripts: connections whose scripts are the same share one.

        Raises:
            DeployerError: for a script that no template can hold, or where every name is in use.
        """
        files = store_files(imported)
        for store, placed in (self._made | self._reused).items():
            if placed == files:
                return store
        for store in store_folders(imported.name, tenant):
            key = store.lower()
            if key in self._shipped or key in {name.lower() for name in self._made}:
                continue
            if key not in self._there:
                self._made[store] = files
                return store
            if self._there[key].name == store and _holds(self._there[key], files):
                self._reused[store] = files
                return store
        raise DeployerError(
            "every name for a folder of its scripts is in use",
            where=f"connection {imported.name}",
            hint="Remove folders that nothing uses from templates/.",
        )


def store_files(imported: Imported) -> dict[str, str]:
    """Build the files of a store that holds exactly these scripts. Raises DeployerError for one that is too large."""
    files = {f"{kind}.js.j2": escape_template(source) for kind, source in imported.scripts.items()}
    for kind, source in imported.scripts.items():
        name = f"{kind}.js.j2"
        if len(files[name].encode()) > MAX_TEMPLATE_BYTES:
            raise DeployerError(
                f"the script {kind} is larger than a template can be ({MAX_TEMPLATE_BYTES:,} bytes)",
                where=f"connection {imported.name}",
                hint="Name the connections to import, without this one.",
            )
        rendered = ScriptEnvironment(DictLoader({name: files[name]})).get_template(name).render({})
        if rendered != source:
            raise AssertionError(f"{imported.name}/{kind} does not render to what the tenant has")
    body = {
        "description": "Action scripts imported from a tenant",
        "scripts": [kind for kind in SCRIPT_KINDS if kind in imported.scripts],
    }
    return {**files, MANIFEST: _COMMENT + to_yaml(body) + ("" if imported.header else _NO_HEADER)}


def _holds(folder: Path, files: Mapping[str, str]) -> bool:
    """Return whether the folder holds these files and no others."""
    try:
        found = {path.name: path.read_bytes().decode() for path in folder.iterdir()}
    except (OSError, UnicodeDecodeError):
        return False
    return found == files
