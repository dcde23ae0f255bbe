"""Reads templates, manifests and the registry of password formats: the project's own first, then those of this tool."""

import threading
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, TemplateNotFound

import deployer
from deployer.cache import Cache
from deployer.config.yaml_source import parse
from deployer.errors import DeployerError
from deployer.rendering.environment import ScriptEnvironment, TemplateLoader
from deployer.rendering.errors import template_error
from deployer.rendering.families import MANIFEST, SCRIPT_SUFFIX, Families
from deployer.rendering.manifest import Manifest, make_manifest
from deployer.rendering.password_formats import MACROS, REGISTRY, PasswordFormats, make_password_formats
from deployer.rendering.render_cache import RenderCache
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line

NO_STORES = frozenset({"shared", "guards", "custom", "connections"})


def shipped_templates() -> Path:
    """Find the templates that come with this tool: inside the package, or beside it in a checkout."""
    package = Path(deployer.__file__).parent
    inside = package / "_templates"
    return inside if inside.is_dir() else package.parent / "templates"


class Templates:
    """The templates that a project sees. It also renders the expressions in tenant files (`config.Renderer`)."""

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._manifests: dict[str, Manifest] = {}
        self.folders = [folder, shipped_templates() if shipped is None else shipped]

    @cached_property
    def loader(self) -> TemplateLoader:
        """What reads all files of the folders."""
        return TemplateLoader(*self.folders)

    @cached_property
    def environment(self) -> ScriptEnvironment:
        """The sandboxed environment over all folders: one command sees one state of a template."""
        return ScriptEnvironment(self.loader, reload=False)

    @cached_property
    def render_cache(self) -> RenderCache:
        """The scripts that were rendered before."""
        return RenderCache(self.folders, lambda: self.environment, Cache.of("scripts"))

    @property
    def families(self) -> Families:
        """How the folders of templates extend each other."""
        return self.loader.families

    @cached_property
    def password_formats(self) -> PasswordFormats:
        """The formats of password hashes that the shared templates know; none where no folder has the registry.

        Raises:
            DeployerError: where the registry is wrong.
        """
        text = next(self.loader.manifests.texts(REGISTRY), None)
        return PasswordFormats() if text is None else make_password_formats(parse(text, f"templates/{REGISTRY}"))

    def stores(self) -> list[str]:
        """List every store that there are templates for, sorted."""
        found = {
            path.parent.name
            for folder in self.folders
            for pattern in (f"*/*{SCRIPT_SUFFIX}", f"*/{MANIFEST}")
            for path in folder.glob(pattern)
            if path.parent.name not in NO_STORES
        }
        return sorted(found)

    def manifest(self, store: str) -> Manifest:
        """Read the manifest of a store; a folder of scripts without one has those scripts and no variables.

        Raises:
            DeployerError: where there is no such store or its manifest is wrong.
        """
        with self._lock:
            if store not in self._manifests:
                self._manifests[store] = self._load(store)
            return self._manifests[store]

    def template_names(self, family: str) -> list[str]:
        """List the templates of a family by the names that it has for them, those that it inherits among them, sorted.

        Raises:
            DeployerError: where it extends what cannot be extended.
        """
        chain = self.families.chain(family)
        names = self.loader.list_templates()
        inherited = {f"{family}/{name.rpartition('/')[2]}" for name in names if name.rpartition("/")[0] in chain}
        return sorted(inherited.union(name for name in names if name.startswith(f"{family}/")))

    def files_behind(self, store: str | None, names: Iterable[str]) -> dict[str, str]:
        """Read every file that these templates of a store are made of: text by path below `templates/`.

        That is its manifest with those that it extends, and the templates with all that they include or import; every
        template where some are named only when they are rendered, or where one of them is wrong.
        """
        texts: dict[str, str] = {}
        if store is not None:
            for family in self.families.manifest_families(store):
                texts[f"{family}/{MANIFEST}"] = next(self.loader.manifests.texts(f"{family}/{MANIFEST}"))
        try:
            referred = self.environment.referred(names)
        except (TemplateError, RecursionError):
            referred = None
        for name in sorted(referred) if referred is not None else self.loader.list_templates():
            try:
                texts[self.loader.origin(name)] = self.loader.get_source(self.environment, name)[0]
            except TemplateNotFound:
                continue  # rendering says what is wrong with it
        if MACROS in texts and (registry := next(self.loader.manifests.texts(REGISTRY), None)) is not None:
            texts[REGISTRY] = registry
        return texts

    def file_of(self, template: str) -> str:
        """Find the file of a template as a path in a project: where it stands, if it is inherited."""
        try:
            return f"templates/{self.loader.origin(template)}"
        except TemplateNotFound:
            return f"templates/{template}"

    def text(self, source: str, values: Mapping[str, Any]) -> str:
        """Render a string that stands in a definition. Raises DeployerError."""
        try:
            return self.environment.from_string(source).render(values)
        except TemplateError as error:
            raise _as_expression(template_error(error, "", "")) from None

    def file(self, path: str, values: Mapping[str, Any]) -> str:
        """Render a file below templates/. Raises DeployerError."""
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
        root = self.families.manifest(store)
        if root is not None:
            return make_manifest(root, self.password_formats.choices)
        names = {
            path.name.removesuffix(SCRIPT_SUFFIX)
            for folder in self.folders
            for path in (folder / store).glob(f"*{SCRIPT_SUFFIX}")
        }
        return Manifest(
            description=f"The project's own templates for {store}",
            scripts=tuple(kind for kind in SCRIPT_KINDS if kind in names),
        )


def _as_expression(error: DeployerError) -> DeployerError:
    """Leave out the template, which an expression has not: its place is known to whoever loads the file."""
    return DeployerError(error.what, hint=error.hint)
