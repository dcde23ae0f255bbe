"""Runs templates in a sandbox in which they cannot print a value unquoted, read other files or work without end.

In a `.js.j2` template, text of the template itself is code and everything else is a value: `{{ table }}` is an error
there, `{{ table | js }}` is not. Text and values are told apart as Jinja tells HTML from text: code is `Markup`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from types import BuiltinMethodType, CodeType, MethodType
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.environment import Template, TemplateModule
from jinja2.meta import find_referenced_templates
from jinja2.runtime import Context, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from deployer.errors import DeployerError
from deployer.rendering import filters, limits, standard_filters
from deployer.rendering.code_generator import ScriptCodeGenerator
from deployer.rendering.families import Families, FolderManifests, is_inside
from deployer.rendering.value_guard import guard_value, print_code, text_of
from deployer.rendering.work_limits import add_work_limits, is_script
from deployer.text import one_line

MAX_TEMPLATE_BYTES = 100_000

# Methods that neither blow up their text nor change what was given. `format` reads attributes; `join` and `replace`
# are filters, which are measured.
_TEXT_METHODS = frozenset(
    {"capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdigit", "islower"}
    | {"isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "rfind", "rpartition", "rsplit"}
    | {"rstrip", "split", "splitlines", "startswith", "strip", "title", "upper"}
)
_SEQUENCE_METHODS = frozenset({"count", "index"})
_MAP_METHODS = frozenset({"get", "items", "keys", "values"})
_OF_EVERY_MAP = frozenset(dir(dict))


def make_environment(templates_dir: Path, *more_dirs: Path, reload: bool = True) -> "ScriptEnvironment":
    """Make the environment for the scripts and for expressions in tenant files (`from_string`).

    Templates are found in `templates_dir`, then in `more_dirs` (the templates that come with deployer). `reload` looks
    at every use whether the file has changed.
    Errors are Jinja's: TemplateNotFound, TemplateSyntaxError, UndefinedError, SecurityError, TemplateRuntimeError.
    """
    return ScriptEnvironment(TemplateLoader(templates_dir, *more_dirs), reload=reload)


class TemplateLoader(BaseLoader):
    """Templates by their path below one of the folders: no absolute path, no `..`, no link that leads out.

    A template that is not in its family's folder is that of the first family that this one extends and that has it.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = [folder.resolve() for folder in folders]
        self.manifests = FolderManifests(self.folders)
        self.families = Families(self.manifests)
        self._read: dict[str, str] = {}
        self._absent: set[str] = set()

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002 - Jinja's interface
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template: its text, its file and whether it is still current. Raises TemplateNotFound."""
        _, path = self._find(str(template))
        try:
            stamp = path.stat().st_mtime_ns
            data = path.read_bytes()
        except OSError as error:
            raise TemplateNotFound(template, f"template '{template}' cannot be read: {error.strerror}") from None
        if len(data) > MAX_TEMPLATE_BYTES:
            raise TemplateNotFound(template, f"template '{template}' is larger than {MAX_TEMPLATE_BYTES:,} bytes")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TemplateNotFound(template, f"template '{template}' is not UTF-8 at byte {error.start}") from None
        self._read[str(path)] = hashlib.sha256(data).hexdigest()
        return text, str(path), lambda: path.is_file() and path.stat().st_mtime_ns == stamp

    def has_read(self, contents: Mapping[str, str]) -> bool:
        """Tell whether all that was read, and found absent, is as in `contents`: SHA-256 of each file by its path."""
        same = all(contents.get(path) == digest for path, digest in self._read.items())
        return same and self._absent.isdisjoint(contents) and self.manifests.has_read(contents)

    def origin(self, template: str) -> str:
        """Find where a template stands: its own name, or its name in the family that it is inherited from.

        Raises TemplateNotFound.
        """
        return self._find(template)[0]

    def list_templates(self) -> list[str]:
        """List the name of every template that stands in a folder, sorted."""
        found = {
            path.relative_to(folder).as_posix()
            for folder in self.folders
            for path in folder.rglob("*.j2")
            if path.is_file() and path.resolve().is_relative_to(folder)
        }
        return sorted(found)

    def _find(self, template: str) -> tuple[str, Path]:
        """Find the template's name where it stands, and its file."""
        if not is_inside(template):
            shown = one_line(template, 120)
            raise TemplateNotFound(template, f"'{shown}' is not a path inside the templates folder")
        for name in (template, *self._inherited(template)):
            path = self._file(name)
            if path is not None:
                return name, path
        raise TemplateNotFound(template, f"there is no template '{one_line(template, 120)}'")

    def _inherited(self, template: str) -> Iterator[str]:
        """Name what may stand in for a template that is in no folder, the nearest family's first."""
        family, _, name = template.rpartition("/")
        if not family:
            return
        try:
            parents = self.families.chain(family)[1:]
        except DeployerError as error:
            where = f"{error.where}: " if error.where else ""
            message = (
                f"there is no template '{one_line(template, 120)}', and none can be inherited: {where}{error.what}"
            )
            raise TemplateNotFound(template, one_line(message, 500)) from None
        yield from (f"{parent}/{name}" for parent in parents)

    def _file(self, name: str) -> Path | None:
        for folder in self.folders:
            path = folder.joinpath(*name.split("/"))
            real = path.resolve()
            if not real.is_file():
                self._absent.add(str(path))
                continue
            if not real.is_relative_to(folder):
                raise TemplateNotFound(name, f"template '{name}' is a link that leads out of the folder")
            return real
        return None


