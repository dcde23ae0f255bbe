"""Finds what the pipelines of a project need to know of each tenant: the order of promotion, and which secrets go
where.

Only names are read here, never a secret's value. Tenant names and variable names end in YAML and shells: what is not
plain is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from deployer.config.models import Tenant
from deployer.config.tree import SecretReference
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.state.backends import BACKENDS, urls
from deployer.text import one_line

_TENANT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}\Z")
# What the pipelines put behind a tenant's name, for its environments and for the artifacts of its jobs.
_ENDINGS = ("-plan", "-saved-plan", "-test", "-drift", "-html")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}\Z")
_STATE = re.compile(
    rf"({'|'.join(BACKENDS)})://[A-Za-z0-9][A-Za-z0-9._-]{{1,220}}[A-Za-z0-9](/[A-Za-z0-9._/-]{{0,200}})?\Z"
)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}[A-Za-z0-9]\Z")

_RESERVED = frozenset(
    {
        *(
            "ALLOW",
            "CODE",
            "FROM",
            "HTML",
            "MARKER",
            "NUMBER",
            "RUN",
            "SHA256",
            "STATE",
            "STORE_ID_TOKEN",
            "TENANT",
            "TENANTS",
            "WORD",
        ),  # the jobs' own
        *("BASHOPTS", "BASH_ENV", "CI", "ENV", "HOME", "IFS", "PATH", "PROMPT_COMMAND", "PS4", "SHELL", "SHELLOPTS"),
        *("TMPDIR", "USER"),
        # Whom the tools trust, and through whom they go.
        *("ALL_PROXY", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"),
        *("SSL_CERT_DIR", "SSL_CERT_FILE"),
    }
)
_RESERVED_BEGINNINGS = (
    *("ACTIONS_", "CI_", "DEPLOYER_", "DYLD_", "FF_", "GH_", "GIT_", "GITHUB_", "GITLAB_", "LD_", "NODE_", "NPM_"),
    *("PIP_", "PYTHON", "RUNNER_", "VIRTUAL_ENV", "BASH_FUNC"),
)


@dataclass(frozen=True)
class Login:
    """How jobs sign in to where the state is: with settings that are no secrets, and secrets where it takes no OIDC
    token.

    `audience` is whom the host's OIDC token is for, None without one; `token_variable` names its file to the client
    (https://docs.rs/object_store reads these variables for S3 and Azure, and no such one for Google Cloud).
    """

    settings: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    audience: str | None = None
    token_variable: str = ""


LOGINS = {
    "s3": Login(("AWS_REGION", "AWS_ROLE_ARN"), (), "sts.amazonaws.com", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "gs": Login((), ("GOOGLE_SERVICE_ACCOUNT_KEY",)),
    "az": Login(
        ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
        (),
        "api://AzureADTokenExchange",
        "AZURE_FEDERATED_TOKEN_FILE",
    ),
}
KEYS = {
    "s3": Login(("AWS_REGION",), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    "gs": LOGINS["gs"],
    "az": Login(("AZURE_STORAGE_ACCOUNT_NAME",), ("AZURE_STORAGE_ACCOUNT_KEY",)),
}


@dataclass(frozen=True)
class Stage:
    """One tenant in the pipelines."""

    name: str
    promote_from: str | None
    access: list[str]
    """The environment variables of its address and credentials: all that a plan needs which is only looked at."""
    key: list[str]
    """Those of its `secrets_key` and of the one before, without which a plan cannot be applied."""
    rest: list[str]
    """The others, which scripts get: only what changes the tenant needs them."""
    test_secrets: list[str]
    """Those that the contract tests need."""
    has_tests: bool
    source_access: list[str]
    """What reaches the tenant that it gets its releases from, which is looked at before each promotion."""
    protect: bool
    has_key: bool
    """Whether the tenant has a `secrets_key`, with which plans are made and applied with different credentials."""
    tests_first: bool
    """Whether its contract tests run before it is changed: a release goes on from a tenant only if they passed."""

    @property
    def secrets(self) -> list[str]:
        """Everything that whoever changes it needs."""
        return sorted({*self.access, *self.key, *self.rest})

    @property
    def waits(self) -> bool:
        """Whether it is changed only after somebody has seen the plan and approved: every promotion."""
        return self.protect or self.promote_from is not None

    @property
    def change(self) -> str:
        """What changes it: `promote` or `apply`, the words that its jobs begin with."""
        return "promote" if self.promote_from else "apply"


@dataclass(frozen=True)
class Pipeline:
    """The tenants in the order in which a release reaches them, and where the state is that all runs share."""

    stages: list[Stage]
    state: str
    login: Login

    def before(self, stage: Stage) -> Stage:
        """Return the stage that this one gets its releases from."""
        return next(one for one in self.stages if one.name == stage.promote_from)

    @property
    def saves_releases(self) -> list[str]:
        """The environments in which a plan puts its release into the state; a promotion's only reads it."""
        return [f"{stage.name}-saved-plan" for stage in self.stages if stage.protect and stage.promote_from is None]

    @property
    def runs_scripts(self) -> bool:
        """Whether a job that changes a tenant runs its contract tests before."""
        return any(stage.tests_first for stage in self.stages)

    @property
    def tested(self) -> list[Stage]:
        """The tenants that have contract tests."""
        return [stage for stage in self.stages if stage.has_tests]


def read_pipeline(project: Project, names: list[str] | None, state: str | None, *, keys: bool = False) -> Pipeline:
    """Find what the pipelines of these tenants need; of all but the sandbox's without names. Raises DeployerError.

    `keys`: sign in to where the state is with long-lived keys, where the host's OIDC tokens cannot be used.
    """
    tenants = {name: project.tenant(name) for name in names or project.tenants.names()}
    if not names:
        # A tenant with a base_url is a sandbox on somebody's own machine, which no pipeline can reach.
        tenants = {name: tenant for name, tenant in tenants.items() if tenant.base_url is None}
    if not tenants:
        raise DeployerError(
            "there is no tenant to write a pipeline for",
            hint="Add a file to tenants/. Tenants with a `base_url` are left out: no pipeline reaches a sandbox.",
        )
    _check_apart(tenants)
    url = _shared_state(tenants, state)
    kind = url.split(":", maxsplit=1)[0]
    sources = {tenant.promote_from for tenant in tenants.values()}
    stages = [_stage(tenant, tenants, goes_on=name in sources) for name, tenant in tenants.items()]
    login = (KEYS if keys else LOGINS)[kind]
    for stage in stages:
        _check_sign_in(tenants[stage.name], tenants.get(stage.promote_from or ""))
        _check_names(tenants[stage.name], {*stage.secrets, *stage.test_secrets}, login)
    return Pipeline(_in_order(stages), url, login)


def _shared_state(tenants: dict[str, Tenant], given: str | None) -> str:
    given = given or None
    found = sorted({tenant.state for tenant in tenants.values() if tenant.state})
    if given is None and not found:
        raise DeployerError("a pipeline needs a state that outlives its runs and that all tenants share", hint=_NAME_IT)
    if given is None and len(found) > 1:
        raise DeployerError(
            f"a pipeline needs one state that all tenants share, and their `state` names {len(found)} places",
            hint=_NAME_IT,
        )
    chosen = found[0] if given is None else given
    if not _STATE.match(chosen):
        where = "--store" if given is not None else "state"
        raise DeployerError(_state_problem(chosen), where=where, hint=_NAME_IT)
    return chosen


_NAME_IT = f"Name one with --store: {urls()}."


def _state_problem(url: str) -> str:
    """Say why this cannot be where the state of a pipeline is."""
    scheme, sign, rest = url.partition("://")
    shown = one_line(url, 100)
    if "@" in rest or "?" in rest:
        return "the URL of a state must not hold credentials or settings"  # not repeated
    if not sign or scheme == "file":
        return f"'{shown}' is a folder of one machine, which the runs of a pipeline do not share"
    if scheme not in LOGINS:
        return f"'{one_line(scheme, 20)}://' is no place for a state that pipelines can share"
    bucket = rest.partition("/")[0]
    if not _BUCKET.match(bucket):
        return f"'{one_line(bucket, 80)}' is not the name of a bucket or container, which has at least 3 characters"
    return f"'{shown}' holds characters that cannot stand in a pipeline"


def _stage(tenant: Tenant, tenants: Mapping[str, Tenant], *, goes_on: bool) -> Stage:
    if not _TENANT.match(tenant.name):
        raise DeployerError(
            f"the tenant's name '{one_line(tenant.name, 80)}' cannot be used in a pipeline",
            where=tenant.path,
            hint="Rename its file: letters, digits, dashes and underscores.",
        )
    tests = [connection.tests for connection in tenant.connections.values() if connection.tests]
    of_tests = {name for test in tests for name in _variables(test)}
    access, key = _access(tenant), {*_variables(tenant.secrets_key), *_variables(tenant.former_secrets_key)}
    source = tenants.get(tenant.promote_from or "")
    return Stage(
        name=tenant.name,
        promote_from=tenant.promote_from,
        access=sorted(access),
        key=sorted(key),
        rest=sorted(set(_variables(tenant, skip="tests")) - access - key),
        test_secrets=sorted(of_tests),
        has_tests=bool(tests),
        source_access=sorted(_access(source) - access) if source else [],
        protect=tenant.protect,
        has_key=tenant.secrets_key is not None,
        tests_first=bool(tests) and (goes_on or tenant.promote_from is None),
    )


def _access(tenant: Tenant) -> set[str]:
    return {name for part in (tenant.domain, tenant.base_url, tenant.credentials) for name in _variables(part)}


def _check_apart(tenants: Mapping[str, Tenant]) -> None:
    """Refuse tenants that would share an environment or an artifact, so that one's secrets were in jobs of the other.

    GitHub takes upper and lower case of an environment's name for one
    (https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments).
    Raises DeployerError.
    """
    taken: dict[str, str] = {}
    for name in sorted(tenants):
        for ending in ("", *_ENDINGS):
            other = taken.setdefault(f"{name}{ending}".lower(), name)
            if other != name:
                raise DeployerError(
                    f"the tenants '{one_line(other, 80)}' and '{one_line(name, 80)}' would share the environment "
                    f"'{one_line(f'{name}{ending}', 90)}', and with it their secrets",
                    where=tenants[name].path,
                    hint=f"Rename one of them: {', '.join(f'NAME{each}' for each in _ENDINGS)} are used for each "
                    "tenant, and upper and lower case are one.",
                )


def _check_sign_in(tenant: Tenant, source: Tenant | None) -> None:
    """Refuse a promotion that would sign in to both tenants with the secrets of one. Raises DeployerError."""
    if source is None:
        return
    others = {name.upper() for name in _variables(source.credentials)}  # GitHub's secrets have no case
    shared = sorted(name for name in {*_variables(tenant.credentials)} if name.upper() in others)
    if shared:
        raise DeployerError(
            f"{one_line(source.name, 80)} and {one_line(tenant.name, 80)} sign in with the same variable "
            f"'{one_line(shared[0], 80)}': a job that promotes needs both, and would send one's secret to the other",
            where=tenant.path,
            hint=f"Name it after the tenant, such as {_prefix(tenant.name)}_{one_line(shared[0], 80)}.",
        )


def _check_names(tenant: Tenant, names: set[str], login: Login) -> None:
    """Refuse a variable that would break the workflows, or lead their tools elsewhere. Raises DeployerError."""
    # The state's client reads all that begin like these, a key before a token: https://docs.rs/object_store.
    taken = tuple({f"{name.partition('_')[0]}_" for name in (*login.settings, *login.secrets)})
    for name in sorted(names):
        upper = name.upper()
        if not _VARIABLE.match(name):
            why = "is no name of letters, digits and underscores"
        elif upper in _RESERVED or upper.startswith(_RESERVED_BEGINNINGS):
            why = "means something to the jobs, their shell or their tools"
        elif upper.startswith(taken):
            why = "is read by what the jobs sign in to the state's bucket with"
        else:
            continue
        raise DeployerError(
            f"the variable '{one_line(name, 80)}' cannot be a secret of a pipeline: it {why}",
            where=tenant.path,
            hint=f"Give it another name in the tenant's file, such as {_prefix(tenant.name)}_SECRET.",
        )


def _prefix(tenant: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", tenant.upper())


def _variables(value: Any, skip: str | None = None) -> Iterator[str]:
    """Find the names behind every `!env` in a model, without the field `skip`."""
    if isinstance(value, SecretReference):
        if value.scheme == "env":
            yield value.target
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            if field != skip:
                yield from _variables(getattr(value, field), skip)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _variables(item, skip)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _variables(item, skip)


def _in_order(stages: list[Stage]) -> list[Stage]:
    """Put each tenant after the one that it gets its releases from. Raises DeployerError where that cannot be done."""
    placed: list[Stage] = []
    rest = sorted(stages, key=lambda stage: stage.name)
    while rest:
        names = {stage.name for stage in placed}
        ready = [stage for stage in rest if stage.promote_from is None or stage.promote_from in names]
        if not ready:
            raise DeployerError(
                f"the tenant '{rest[0].name}' gets its releases from '{one_line(str(rest[0].promote_from), 80)}', "
                "which is not in this pipeline or gets its own from it",
                hint="Correct promote_from, or name both tenants.",
            )
        placed += ready
        rest = [stage for stage in rest if stage not in ready]
    return placed
