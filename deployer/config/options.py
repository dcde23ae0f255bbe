"""Lists every option of a database connection that Auth0 documents: names, types, the words that are taken.

What is checked offline and what editors are told both come from `OPTIONS`. Facts: the Management API's pages for
creating and changing a connection (https://auth0.com/docs/api/management/v2/connections/post-connections and
.../patch-connections-by-id) and recorded traffic of it. Options that follow from other keys of a definition (scripts,
`configuration`, import mode) are not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Type = Literal["flag", "number", "text", "list", "map"]


@dataclass(frozen=True, slots=True)
class Option:
    """What one option takes. `least` and `most` bound a number, the length of a text or how many items a list has.

    `keys` are those of a map; `is_open` says that it may have any others. `nullable`: `null` stands for "not set".
    """

    type: Type
    about: str = ""
    words: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    item: "Option | None" = None
    unique: bool = False
    keys: "Mapping[str, Option]" = field(default_factory=dict)
    is_open: bool = False
    nullable: bool = False


def _flag(about: str) -> Option:
    return Option("flag", about)


def _word(about: str, *words: str, nullable: bool = False) -> Option:
    return Option("text", about, words, nullable=nullable)


def _number(about: str, least: float | None = None, most: float | None = None, *, nullable: bool = False) -> Option:
    return Option("number", about, least=least, most=most, nullable=nullable)


def _list(
    about: str,
    *words: str,
    longest: int | None = None,
    most: int | None = None,
    least: int | None = None,
    nullable: bool = False,
) -> Option:
    item = Option("text", words=words, most=longest)
    return Option("list", about, item=item, unique=bool(words), least=least, most=most, nullable=nullable)


def _map(about: str, *, nullable: bool = False, is_open: bool = False, **keys: Option) -> Option:
    return Option("map", about, keys=MappingProxyType(keys), nullable=nullable, is_open=is_open)


_REQUIRED = _flag("Every profile must have it.")
_STATUS = _word("Whether people give it when they sign up.", "required", "optional", "inactive")
_VERIFIED_SIGNUP = _map(
    "How it is asked for at sign-up.",
    status=_STATUS,
    verification=_map("Whether it is verified then.", active=_flag("It is verified at sign-up.")),
)
_ACTIVE = _flag("People can log in with it.")

_ATTRIBUTES = _map(
    "What people can log in with (flexible identifiers); excludes requires_username and validation.",
    nullable=True,
    email=_map(
        "E-mail addresses.",
        identifier=_map(
            "Logging in with it.",
            active=_ACTIVE,
            default_method=_word("The method that is offered first.", "password", "email_otp"),
        ),
        profile_required=_REQUIRED,
        unique=_flag("No two users have the same; cannot be changed once it is set."),
        verification_method=_word("How it is verified.", "link", "otp"),
        signup=_VERIFIED_SIGNUP,
    ),
    username=_map(
        "Usernames.",
        identifier=_map("Logging in with it.", active=_ACTIVE),
        profile_required=_REQUIRED,
        signup=_map("How it is asked for at sign-up.", status=_STATUS),
        validation=_map(
            "What a username may be.",
            min_length=_number("Characters at least.", 1),
            max_length=_number("Characters at most.", 1, 128),
            allowed_types=_map(
                "What else may stand there.",
                email=_flag("An e-mail address is a username."),
                phone_number=_flag("A phone number is a username."),
            ),
        ),
    ),
    phone_number=_map(
        "Phone numbers.",
        identifier=_map(
            "Logging in with it.",
            active=_ACTIVE,
            default_method=_word("The method that is offered first.", "password", "phone_otp"),
        ),
        profile_required=_REQUIRED,
        signup=_VERIFIED_SIGNUP,
    ),
)

_PASSWORD_OPTIONS = _map(
    "The Flexible Password Policy; excludes passwordPolicy and the other older password options.",
    nullable=True,
    complexity=_map(
        "What a password must be.",
        min_length=_number("Characters at least.", 1, 72),
        character_types=_list("Kinds of characters.", "uppercase", "lowercase", "number", "special"),
        character_type_rule=_word("How many of the kinds are needed.", "all", "three_of_four"),
        identical_characters=_word("More than two of the same in a row.", "allow", "block"),
        sequential_characters=_word("Characters in sequence, such as abc.", "allow", "block"),
        max_length_exceeded=_word("What happens to a password that is too long.", "truncate", "error"),
    ),
    profile_data=_map(
        "Passwords that hold parts of the profile.",
        active=_flag("They are refused."),
        blocked_fields=_list("Which fields of the profile.", longest=100, most=12),
    ),
    history=_map(
        "Passwords that were used before.",
        active=_flag("They are refused."),
        size=_number("How many are remembered.", 1, 24),
    ),
    dictionary=_map(
        "Common passwords.",
        active=_flag("They are refused."),
        custom=_list("Further words that are refused.", longest=50, most=200),
        default=_word("Which list of them.", "en_10k", "en_100k"),
    ),
)

LEGACY_PASSWORD = (
    "passwordPolicy",
    "password_complexity_options",
    "password_history",
    "password_no_personal_info",
    "password_dictionary",
)
"""The older password options; the tenant takes them or `password_options`."""

OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "attributes": _ATTRIBUTES,
        "precedence": _list(
            "In which order identifiers are tried.", "email", "phone_number", "username", least=1, most=3
        ),
        "requires_username": _flag("People have a username beside their e-mail address."),
        "validation": _map(
            "What a username may be, where requires_username is on.",
            nullable=True,
            username=_map(
                "Its length.",
                nullable=True,
                min=_number("Characters at least.", 1),
                max=_number("Characters at most.", 1, 128),
            ),
        ),
        "authentication_methods": _map(
            "How people log in.",
            nullable=True,
            password=_map(
                "With a password.",
                enabled=_flag("They can."),
                api_behavior=_word("Whether a password is needed to create a user by the API.", "required", "optional"),
                signup_behavior=_word("Whether people sign up with one.", "allow", "block"),
            ),
            passkey=_map("With a passkey.", enabled=_flag("They can.")),
            email_otp=_map("With a code by e-mail.", enabled=_flag("They can.")),
            phone_otp=_map("With a code by text message.", enabled=_flag("They can.")),
        ),
        "passkey_options": _map(
            "How passkeys are offered.",
            nullable=True,
            challenge_ui=_word("Where.", "both", "autofill", "button"),
            progressive_enrollment_enabled=_flag("People who have a password are asked for a passkey."),
            local_enrollment_enabled=_flag("People who came with another device's passkey are asked for one here."),
        ),
        "password_options": _PASSWORD_OPTIONS,
        "passwordPolicy": _word(
            "The older password policy.", "none", "low", "fair", "good", "excellent", nullable=True
        ),
        "password_complexity_options": _map(
            "Beside passwordPolicy.", nullable=True, min_length=_number("Characters at least.", 1, 128)
        ),
        "password_history": _map(
            "Passwords that were used before.",
            nullable=True,
            enable=_flag("They are refused."),
            size=_number("How many are remembered.", 0, 24),
        ),
        "password_no_personal_info": _map(
            "Passwords that hold parts of the profile.", nullable=True, enable=_flag("They are refused.")
        ),
        "password_dictionary": _map(
            "Common passwords.",
            nullable=True,
            enable=_flag("They are refused."),
            dictionary=_list("Further words that are refused.", longest=50, most=200),
        ),
        "custom_password_hash": _map(
            "An Action that checks passwords of another hash.",
            nullable=True,
            action_id=Option("text", "The id of the Action, trigger password-hash-migration."),
        ),
        "brute_force_protection": _flag("Logins that fail again and again are blocked."),
        "disable_signup": _flag("Nobody signs up by themselves."),
        "disable_self_service_change_password": _flag("Nobody changes a password by themselves."),
        "enable_script_context": _flag("Scripts get a context; cannot be turned off again."),
        "mfa": _map(
            "Multi-factor authentication.",
            nullable=True,
            active=_flag("It is asked for."),
            return_enroll_settings=_flag("Answers to API logins say how to enrol."),
        ),
        "non_persistent_attrs": _list("Fields of the profile that Auth0 does not keep.", nullable=True),
        "realm_fallback": _flag("The realm is looked for in other connections as well."),
        "set_user_root_attributes": _word(
            "When fields at the root of the profile are set from the store.",
            "on_each_login",
            "on_first_login",
            "never_on_login",
            nullable=True,
        ),
        "strategy_version": _number("The version of the strategy, which the tenant sets.", nullable=True),
        "upstream_params": _map("Parameters that go on to an identity provider.", nullable=True, is_open=True),
    }
)


def options_schema() -> dict[str, Any]:
    """Build the JSON Schema (draft 7) of `options`; names that are not in it may be written as well.

    It refers to `#/$defs/removed` and `#/$defs/expression`, since any value may be `!remove` or an expression.
    """
    return _schema(Option("map", keys=OPTIONS))


_JSON_TYPES = {"flag": "boolean", "number": "number", "text": "string", "list": "array", "map": "object"}
_BOUNDS = {"number": ("minimum", "maximum"), "text": ("minLength", "maxLength"), "list": ("minItems", "maxItems")}


def _schema(option: Option) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _JSON_TYPES[option.type]}
    if option.words:
        schema["enum"] = list(option.words)
    bounds = zip(_BOUNDS.get(option.type, ()), (option.least, option.most), strict=False)
    schema |= {name: bound for name, bound in bounds if bound is not None}
    if option.item is not None:
        schema["items"] = _or_expression(_schema(option.item))
    if option.keys:
        schema["properties"] = {
            name: {
                "description": below.about,
                "anyOf": [*_or_expression(_schema(below), nullable=below.nullable)["anyOf"], {"$ref": _REMOVED}],
            }
            for name, below in option.keys.items()
        }
    return schema


_REMOVED = "#/$defs/removed"


def _or_expression(schema: dict[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    choices = [schema, {"type": "null"}] if nullable else [schema]
    if schema["type"] not in {"object", "array"}:  # an expression is text, and never becomes one of these
        choices.append({"$ref": "#/$defs/expression"})
    return {"anyOf": choices}