class BoundedTemplate(Template):
    """A template that renders within a budget, to one string."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Render as Jinja does. Raises TemplateLimitError as soon as the template does too much."""
        with limits.budgeted():
            try:
                return str(super().render(*args, **kwargs))
            except RecursionError:
                raise limits.TemplateLimitError("the template calls itself without end") from None
            except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
                if isinstance(error, TemplateNotFound):
                    raise
                raise TemplateRuntimeError(f"{type(error).__name__}: {error}") from error

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """Yield everything at once: a budget cannot end while somebody holds the generator."""
        yield self.render(*args, **kwargs)


class ScriptEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with strict undefined names, values that must be quoted, and limits on all work."""

    template_class = BoundedTemplate
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})
    concat = staticmethod(limits.concat)
    code_generator_class = ScriptCodeGenerator

    # Called by compiled templates (see `add_work_limits`), each for one step.
    tick = staticmethod(partial(limits.spend, 1))
    read = staticmethod(partial(limits.read, steps=1))
    print_code = staticmethod(print_code)
    print_text = staticmethod(text_of)

    def __init__(self, loader: BaseLoader, *, reload: bool = True) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=is_script,
            finalize=guard_value,
            auto_reload=reload,
        )
        self._reads: dict[str, set[str]] = {}
        self._refers: dict[str, set[str | None]] = {}
        own = {name: getattr(filters, name) for name in ("js", "js_name", "sql_identifier", "comment")}
        self.filters = {**standard_filters.bounded(self.filters), **own}
        self.globals = {name: self.globals[name] for name in ("dict", "namespace", "joiner")}
        self.globals.update(range=_range, fail=_fail)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > MAX_TEMPLATE_BYTES:
            raise TemplateSyntaxError(f"a template has at most {MAX_TEMPLATE_BYTES:,} characters", 1, name, filename)
        try:
            parsed = super()._parse(source, name, filename)
            if name is not None:
                referred = find_referenced_templates(parsed)
                self._refers[name] = {part and self.join_path(part, name) for part in referred}
            return add_work_limits(parsed, name, filename)
        except RecursionError:
            raise TemplateSyntaxError("the template is nested too deeply", 1, name, filename) from None

    def _compile(self, source: str, filename: str) -> CodeType:
        try:
            return super()._compile(source, filename)
        except (SyntaxError, RecursionError, MemoryError) as error:
            # Python's own limits on nesting, met by the code that Jinja made.
            raise TemplateSyntaxError(f"the template is too complex ({error})", 1, None, filename) from None

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        try:
            return super()._generate(source, *args, **kwargs)
        except RecursionError:
            raise TemplateSyntaxError("the template is nested too deeply", 1) from None

    def join_path(self, template: str, parent: str) -> str:
        """Find `./store.js.j2` in the family of the template that names it, an inherited one being its heir's."""
        return f"{parent.rpartition('/')[0]}/{template[2:]}" if template.startswith("./") else template

    def note_read(self, template: str, name: str) -> None:
        """Remember a name that a template looks up in what it is given; the code generator calls this."""
        self._reads.setdefault(template, set()).add(name)

    def names_read(self, templates: Iterable[str]) -> frozenset[str] | None:
        """Find every name that these templates, and all that they include or import, may look up; None: not known.

        Raises Jinja's errors for templates that are wrong.
        """
        referred = self.referred(templates)
        if referred is None:
            return None
        return frozenset(name for template in referred for name in self._reads.get(template, ()))

    def referred(self, templates: Iterable[str]) -> frozenset[str] | None:
        """Find these templates and all that they include or import; None: some are named only when they are rendered.

        Raises Jinja's errors for templates that are wrong.
        """
        seen: set[str] = set()
        queue: list[str | None] = list(templates)
        while queue:
            template = queue.pop()
            if template is None:
                return None
            if template not in seen:
                seen.add(template)
                self.get_template(template)
                queue += self._refers[template]
        return frozenset(seen)

    def has_read(self, contents: Mapping[str, str]) -> bool:
        """Tell whether the folders are as when they were read: see `TemplateLoader.has_read`."""
        return isinstance(self.loader, TemplateLoader) and self.loader.has_read(contents)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Offer of texts, numbers, lists and maps their harmless methods only."""
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        if isinstance(obj, dict | MutableMapping):
            return attr in _MAP_METHODS
        if isinstance(obj, list | tuple):
            return attr in _SEQUENCE_METHODS
        if isinstance(obj, int | float | bytes | set | frozenset):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Leave `str.format` to nobody: its widths make texts without end, and it is no method of a text here."""

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063
        """Call in Jinja's sandbox and count it; a text's method makes a value, never code."""
        limits.spend(1)
        if type(__obj) is Macro:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return __obj(__context.eval_ctx, *args, **kwargs)
        if isinstance(__obj, MethodType | BuiltinMethodType) and isinstance(__obj.__self__, str):
            limits.read(__obj.__self__)
            __obj = getattr(str(__obj.__self__), __obj.__name__)
            args = tuple(str(value) if isinstance(value, Markup) else value for value in args)
            for name in ("_loop_vars", "_block_vars"):  # Jinja's own, for functions that take the context
                kwargs.pop(name, None)
            return limits.made(__obj(*args, **kwargs))
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(
        self,
        context: Context,  # noqa: ARG002 - Jinja's interface
        operator: str,
        left: Any,
        right: Any,
    ) -> Any:
        """Measure every operator; see `limits.binary`."""
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)  # StrictUndefined explains which name is missing
        return limits.binary(operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read `obj.attribute` in Jinja's sandbox, by a short cut for maps and imported templates."""
        kind = type(obj)
        if kind is dict and attribute not in _OF_EVERY_MAP:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if kind is TemplateModule and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def counted(self, items: Iterable[Any]) -> Iterable[Any]:
        """Go through a loop's items: a step for the loop, and one for each item."""
        limits.spend(1)
        return limits.counted(items)

    def made(self, value: Any) -> Any:
        """Charge a list or map that the template writes."""
        limits.spend(1)
        return limits.made(value)

    def joined(self, *values: Any) -> str:
        """Join as `a ~ b` does: code if all of it is code, else a value."""
        limits.spend(1)
        result = limits.concat([text_of(value) for value in values])
        is_code = all(isinstance(value, Markup | int) for value in values)
        return Markup(result) if is_code else result  # noqa: S704 - only what was code before


def _range(*args: int) -> range:
    numbers = range(*args)
    if len(numbers) > limits.MAX_ITEMS:
        raise limits.TemplateLimitError(f"range: more than {limits.MAX_ITEMS:,} numbers")
    return numbers


def _fail(message: str) -> None:
    """Stop a template with a message for the person who wrote the variables."""
    raise TemplateRuntimeError(one_line(str(message), 500))
