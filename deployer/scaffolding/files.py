"""Writes the files of a new project for a store and tenants. What a store needs is read from its manifest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployer.config.loader import TENANT_NAME
from deployer.config.models import CONNECTION_NAME, MAX_CONNECTION_NAME
from deployer.config.yaml_text import scalar
from deployer.errors import DeployerError
from deployer.rendering.manifest import Manifest, Variable
from deployer.rendering.templates import Templates
from deployer.text import one_line

LOCAL = "local"
IGNORED = (".deployer/", ".env")
"""What git has to leave alone: this tool's own records, and secrets."""

_BASE = "base"
# Keys of `configuration` that templates and guards agree on.
_DOMAIN_KEY = "AUTH0_DOMAIN"
_API_KEY = "API_AUDIENCE"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant by the name of its file, and its domain."""

    name: str
    domain: str

    @property
    def prefix(self) -> str:
        """How its environment variables begin."""
        text = re.sub(r"[^A-Za-z0-9]+", "_", self.name).upper()
        return f"_{text}" if text[:1].isdigit() else text


@dataclass(frozen=True)
class ScaffoldOptions:
    """What a new project is for. `store` None: no connection yet, since `deployer import` will write it."""

    store: str | None
    connection: str = "legacy-users"
    migration: str = "trickle"
    tenants: Sequence[NewTenant] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    copy_templates: bool = False


def check_options(options: ScaffoldOptions, templates: Templates) -> None:
    """Refuse names, domains and variables that would make files that do not load. Raises DeployerError."""
    if len(options.connection) > MAX_CONNECTION_NAME or not CONNECTION_NAME.fullmatch(options.connection):
        raise DeployerError(
            f"'{one_line(options.connection, 60)}' is no name that Auth0 takes for a connection",
            where="--connection",
            hint="Letters, digits and single hyphens, with a letter or digit at both ends.",
        )
    seen = {_BASE, LOCAL}
    for tenant in options.tenants:
        if not TENANT_NAME.fullmatch(tenant.name) or tenant.name.lower() in seen:
            raise DeployerError(
                f"'{one_line(tenant.name, 60)}' cannot name a tenant here",
                where="--tenant",
                hint="Use letters, digits, '-' and '_'; each once, and neither base nor local.",
            )
        seen.add(tenant.name.lower())
        if not _HOST.fullmatch(tenant.domain):
            raise DeployerError(
                f"'{one_line(tenant.domain, 80)}' is no domain",
                where=f"--tenant {tenant.name}",
                hint="A host name alone, such as acme.eu.auth0.com.",
            )
    if options.store is not None:
        templates.manifest(options.store).values(options.variables, store=options.store)
    elif options.variables or options.copy_templates:
        raise DeployerError("without a store there are no variables and no templates", where="--store none")


def scaffold(options: ScaffoldOptions, templates: Templates) -> dict[str, str]:
    """Write the text of every file by its path in the project. Raises DeployerError as `check_options` does."""
    check_options(options, templates)
    manifest = templates.manifest(options.store) if options.store is not None else None
    files = {
        f"tenants/{_BASE}.yaml": _lines(_base(options, manifest)),
        f"tenants/{LOCAL}.yaml": _lines(_local()),
        **{f"tenants/{one.name}.yaml": _lines(_tenant(options, one, manifest)) for one in options.tenants},
        "templates/README.md": _README,
        ".env.example": _lines(_variables(options, manifest)),
    }
    if options.copy_templates and options.store is not None:
        files |= copy_templates(options.store, templates)
    return files


def copy_templates(store: str, templates: Templates) -> dict[str, str]:
    """Copy the store's templates, those that it inherits and every part that they are made of, by path in the project.

    Raises:
        DeployerError: where the store extends what cannot be extended.
    """
    texts = templates.files_behind(store, templates.template_names(store))
    return {f"templates/{name}": text for name, text in sorted(texts.items())}


def write_scaffold(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Write the files that are not there; those written, and those left alone. `.gitignore` is only added to.

    Raises:
        DeployerError: for a file that cannot be written.
    """
    written, kept = [], []
    path = root
    try:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
            except FileExistsError:
                kept.append(name)
            else:
                written.append(name)
        path = root / ".gitignore"
        if _ignore(path):
            written.append(".gitignore")
    except OSError as error:
        raise DeployerError(f"the file cannot be written: {error.strerror}", where=one_line(str(path))) from error
    return written, kept


def _ignore(path: Path) -> bool:
    """Add what git has to leave alone; whether something was missing."""
    old = path.read_bytes() if path.exists() else b""
    present = {line.strip().strip(b"/") for line in old.splitlines()}
    missing = [line for line in IGNORED if line.strip("/").encode() not in present]
    if missing:
        with path.open("ab") as file:
            file.write((b"\n" if old and not old.endswith(b"\n") else b"") + _lines(missing).encode())
    return bool(missing)


def _base(options: ScaffoldOptions, manifest: Manifest | None) -> Iterator[str]:
    yield "# What every tenant gets. A tenant file says `extends: base` and adds or replaces what is its own."
    if manifest is None:
        yield "# `deployer import TENANT` writes down what a tenant already has."
        return
    yield "connections:"
    yield f"  {scalar(options.connection)}:"
    yield f"    store: {scalar(options.store)}  # {one_line(manifest.description)}"
    yield f"    migration: {scalar(options.migration)}  # off, trickle (users move as they log in) or complete"
    yield from _base_variables(options, manifest)
    if manifest.configuration:
        yield "    configuration:  # what the scripts read as configuration.KEY; Auth0 encrypts it"
        for key, description in manifest.configuration.items():
            yield f"      # {one_line(description)}"
            yield f"      {key}: !env {key}"
    has_api = _API_KEY in manifest.configuration
    access = "[tls, client-credentials]" if has_api else "[tls]"
    yield f"    access: {access}  # how the store is protected: also ip-allowlist, basic-auth, vpn, private-network"
    if has_api:
        yield "    guards: [restrict-audience]  # nobody who logs in gets a token for the store's API"
    yield "    options:  # of the Management API; those not named stay as the tenant has them"
    yield "      brute_force_protection: true"


