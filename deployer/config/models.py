"""Holds what a tenant file says as typed, frozen models. Unknown keys are mistakes; secrets are references."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from deployer.config.addresses import base_url_problem, domain_problem
from deployer.config.option_checks import OWNED, coerced
from deployer.config.problems import Position
from deployer.config.tree import REMOVE, Marker, Places, SecretReference
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line

Migration = Literal["off", "trickle", "complete"]
Severity = Literal["off", "warning", "error"]

# https://auth0.com/docs/api/management/v2/connections/post-connections (name)
CONNECTION_NAME = re.compile(r"[a-zA-Z0-9](?:-[a-zA-Z0-9]|[a-zA-Z0-9])*")
MAX_CONNECTION_NAME = 128

NODE_VERSION = re.compile(r"[1-9]\d{0,2}(?:\.\d{1,3}){0,2}")

# A connection's metadata holds at most 10 pairs; this tool keeps its own notes in some of them.
MAX_METADATA_PAIRS = 6
MAX_METADATA_LENGTH = 255


def _key_error(key: str, text: str) -> PydanticCustomError:
    """Make a mistake that stands at one key of a mapping; the text is taken as it is."""
    return PydanticCustomError("key", "{text}", {"text": text, "key": key})


def _reference_or_text(value: Any) -> SecretReference | str:
    if isinstance(value, SecretReference | str):
        return value
    raise ValueError("must be text or a reference such as `!env NAME`")


def _domain(value: SecretReference | str) -> SecretReference | str:
    return _address(value, domain_problem)


def _base_url(value: SecretReference | str) -> SecretReference | str:
    return _address(value, base_url_problem)


def _address(value: SecretReference | str, problem_of: Callable[[str], str | None]) -> SecretReference | str:
    """Refuse what is no address, and places of secrets: an address is printed, in plans and in messages."""
    if isinstance(value, str):
        if problem := problem_of(value):
            raise ValueError(problem)
    elif value.scheme != "env":
        raise ValueError(f"is printed, so it comes from `!env NAME` or is written out, never from `!{value.scheme}`")
    return value


def _secret(value: Any) -> SecretReference:
    if isinstance(value, SecretReference):
        return value
    raise ValueError(
        "must be a reference, never the secret itself: `!env NAME`, `!file PATH` or `!secret provider:path`"
    )


def _action_secret(value: Any) -> SecretReference | Marker:
    if isinstance(value, SecretReference | Marker):
        return value
    raise ValueError(
        "must be a reference, never the secret itself: `!env NAME`, `!file PATH` or `!secret provider:path`; or "
        "`!keep` or `!remove`"
    )


def _configuration_value(value: Any) -> SecretReference | str | Marker:
    if isinstance(value, SecretReference | str | Marker):
        return value
    raise ValueError("must be text, a reference such as `!env NAME`, `!keep` or `!remove`; numbers go in quotes")


def _script_source(value: Any) -> str | Marker:
    if isinstance(value, str) or value is REMOVE:
        source: str | Marker = value
        return source
    raise ValueError("must be the path of a template, or `!remove`")


def _open_variables(variables: dict[str, Any]) -> dict[str, Any]:
    if _contains_reference(variables):
        raise ValueError("holds a reference; templates never see secrets, `configuration` is the place for them")
    return variables


def _contains_reference(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_contains_reference(item) for item in value.values())
    if isinstance(value, list):
        return any(_contains_reference(item) for item in value)
    return isinstance(value, SecretReference)


def _node_version(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or (isinstance(value, str) and NODE_VERSION.fullmatch(value)):
        return value
    raise ValueError("must be a version of Node.js in quotes, such as '22' or '22.14.0'")


def _connection_name(name: str) -> str:
    if len(name) > MAX_CONNECTION_NAME or not CONNECTION_NAME.fullmatch(name):
        text = (
            f"'{one_line(name, 60)}' is no name that Auth0 takes for a connection: letters, digits and single "
            f"hyphens, a letter or digit at both ends, at most {MAX_CONNECTION_NAME} characters"
        )
        raise PydanticCustomError("key", "{text}", {"text": text})
    return name


def _script_name(name: str) -> str:
    if name not in SCRIPT_KINDS:
        near = did_you_mean(name, SCRIPT_KINDS)
        text = f"'{one_line(name)}' is no action script{'; ' + near if near else ''}"
        raise PydanticCustomError("key", "{text}", {"text": text})
    return name


ConnectionName = Annotated[str, AfterValidator(_connection_name)]
ScriptName = Annotated[str, AfterValidator(_script_name)]
ReferenceOrText = Annotated[SecretReference | str, PlainValidator(_reference_or_text, json_schema_input_type=str)]
Secret = Annotated[SecretReference, PlainValidator(_secret, json_schema_input_type=str)]
ConfigurationValue = Annotated[
    SecretReference | str | Marker, PlainValidator(_configuration_value, json_schema_input_type=str)
]
ActionSecret = Annotated[SecretReference | Marker, PlainValidator(_action_secret, json_schema_input_type=str)]
NodeVersion = Annotated[str | None, PlainValidator(_node_version, json_schema_input_type=str | int | None)]
Variables = Annotated[dict[str, Any], AfterValidator(_open_variables)]
ScriptSource = Annotated[str | Marker, PlainValidator(_script_source, json_schema_input_type=str)]


class Model(BaseModel):
    """Unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class CredentialsDefinition(Model):
    """How this tool signs in: client credentials with a secret or a private key (`private_key_jwt`), or a token."""

    client_id: ReferenceOrText | None = None
    """The client id of a machine-to-machine application of the tenant."""
    client_secret: Secret | None = None
    """Its client secret, by a reference."""
    private_key: Secret | None = None
    """Its private key (PEM), by a reference, for private_key_jwt."""
    algorithm: Literal["RS256", "RS384", "PS256"] = "RS256"
    """How the private key signs, as the application's credential in the Dashboard says."""
    token: Secret | None = None
    """A ready access token for the Management API, by a reference, instead of an application's credentials."""
    audience: str | None = None
    """The identifier of the Management API; by default https://DOMAIN/api/v2/."""

    @model_validator(mode="after")
    def _one_way(self) -> "CredentialsDefinition":
        if sum(each is not None for each in (self.client_secret, self.private_key, self.token)) != 1:
            raise ValueError("needs one of `client_secret`, `private_key` and `token`")
        if (self.token is None) == (self.client_id is None):
            raise ValueError("a `token` goes without `client_id`" if self.token else "needs `client_id`")
        if self.algorithm != "RS256" and self.private_key is None:
            raise ValueError("`algorithm` is for a `private_key`")
        return self


