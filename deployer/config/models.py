"""What a tenant file says, as typed, frozen models. Unknown keys are mistakes; secrets are references."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, field_validator, model_validator
from pydantic_core import PydanticCustomError

from deployer.config.tree import REMOVE, Marker, SecretReference
from deployer.scripts import SCRIPT_KINDS
from deployer.text import did_you_mean, one_line

Migration = Literal["off", "trickle", "complete"]
Severity = Literal["off", "warning", "error"]

# https://auth0.com/docs/api/management/v2/connections/post-connections (name)
CONNECTION_NAME = re.compile(r"[a-zA-Z0-9](?:-[a-zA-Z0-9]|[a-zA-Z0-9])*")
MAX_CONNECTION_NAME = 128

# A connection's metadata holds at most 10 pairs; this tool keeps its own notes in some of them.
MAX_METADATA_PAIRS = 6
MAX_METADATA_LENGTH = 255

_OWNED_OPTIONS = {
    "customScripts": "Scripts come from `store` and `scripts`.",
    "configuration": "Write `configuration` beside `options`.",
    "enabledDatabaseCustomization": "It is always on for what is deployed here.",
    "import_mode": "It follows from `migration`.",
}


def _key_error(key: str, text: str) -> PydanticCustomError:
    """A mistake that stands at one key of a mapping; the text is taken as it is."""
    return PydanticCustomError("key", "{text}", {"text": text, "key": key})


def _reference_or_text(value: Any) -> SecretReference | str:
    if isinstance(value, SecretReference | str):
        return value
    raise ValueError("must be text or a reference such as `!env NAME`")


def _secret(value: Any) -> SecretReference:
    if isinstance(value, SecretReference):
        return value
    raise ValueError(
        "must be a reference, never the secret itself: `!env NAME`, `!file PATH` or `!secret provider:path`"
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
ReferenceOrText = Annotated[SecretReference | str, PlainValidator(_reference_or_text)]
Secret = Annotated[SecretReference, PlainValidator(_secret)]
ConfigurationValue = Annotated[SecretReference | str | Marker, PlainValidator(_configuration_value)]
ScriptSource = Annotated[str | Marker, PlainValidator(_script_source)]


class Model(BaseModel):
    """Unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class CredentialsDefinition(Model):
    """How this tool signs in: client credentials with a secret or with a private key (`private_key_jwt`)."""

    client_id: ReferenceOrText
    client_secret: Secret | None = None
    private_key: Secret | None = None
    audience: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "CredentialsDefinition":
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError("needs either `client_secret` or `private_key`")
        return self


class RateLimitDefinition(Model):
    """What the tenant allows; without it the answers' headers say."""

    requests_per_second: float = Field(gt=0, le=1000)
    burst: int = Field(default=1, ge=1, le=10_000)


class LintDefinition(Model):
    """Changed severities by rule code."""

    severity: dict[str, Severity] = Field(default_factory=dict)


class ApiDefinition(Model):
    """A protected API in front of the store: resource server, machine-to-machine client and its grant."""

    identifier: str = Field(min_length=1, max_length=600)
    name: str | None = None
    scopes: dict[str, str] = Field(default_factory=dict)
    token_lifetime: int = Field(default=86_400, ge=60, le=2_592_000)
    client: str | None = None
    configuration: dict[Literal["client_id", "client_secret", "audience", "domain"], str] = Field(default_factory=dict)


class TestUser(Model):
    """A user of the store that contract tests may use."""

    __test__ = False
    email: str
    password: ReferenceOrText
    username: str | None = None


class TestsDefinition(Model):
    """What `deployer test` needs: a store, and users in it."""

    store: ReferenceOrText
    seed: str | None = None
    configuration: dict[str, ReferenceOrText] = Field(default_factory=dict)
    user: TestUser
    wrong_password: str = "not-the-password-of-anybody"  # noqa: S105  no secret: it must be wrong
    new_user: TestUser
    time_limit: float = Field(default=20, gt=0, le=20)
    skip: dict[str, str] = Field(default_factory=dict)


class ActionDefinition(Model):
    """A user-written Action: its code is a template, its secrets are references."""

    code: str
    trigger: Literal[
        "post-login",
        "credentials-exchange",
        "pre-user-registration",
        "post-user-registration",
        "post-change-password",
        "send-phone-message",
    ] = "post-login"
    runtime: Literal["node18", "node22"] = "node22"
    dependencies: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, ReferenceOrText] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)
    position: Literal["first", "last"] = "last"


class Connection(Model):
    """A custom database connection and its action scripts."""

    store: str
    migration: Migration = "off"
    variables: dict[str, Any] = Field(default_factory=dict)
    configuration: dict[str, ConfigurationValue] = Field(default_factory=dict)
    modules: dict[str, str] = Field(default_factory=dict)
    access: list[Literal["tls", "ip-allowlist", "client-credentials", "basic-auth", "vpn", "private-network"]] = Field(
        default_factory=list
    )
    options: dict[str, Any] = Field(default_factory=dict)
    clients: list[str] | None = None
    guards: list[Literal["restrict-audience", "backfill-metadata", "mark-migrated", "require-clients-subject"]] = Field(
        default_factory=list
    )
    guard_type: Literal["action", "rule"] = "action"
    scripts: dict[ScriptName, ScriptSource] = Field(default_factory=dict)
    metadata: dict[str, str] = Field(default_factory=dict)
    display_name: str | None = Field(default=None, max_length=128)
    realms: list[str] | None = None
    is_domain_connection: bool | None = None
    api: ApiDefinition | None = None
    tests: TestsDefinition | None = None

    @field_validator("options")
    @classmethod
    def _free_options(cls, options: dict[str, Any]) -> dict[str, Any]:
        for name, why in _OWNED_OPTIONS.items():
            if name in options:
                raise _key_error(name, f"'{name}' is not set here. {why}")
        if _contains_reference(options):
            raise ValueError("holds a reference; only `configuration` and `credentials` may")
        return options

    @field_validator("variables")
    @classmethod
    def _no_references(cls, variables: dict[str, Any]) -> dict[str, Any]:
        if _contains_reference(variables):
            raise ValueError("holds a reference; templates never see secrets, `configuration` is the place for them")
        return variables

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
    domain: ReferenceOrText
    base_url: ReferenceOrText | None = None
    credentials: CredentialsDefinition
    secrets_key: Secret | None = None
    tags: list[str] = Field(default_factory=list)
    variables: dict[str, Any] = Field(default_factory=dict)
    rate_limit: RateLimitDefinition | None = None
    promote_from: str | None = None
    protect: bool = False
    max_change_share: float = Field(default=0.5, gt=0, le=1)
    history: str | None = None
    lint: LintDefinition = Field(default_factory=LintDefinition)
    connections: dict[ConnectionName, Connection] = Field(default_factory=dict)
    actions: dict[str, ActionDefinition] = Field(default_factory=dict)


def _contains_reference(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_contains_reference(item) for item in value.values())
    if isinstance(value, list):
        return any(_contains_reference(item) for item in value)
    return isinstance(value, SecretReference)