def _base_variables(options: ScaffoldOptions, manifest: Manifest) -> Iterator[str]:
    """Write the variables that are given, and every other one as a comment with its default."""
    if not manifest.variables:
        return
    given = options.variables
    others = {name: variable for name, variable in manifest.variables.items() if name not in given}
    if given:
        yield "    variables:  # for the templates"
        for name, value in given.items():
            yield f"      {name}: {scalar(value)}  # {one_line(manifest.variables[name].description)}"
    else:
        yield "    # Variables for the templates and their defaults; take the number sign away to change one."
        yield "    # variables:"
    for name, variable in others.items():
        yield f"    #   {name}: {scalar(variable.default)}  # {_about(variable)}"


def _about(variable: Variable) -> str:
    choices = f" ({', '.join(variable.choices)})" if variable.choices else ""
    return one_line(f"{variable.description}{choices}", 300)


def _local() -> Iterator[str]:
    yield "# The local tenant of `deployer sandbox`, which prints the values of these variables."
    yield "extends: base"
    yield "domain: !env AUTH0_DOMAIN"
    yield "base_url: !env AUTH0_BASE_URL"
    yield "credentials:"
    yield "  client_id: !env AUTH0_CLIENT_ID"
    yield "  client_secret: !env AUTH0_CLIENT_SECRET"
    yield "tags: [local]"


def _tenant(options: ScaffoldOptions, tenant: NewTenant, manifest: Manifest | None) -> Iterator[str]:
    before = [one.name for one in options.tenants[: list(options.tenants).index(tenant)]]
    yield f"extends: {_BASE}"
    yield f"domain: {scalar(tenant.domain)}"
    yield "credentials:"
    yield f"  client_id: !env {tenant.prefix}_AUTH0_CLIENT_ID"
    yield f"  client_secret: !env {tenant.prefix}_AUTH0_CLIENT_SECRET"
    yield f"secrets_key: !env {tenant.prefix}_SECRETS_KEY  # keys the digests that tell whether a secret has changed"
    # The tenants were named in the order of promotion: nothing reaches a later one past the one before.
    off = "" if before else "# "
    yield f"{off}promote_from: {before[-1] if before else 'TENANT'}  # only what that tenant runs comes here"
    off = "" if before and tenant == options.tenants[-1] else "# "
    yield f"{off}protect: true  # only a saved plan changes this tenant"
    if manifest is not None and manifest.configuration:
        yield "connections:"
        yield f"  {scalar(options.connection)}:"
        yield "    configuration:"
        for key in manifest.configuration:
            value = scalar(tenant.domain) if key == _DOMAIN_KEY else f"!env {tenant.prefix}_{key}"
            yield f"      {key}: {value}"


def _variables(options: ScaffoldOptions, manifest: Manifest | None) -> Iterator[str]:
    """List every environment variable that the files name."""
    keys = dict(manifest.configuration) if manifest is not None else {}
    yield "# The variables that tenants/ names. Copy this file to .env, which git ignores, fill it in, and read it:"
    yield "#   set -a; . ./.env; set +a"
    yield ""
    yield "# local: `deployer sandbox` prints the first four."
    for name in ("AUTH0_DOMAIN", "AUTH0_BASE_URL", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"):
        yield f"{name}="
    yield from _keys({key: text for key, text in keys.items() if key != _DOMAIN_KEY}, "")
    for tenant in options.tenants:
        yield ""
        yield f"# {tenant.name} ({tenant.domain}): a machine-to-machine application for the Management API."
        yield f"{tenant.prefix}_AUTH0_CLIENT_ID="
        yield f"{tenant.prefix}_AUTH0_CLIENT_SECRET="
        yield "# Any long text that nobody can guess, such as that of `openssl rand -hex 32`; the same for everybody."
        yield f"{tenant.prefix}_SECRETS_KEY="
        yield from _keys({key: text for key, text in keys.items() if key != _DOMAIN_KEY}, f"{tenant.prefix}_")


def _keys(keys: Mapping[str, str], prefix: str) -> Iterator[str]:
    for key, description in keys.items():
        yield f"# {one_line(description)}"
        yield f"{prefix}{key}="


def _lines(lines: Iterator[str] | Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


_README = """\
# Templates

The templates of the stores come with deployer. A file here goes before the one of the same path there, so that

- `templates/postgres/login.js.j2` replaces one script of a store,
- `templates/my-store/*.js.j2`, with a `template.yaml` that says what it takes, is a store of your own; with
  `extends: postgres` in it, everything that the folder does not have is that store's,
- `templates/custom/create.js.j2` can stand under `scripts:` of a connection, for one script of one connection.

`deployer init --store STORE --copy-templates` copies a store with all that it is made of, to change it. What lies
here is yours: a newer deployer does not mend it.

In a template, `{{ table | js }}` puts a value into JavaScript as a literal, and `{{ table | sql_identifier('mysql') }}`
puts a name into SQL, quoted. A value without a filter is an error. `deployer render TENANT` shows what comes out.
"""
