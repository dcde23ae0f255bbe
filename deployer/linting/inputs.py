"""Describes what is linted, as plain data: one action script, or one connection with all its scripts.

Whoever lints (the command line, `plan`, a test) fills these in. A field that is None is not known (a plain folder of
scripts has no definition): a rule that needs it then has no finding.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from deployer.linting.finding import Finding
from deployer.linting.javascript import Script, SyntaxTree
from deployer.runtime.compile import Code, Form, Refusal, compile_codes
from deployer.runtime.node import Node
from deployer.scripts import SCRIPT_KINDS, ScriptKind

if TYPE_CHECKING:
    from deployer.rendering.source_lines import SourceLine


@dataclass(frozen=True)
class ScriptInput:
    """One script. `kind` is a key of `SCRIPT_KINDS`, another name (DB107), or None where nothing tells."""

    source: str
    kind: str | None = None
    enable_script_context: bool | None = None
    address: str = ""
    label: str = ""
    """The file that a reader opens; empty: the address stands for it."""
    template: str = ""
    """The template that the source was rendered from, as a path from the project's folder; empty for a plain file."""
    form: Form = "script"
    """What Auth0 compiles it as: an action script, or the code of a guard or an Action, which only DB101 looks at."""
    node: Node | None = None
    """The engine that judges whether it compiles; None: the one that Auth0 runs."""
    written: "Callable[[int, int], SourceLine | None] | None" = field(default=None, compare=False, repr=False)
    """A line and column of the source to the place in the template that a person wrote, where that can be told."""

    def __post_init__(self) -> None:
        # Half of a surrogate pair is no text that could be parsed, printed or sent.
        if not self.source.isascii():
            object.__setattr__(self, "source", self.source.encode("utf-8", "replace").decode())

    @cached_property
    def tree(self) -> SyntaxTree:
        """The parsed source; parsed once, at the first use."""
        return SyntaxTree(self.source)

    @cached_property
    def refusal(self) -> Refusal | None:
        """Why the engine does not compile it; None where it does. Asked at the first use, if `judge` has not told."""
        return compile_codes([Code(self.source, self.form)], self.node)[0]

    def judge(self, refusal: Refusal | None) -> None:
        """Tell what the engine said, for whoever has asked about many scripts at once."""
        vars(self)["refusal"] = refusal

    @property
    def readable(self) -> bool:
        """Whether it compiles, and the rules can read it."""
        return not self.tree.broken and self.refusal is None

    def at_place(self, finding: Finding, line: int, column: int) -> Finding:
        """Move the finding to a place in the source, or to where that stands in the template, if that can be told."""
        place = self.written(line, column) if self.written is not None else None
        if place is not None:
            finding = replace(finding, label=place.file, template="")
            line, column, text = place.line, place.column, place.text
        else:
            lines = self.source.split("\n", line)
            text = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
        return replace(finding, line=line, column=column, end_line=line, end_column=column + 1, source_line=text)

    @cached_property
    def script(self) -> Script:
        """The script's function, its parameters and its names."""
        return Script(self.tree, self.script_kind)

    def forget(self) -> None:
        """Free the tree and everything that was found out with it; at the next use it is made again.

        Nodes know their parents and their tree, so Python frees them late and by a search; this frees them at once.
        """
        kept = vars(self)
        script, tree = kept.pop("script", None), kept.pop("tree", None)
        if script is not None:
            vars(script).clear()
        if tree is not None:
            tree.release()

    @property
    def script_kind(self) -> ScriptKind | None:
        """The kind, where it is one that Auth0 has."""
        return SCRIPT_KINDS.get(self.kind) if self.kind else None


@dataclass(frozen=True)
class ConnectionInput:
    """One connection as it is defined, with its scripts by kind."""

    name: str
    scripts: Mapping[str, ScriptInput] = field(default_factory=dict)
    address: str = ""
    """`connection.NAME`, or the folder's path."""
    label: str = ""
    """The file that defines it; empty: the address stands for it."""
    line: int = 0
    """The line of the definition in that file, from 1; 0: not known."""
    column: int = 0
    """Its column, from 1; 0: not known."""
    places: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)
    """Where single parts of it stand, such as `configuration.PG_URL`: file, line and column."""
    migration: str | None = None
    """`off`, `trickle` or `complete`."""
    import_mode: bool | None = None
    """The option as it will be sent."""
    enable_script_context: bool | None = None
    requires_username: bool | None = None
    access: tuple[str, ...] | None = None
    """How the store is protected: `tls`, `ip-allowlist`, `client-credentials`, ..."""
    guards: tuple[str, ...] | None = None
    """The guards by name: `backfill-metadata`, `mark-migrated`, `restrict-audience`, ..."""
    guard_code: tuple[ScriptInput, ...] = ()
    """The code of its guards: Actions and Rules, of which only DB101 is asked."""
    signup_open: bool | None = None
    """Whether people can sign up by themselves."""
    reset_open: bool | None = None
    """Whether people can change a forgotten password by themselves."""
    missing_files: Mapping[str, str] = field(default_factory=dict)
    """Scripts by kind that the definition names a file for, with the file, which is not there."""
    guard_type: str | None = None
    """What the guards are made of: `action`, or `rule`."""
    configuration: frozenset[str] | None = None
    """The keys of `configuration`; the values never come here."""
    literal_secrets: Mapping[str, str] = field(default_factory=dict)
    """Part of the definition (`configuration.PG_URL`) -> the kind of secret that is written out there."""
    modules: Mapping[str, str] | None = None
    """npm module -> pinned version, as declared."""
    audience: str | None = None
    """The audience of the protected API that the scripts get a client-credentials token for, where declared."""
    restricted_audiences: frozenset[str] | None = None
    """The audiences that a guard closes to users."""
    direct_database: bool | None = None
    """The store's manifest says that its scripts talk to a database directly."""
    custom_databases: int | None = None
    """How many connections of the tenant have custom databases, this one counted."""

    @property
    def code(self) -> tuple[ScriptInput, ...]:
        """Everything of it that Auth0 compiles: its scripts, and what its guards are made of."""
        return (*self.scripts.values(), *self.guard_code)

    @property
    def several_custom_databases(self) -> bool:
        """Whether the tenant has more than this custom database (user ids must then not collide)."""
        return (self.custom_databases or 0) > 1

    @property
    def migrating(self) -> bool:
        """Whether users move to Auth0 or have moved: it imports whoever logs in."""
        return self.migration in {"trickle", "complete"} or self.import_mode is True

    @property
    def trickle(self) -> bool:
        """Whether users move as they log in."""
        return self.migration == "trickle" or (self.migration is None and self.import_mode is True)
