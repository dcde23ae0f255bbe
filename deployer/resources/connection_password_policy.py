"""Tells how strong the passwords are that a connection's options ask for, whichever family of fields says so.

The old policies and their minimum lengths: https://auth0.com/docs/authenticate/database-connections/password-strength;
the newer one: https://auth0.com/docs/authenticate/database-connections/flexible-password-policy, which says too that
the old fields are ignored beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployer.auth0_defaults import PASSWORD_OPTIONS, POLICY_LEVELS

_DICTIONARIES = {"en_10k": 10_000, "en_100k": 100_000}
_PERSONAL_FIELDS = 8
"""How many fields of a profile `password_no_personal_info` blocks."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What is asked of a new password.

    `min_length` counts characters, `characters` the kinds of them that must be there (0 to 4), `history` the former
    passwords that are refused, `dictionary` the common words, `custom_words` those of one's own, `personal` the fields
    of the profile. `identical` and `sequential` say whether such rows of characters are refused.
    """

    min_length: int
    characters: int = 0
    identical: bool = False
    sequential: bool = False
    history: int = 0
    dictionary: int = 0
    custom_words: int = 0
    personal: int = 0

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "PasswordPolicy":
        """Find the policy that is in force with these options."""
        new = options.get(PASSWORD_OPTIONS)
        return _new(new) if isinstance(new, Mapping) else _old(options)

    def weaker_than(self, other: "PasswordPolicy") -> Iterator[str]:
        """Say in what this policy asks for less than the other one, but for the length."""
        if self.min_length <= other.min_length and self.characters < other.characters:
            yield f"{self.characters} kinds of characters instead of {other.characters}"
        rows = (("identical", self.identical, other.identical), ("sequential", self.sequential, other.sequential))
        yield from (f"{what} characters in a row are allowed" for what, now, before in rows if before and not now)
        if self.history < other.history:
            yield f"the last {self.history} passwords are refused instead of {other.history}"
        if self.dictionary < other.dictionary or self.custom_words < other.custom_words:
            yield "fewer common words are refused"
        if self.personal < other.personal:
            yield "less of the user's own data is refused"


def _new(given: Mapping[str, Any]) -> PasswordPolicy:
    complexity, history = _part(given, "complexity"), _part(given, "history")
    dictionary, profile = _part(given, "dictionary"), _part(given, "profile_data")
    types = len(complexity.get("character_types") or [])
    return PasswordPolicy(
        min_length=_number(complexity.get("min_length"), 1),
        characters=min(types, 3) if complexity.get("character_type_rule") == "three_of_four" else types,
        identical=complexity.get("identical_characters") == "block",
        sequential=complexity.get("sequential_characters") == "block",
        history=_number(history.get("size"), 0) if history.get("active") else 0,
        dictionary=_DICTIONARIES.get(str(dictionary.get("default")), 0) if dictionary.get("active") else 0,
        custom_words=len(dictionary.get("custom") or []) if dictionary.get("active") else 0,
        personal=len(profile.get("blocked_fields") or []) if profile.get("active") else 0,
    )


def _old(options: Mapping[str, Any]) -> PasswordPolicy:
    level = POLICY_LEVELS.get(str(options.get("passwordPolicy") or "none"), POLICY_LEVELS["none"])
    history, dictionary = _part(options, "password_history"), _part(options, "password_dictionary")
    return PasswordPolicy(
        min_length=_number(_part(options, "password_complexity_options").get("min_length"), level.min_length),
        characters=level.required_types,
        identical=level.identical_characters == "block",
        history=_number(history.get("size"), 0) if history.get("enable") else 0,
        dictionary=_DICTIONARIES["en_10k"] if dictionary.get("enable") else 0,
        custom_words=len(dictionary.get("dictionary") or []) if dictionary.get("enable") else 0,
        personal=_PERSONAL_FIELDS if _part(options, "password_no_personal_info").get("enable") else 0,
    )


def _part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = value.get(key)
    return part if isinstance(part, Mapping) else {}


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
