"""Finds every rule there is: those in `deployer/linting/rules/` and those that other distributions offer."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from deployer.errors import DeployerError
from deployer.linting import rules
from deployer.linting.rule import Rule
from deployer.text import did_you_mean, one_line

GROUP = "deployer.lint_rules"
_NEAR = 0.75
_REQUIRED = ("code", "name", "severity", "explanation", "bad", "good", "source")


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return one instance of every rule, by code. Raises DeployerError if two share a code or an entry is no rule."""
    return tuple(_checked([*_own(), *third_party_rules()]))


def own_rules() -> tuple[Rule, ...]:
    """Return the rules of this project only, by code."""
    return tuple(_checked(_own()))


def find_rule(code: str) -> Rule:
    """Find the rule with a code (`DB202`) or a name (`callback-twice`), in any case. Raises DeployerError."""
    sought = code.strip().lower()
    known = all_rules()
    for each in known:
        if sought in {each.code.lower(), each.name}:
            return each
    near = suggest_rule(code, known)
    raise DeployerError(
        f"there is no lint rule '{one_line(code, 60)}'" + (f": {near}" if near else ""),
        hint="`deployer explain` without a code lists them all.",
    )


def suggest_rule(name: str, rules: Iterable[Rule]) -> str | None:
    """Build `did you mean 'DB202'?` for what is nearly a code or name of these; None where nothing is near."""
    known = list(rules)
    # Any two codes have letters in common: more than one wrong sign is another code.
    close = get_close_matches(name.strip().upper(), [each.code for each in known], n=1, cutoff=_NEAR)
    if close:
        return f"did you mean '{close[0]}'?"
    return did_you_mean(name.strip().lower(), [each.name for each in known])


def third_party_rules() -> list[Rule]:
    """Load the rules of the entry point group. Raises DeployerError, with the distribution's name, for what is none."""
    found: list[Rule] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        for made in _load(entry):
            if made.code.upper().startswith("DB"):
                raise _wrong(entry, f"its code {made.code} begins with DB, which is this project's own")
            found.append(made)
    return found


def _own() -> list[Rule]:
    found: list[Rule] = []
    for module in sorted(pkgutil.iter_modules(rules.__path__), key=lambda module: module.name):
        loaded = importlib.import_module(f"{rules.__name__}.{module.name}")
        for _, value in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(value, Rule) and not inspect.isabstract(value) and value.__module__ == loaded.__name__:
                found.append(value())
    return found


def _load(entry: EntryPoint) -> list[Rule]:
    try:
        offered = entry.load()
        made = offered() if callable(offered) else offered
        listed = list(made) if isinstance(made, Iterable) else [made]
        listed = [each() if inspect.isclass(each) else each for each in listed]
    except Exception as error:
        raise _wrong(entry, f"it raises {type(error).__name__}: {error}") from error
    for each in listed:
        if not isinstance(each, Rule):
            raise _wrong(entry, "it gives no rule")
        if missing := [name for name in _REQUIRED if not hasattr(each, name)]:
            raise _wrong(entry, f"{type(each).__name__} does not define `{'`, `'.join(missing)}`")
    return listed


def _wrong(entry: EntryPoint, why: str) -> DeployerError:
    owner = entry.dist.name if entry.dist is not None else "an unknown distribution"
    return DeployerError(
        f"the lint rule '{entry.name}' of {owner} cannot be used: {why}",
        where=f"entry point {GROUP}",
        hint=f"Fix or uninstall {owner}.",
    )


def _checked(found: Iterable[Rule]) -> list[Rule]:
    by_code: dict[str, Rule] = {}
    for each in sorted(found, key=lambda rule: rule.code):
        other = by_code.setdefault(each.code, each)
        if other is not each:
            raise DeployerError(
                f"two lint rules have the code {each.code}: {type(other).__name__} and {type(each).__name__}",
                hint="Give one of them another code.",
            )
    return list(by_code.values())
