"""The folders of templates in, environments and manifests out: the project's own first, then those of this tool."""

import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

import deployer
from deployer.cache import Cache
from deployer.errors import DeployerError
from deployer.rendering.environment import ScriptEnvironment, make_environment
from deployer.rendering.errors import template_error
from deployer.rendering.manifest import MANIFEST, Manifest, load_manifest
from deployer.rendering.render_cache import ScriptMemory
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line

_SUFFIX = ".js.j2"
NO_STORES = frozenset({"shared", "guards", "custom", "connections"})


def shipped_templates() -> Path:
    """The templates that come with this tool: inside the package, or beside it in a checkout."""
    package = Path(deployer.__file__).parent
    inside = package / "_templates"
    return inside if inside.is_dir() else package.parent / "templates"


class Templates:
    """The templates that a project sees. It also renders the expressions in tenant files (`config.Renderer`)."""

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self._lock = threading.Lock()
        self.folders = [folder, shipped_templates() if shipped is None else shipped]

    @cached_property
    def environment(self) -> ScriptEnvironment:
        """The sandboxed environment over all folders: one command sees one state of a template."""
        return make_environment(*self.folders, reload=False)

    @cached_property
    def memory(self) -> ScriptMemory:
        """The scripts that were rendered before."""
        return ScriptMemory(self.folders, lambda: self.environment, Cache.of("scripts"))

    @cached_property
    def _manifests(self) -> dict[str, Manifest]:
        return {}

    def stores(self) -> list[str]:
        """Every store that there are templates for, sorted."""
        found = {
            path.parent.name
            for folder in self.folders
            for path in folder.glob(f"*/*{_SUFFIX}")
            if path.parent.name not in NO_STORES
        }
        return sorted(found)

    def manifest(self, store: str) -> Manifest:
        """The manifest of a store; a folder of scripts without one has those scripts and no variables.

        Raises:
            DeployerError: where there is no such store or its manifest is wrong.
        """
        with self._lock:
            if store not in self._manifests:
                self._manifests[store] = self._load(store)
            return self._manifests[store]

    def manifest_text(self, store: str) -> Iterator[tuple[str, str]]:
        """The path below `templates/` and the text of a store's manifest; nothing for a store without one."""
        for folder in self.folders:
            path = folder / store / MANIFEST
            if path.is_file():
                yield f"{store}/{MANIFEST}", path.read_text("utf-8", "replace")
                return

    def text(self, source: str, values: Mapping[str, Any]) -> str:
        """Render a string that stands in a definition."""
        try:
            return self.environment.from_string(source).render(values)
        except TemplateError as error:
            raise _as_expression(template_error(error, "", "")) from None

    def file(self, path: str, values: Mapping[str, Any]) -> str:
        """Render a file below templates/."""
        name = path.removeprefix("templates/")
        try:
            return self.environment.get_template(name).render(values)
        except TemplateError as error:
            raise template_error(error, "from", name) from None

    def _load(self, store: str) -> Manifest:
        known = self.stores()
        if store not in known:
            near = did_you_mean(store, known) or f"There are: {', '.join(known)}."
            raise DeployerError(f"there are no templates for the store '{one_line(store)}'", hint=near)
        for folder in self.folders:
            if (folder / store / MANIFEST).is_file():
                return load_manifest(folder / store / MANIFEST)
        names = {path.name.removesuffix(_SUFFIX) for f in self.folders for path in (f / store).glob(f"*{_SUFFIX}")}
        return Manifest(
            description=f"The project's own templates for {store}",
            scripts=tuple(kind for kind in SCRIPT_KINDS if kind in names),
        )


def _as_expression(error: DeployerError) -> DeployerError:
    """An expression has no template to name: its place is known to whoever loads the file."""
    return DeployerError(error.what, hint=error.hint)