class RateLimitDefinition(Model):
    """What the tenant allows; without it the answers' headers say."""

    requests_per_second: float = Field(gt=0, le=1000)
    """Requests a second, sustained."""
    burst: int = Field(default=1, ge=1, le=10_000)
    """Requests at once after a pause."""


class LintDefinition(Model):
    """Changed severities by rule code."""

    severity: dict[str, Severity] = Field(default_factory=dict)
    """Severities by rule code, such as `DB406: off`."""


class ApiDefinition(Model):
    """A protected API in front of the store: resource server, machine-to-machine client and its grant."""

    identifier: str = Field(min_length=1, max_length=600)
    """The API's identifier, which is its audience and cannot change."""
    name: str | None = None
    """The API's name in the Dashboard."""
    scopes: dict[str, str] = Field(default_factory=dict)
    """Scopes and their descriptions."""
    token_lifetime: int = Field(default=86_400, ge=60, le=2_592_000)
    """Seconds that its access tokens live."""
    client: str | None = None
    """The machine-to-machine application that the scripts call it with, by name."""
    configuration: dict[Literal["client_id", "client_secret", "audience", "domain"], str] = Field(default_factory=dict)
    """Which key of `configuration` gets the client's id, its secret, the audience and the domain."""


class TestUser(Model):
    """A user of the store that contract tests may use."""

    __test__ = False
    email: str
    """The user's e-mail address."""
    password: ReferenceOrText
    """The user's password: made up for tests, or a reference."""
    username: str | None = None
    """The user's username, where the store has them."""


class TestsDefinition(Model):
    """What `deployer test` needs: a store, and users in it."""

    store: ReferenceOrText
    """`embedded` for a PostgreSQL that is started for the tests, or the address of a store."""
    seed: str | None = None
    """A file of SQL that fills an embedded store, from the project's folder."""
    configuration: dict[str, ReferenceOrText] = Field(default_factory=dict)
    """What the scripts read as configuration.KEY in tests."""
    user: TestUser
    """A user that is in the store."""
    wrong_password: str = "not-the-password-of-anybody"  # noqa: S105  no secret: it must be wrong
    """A password that is nobody's."""
    new_user: TestUser
    """A user that is not in the store yet."""
    unverified_user: TestUser | None = None
    """A user of the store whose address is not verified; a new one where none is named."""
    inactive_user: TestUser | None = None
    """A user of the store who may not log in."""
    time_limit: float = Field(default=20, gt=0, le=20)
    """Seconds that a script may take."""
    skip: dict[str, str] = Field(default_factory=dict)
    """Checks to leave out, by name, each with the reason."""


class ActionDefinition(Model):
    """A user-written Action: its code is a template, its secrets are references."""

    code: str
    """The template of its code, below templates/."""
    trigger: Literal[
        "post-login",
        "credentials-exchange",
        "pre-user-registration",
        "post-user-registration",
        "post-change-password",
        "send-phone-message",
    ] = "post-login"
    """When it runs."""
    runtime: Literal["node18", "node22"] = "node22"
    """The Node.js that it runs on."""
    dependencies: dict[str, str] = Field(default_factory=dict)
    """npm modules and their versions."""
    secrets: dict[str, ActionSecret] = Field(default_factory=dict)
    """What the code reads as event.secrets.KEY, by references; `!keep` leaves one, `!remove` takes one away."""
    variables: Variables = Field(default_factory=dict)
    """Values for its template."""
    position: Literal["first", "last"] = "last"
    """Where it stands among the actions of its trigger."""


class Connection(Model):
    """A custom database connection and its action scripts."""

    store: str
    """The legacy user store: a folder of templates/ or one that comes with deployer."""
    migration: Migration = "off"
    """off: the store stays; trickle: users move as they log in; complete: all have moved, scripts do nothing."""
    variables: Variables = Field(default_factory=dict)
    """Values for the templates; the store's README has the list. Never secrets."""
    configuration: dict[str, ConfigurationValue] = Field(default_factory=dict)
    """What scripts read as configuration.KEY, by references; Auth0 encrypts it."""
    modules: dict[str, str] = Field(default_factory=dict)
    """npm modules and the exact versions that the scripts get."""
    access: list[Literal["tls", "ip-allowlist", "client-credentials", "basic-auth", "vpn", "private-network"]] = Field(
        default_factory=list
    )
    """How the store is protected."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the connection as the Management API has them; those not named stay as they are."""
    unchecked_options: list[str] = Field(default_factory=list)
    """Options that are sent as they stand, unchecked, such as one that is newer than deployer: `mfa.new_name`."""
    clients: list[str] | None = None
    """The applications that may use the connection, by name; all others may not. Without it they stay as they are."""
    guards: list[Literal["restrict-audience", "backfill-metadata", "mark-migrated", "require-clients-subject"]] = Field(
        default_factory=list
    )
    """Actions that protect what the scripts rely on."""
    guard_type: Literal["action", "rule"] = "action"
    """What guards are made of. Auth0 runs Rules no longer since 2026-11-18: `rule` is an error for `deployer lint`."""
    scripts: dict[ScriptName, ScriptSource] = Field(default_factory=dict)
    """Single scripts from other templates, or `!remove` for one that must not be there."""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Metadata of the connection, text only; others of the tenant stay as they are."""
    display_name: str | None = Field(default=None, max_length=128)
    """The name that users see on the login page."""
    realms: list[str] | None = None
    """Realms that the connection answers to; by default its name."""
    is_domain_connection: bool | None = None
    """Whether third-party applications may use it."""
    authentication: dict[Literal["active"], bool] | None = None
    """`{active: false}` takes the connection out of every login; without it that stays as it is."""
    api: ApiDefinition | None = None
    """A protected API in front of the store, which is deployed with the connection."""
    tests: TestsDefinition | None = None
    """What `deployer test` runs the scripts against."""

    @field_validator("options")
    @classmethod
    def _free_options(cls, options: dict[str, Any]) -> dict[str, Any]:
        for name, why in OWNED.items():
            if name in options:
                raise _key_error(name, f"'{name}' is not set here. {why}")
        if _contains_reference(options):
            raise ValueError("holds a reference; only `configuration` and `credentials` may")
        return coerced(options)

    @field_validator("metadata")
    @classmethod
    def _small_metadata(cls, metadata: dict[str, str]) -> dict[str, str]:
        if len(metadata) > MAX_METADATA_PAIRS:
            raise ValueError(f"holds more than {MAX_METADATA_PAIRS} pairs (Auth0 takes 10, this tool keeps some)")
        for key, value in metadata.items():
            if key.startswith("deployer"):
                raise _key_error(key, f"'{one_line(key)}' is kept for this tool's own notes")
            if len(key) > MAX_METADATA_LENGTH or len(value) > MAX_METADATA_LENGTH:
                raise _key_error(key, f"'{one_line(key, 40)}' is longer than {MAX_METADATA_LENGTH} characters")
        return metadata

    @property
    def import_mode(self) -> bool:
        """Whether users move to Auth0 as they log in; it stays on after the migration (Auth0's migration guide)."""
        return self.migration != "off"

    @property
    def enable_script_context(self) -> bool:
        """Whether scripts get a `context` before their callback."""
        return self.options.get("enable_script_context") is True


class Tenant(Model):
    """One Auth0 tenant and what is to be deployed to it. `name` is the file's name, `path` the file itself."""

    name: str
    path: str
    domain: Annotated[ReferenceOrText, AfterValidator(_domain)]
    """The tenant's domain, such as acme.eu.auth0.com."""
    base_url: Annotated[ReferenceOrText, AfterValidator(_base_url)] | None = None
    """Where its Management API is, if not at https://DOMAIN; for `deployer sandbox`."""
    credentials: CredentialsDefinition
    """How this tool signs in."""
    secrets_key: Secret | None = None
    """The key of the digests that tell whether a secret has changed; by default the client secret."""
    former_secrets_key: Secret | None = None
    """The key before this one, until every connection is noted under this one: what it made is recognised."""
    tags: list[str] = Field(default_factory=list)
    """Words to choose tenants by: `--tag production`."""
    variables: Variables = Field(default_factory=dict)
    """Values for the templates of all connections."""
    rate_limit: RateLimitDefinition | None = None
    """What the tenant's plan allows; without it the tenant's answers say."""
    promote_from: str | None = None
    """The tenant whose release comes here; an apply of the working tree is refused."""
    protect: bool = False
    """Only a saved plan changes this tenant, and nothing is deleted that is not named."""
    max_change_share: float = Field(default=0.5, gt=0, le=1)
    """The share of connections that one plan may change without being named."""
    state: str | None = None
    """Where history, releases, locks and snapshots are kept: a folder, or the URL of a bucket, such as s3://BUCKET/PREFIX."""
    former_state: str | None = Field(default=None, alias="history")
    """The former name of `state`, which means the same."""
    node: NodeVersion = None
    """The Node.js that judges whether scripts compile, and runs them in tests; by default 22, which Auth0 runs."""
    lint: LintDefinition = Field(default_factory=LintDefinition)
    """Changes to the rules of `deployer lint`."""
    connections: dict[ConnectionName, Connection] = Field(default_factory=dict)
    """Custom database connections by name."""
    actions: dict[str, ActionDefinition] = Field(default_factory=dict)
    """Actions by name."""

    _places: Places = PrivateAttr(default_factory=Places)

    @model_validator(mode="before")
    @classmethod
    def _either_name_of_state(cls, data: dict[str, Any]) -> dict[str, Any]:
        former = data.get("history")
        return {"state": former, **data} if isinstance(former, str) else data

    @field_validator("former_state")
    @classmethod
    def _one_state(cls, former: str | None, info: ValidationInfo) -> str | None:
        if former is not None and info.data.get("state", former) != former:
            text = "`history` is the former name of `state`; both are given, and they differ"
            raise PydanticCustomError("key", "{text}", {"text": text, "hint": "Remove `history`."})
        return former

    @model_validator(mode="after")
    def _key_that_lasts(self) -> Self:
        if self.credentials.token is not None and self.secrets_key is None:
            raise ValueError("needs a `secrets_key`: a `token` is another one tomorrow, and cannot key digests")
        return self

    @property
    def state_key(self) -> str:
        """The name under which the file says where the state is: `state`, or `history`."""
        return "state" if self.former_state is None else "history"

    def with_places(self, places: Places) -> Self:
        """Remember where everything in the tenant is written, and return it."""
        self._places = places
        return self

    def position(self, *path: str | int) -> Position | None:
        """Find where something is written, or the nearest thing around it: `("connections", "users", "store")`.

        None for a tenant that comes from no file.
        """
        return self._places.nearest(*path)

    def where(self, subject: str, *path: str | int) -> str:
        """Name a part of the tenant for a message: `tenants/prod.yaml:7:5: connection.users guards`."""
        position = self.position(*path)
        return f"{position}: {subject}" if position else subject
