"""A plan in, the text out that a person reads before saying yes."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.text import Text

from deployer.planning.differences import AttributeChange
from deployer.planning.former_keys import noted_apart
from deployer.planning.model import Action, Cause, Change, Concern, Plan, SecretChange
from deployer.planning.plan_file import plan_digest
from deployer.reporting.default_template import default_words
from deployer.reporting.format_values import SHORTEST_CUT, line_difference, show_path, show_value
from deployer.reporting.leftovers import leftover_lines, plan_advice
from deployer.reporting.plan_origin import origin_lines
from deployer.reporting.shared_hunks import SharedHunks
from deployer.reporting.terminal import SIGNS, STYLES
from deployer.reporting.value_difference import element_difference, show_both
from deployer.resources.marker import SecretState
from deployer.text import count, one_line

_VERBOSE_CUT = 1_000
_WHOLE = 10_000_000
_NAMED = 3
TITLES = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in place",
    Action.DELETE: "will be deleted",
}
CAUSES = {
    Cause.TEMPLATE: "a changed template",
    Cause.VARIABLE: "a changed variable",
    Cause.DEFINITION: "a changed definition",
    Cause.SECRET: "a changed secret",
    Cause.DRIFT: "drift",
    Cause.VERSION: "another version of deployer",
}
SECRETS = {
    SecretState.ADDED: ("+", "will be set"),
    SecretState.CHANGED: ("~", "has a new value"),
    SecretState.CHANGED_OUTSIDE: ("~", "was changed in the tenant by somebody else, and is set back"),
    SecretState.CHANGED_BOTH: ("~", "has a new value, and was changed in the tenant by somebody else as well"),
    SecretState.UNKNOWN: ("~", "cannot be compared (not noted by this tool, or with another key), and is set again"),
    SecretState.NOT_COMPARED: ("!", "is not compared here: an apply compares it with what the tenant notes"),
    SecretState.ROTATED: ("~", "gets a new value, which is not known here"),
    "known-later": ("+", "will be set to what is known only after an apply"),
    "removed": ("-", "will be removed"),
    "unnamed": ("!", "is in the tenant, and the definition does not name it"),
}


def render_plan(plan: Plan, *, verbose: bool = False, whole: bool = False, saved: bool = False) -> Iterator[Text]:
    """The lines of a plan.

    `verbose` shows new scripts in full, `whole` every value and what is removed as well, and `saved` the digest of a
    plan that is in a file.
    """
    shared = SharedHunks.of(plan.changes)
    yield from origin_lines(plan)
    yield Text(f"Tenant {one_line(plan.tenant.name)} ({one_line(plan.tenant.domain)})", "bold")
    if saved:
        yield Text(f"Plan {plan_digest(plan)}")
    for change in plan.changes:
        if change.action is not Action.NO_OP or change.secrets:
            yield Text("")
            yield from change_lines(change, verbose=verbose, whole=whole, accepted=plan.accepted, shared=shared)
            if words := plan.tests.get(change.address):
                yield Text(f"      tests: {one_line(words)}", "red" if words.startswith("FAILED") else "dim")
    for concern in plan.wide:
        yield Text("")
        yield sign_line("!", f"{_sentence(concern.why)}: {naming(concern, plan.accepted)}")
    yield from leftover_lines(plan.tenant.name, plan.leftovers, plan_advice(plan))
    for words in plan_notes(plan):
        yield Text("")
        yield Text(words, "dim")
    yield Text("")
    yield summary(plan)


def plan_notes(plan: Plan) -> Iterator[str]:
    """What comes with an apply of the plan and is no change of it, a sentence each."""
    apart = noted_apart(plan)
    if apart:
        yield f"Secrets noted under a former key, which an apply notes under the present one: {_named(apart)}."
    if later := [one for one in plan.former_key if one not in apart]:
        yield (
            f"Noted under a former key until they change next, so that this key is needed until then: {_named(later)}."
        )
    if plan.enables_on:
        yield (
            "The tenant enables new applications everywhere (enable_client_connections), those of this plan too on "
            f"connections whose applications are not defined here: {_named(plan.enables_on)}. Nothing is changed there."
        )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(one_line(name, 100) for name in names[:_NAMED]) + more


def summary(plan: Plan) -> Text:
    """`Plan: 1 to create, ...`, or that there is nothing to do."""
    counts = plan.counts()
    unchanged = counts[Action.NO_OP]
    left = f", {len(plan.leftovers)} no longer defined" if plan.leftovers else ""
    if not plan.effective:
        return Text(f"No changes. {count(unchanged, 'resource')} as defined{left}.", "green")
    parts = [
        f"{counts[action]} to {verb}"
        for action, verb in ((Action.CREATE, "create"), (Action.UPDATE, "update"), (Action.DELETE, "delete"))
        if counts[action]
    ]
    return Text(f"Plan: {', '.join(parts)}{f', {unchanged} unchanged' if unchanged else ''}{left}.", "bold")


def cause_words(change: Change) -> str:
    """Why something is changed: `a changed template and drift`."""
    *first, last = (CAUSES[cause] for cause in change.causes)
    return f"{', '.join(first)} and {last}" if first else last


def naming(concern: Concern, accepted: Collection[str]) -> str:
    """That a concern is still to be named before an apply, or was when the plan was made."""
    return f"{'accepted by' if concern.name in accepted else 'needs'} {concern.option}"


def change_lines(
    change: Change,
    *,
    verbose: bool = False,
    whole: bool = False,
    accepted: Collection[str] = (),
    shared: SharedHunks | None = None,
) -> Iterator[Text]:
    """One change: a line with its address, then what is below it: attributes at column 4, texts at column 8.

    What is `shared` with other scripts of the plan is shown with the first of them.
    """
    sign = SIGNS[change.action]
    title = TITLES.get(change.action, "stays as it is")
    yield Text.assemble((f"{sign} ", STYLES[sign]), (one_line(change.address), "bold"), f" {title}")
    if change.causes:
        yield Text(f"    because of {cause_words(change)}", "dim")
    width = min(48, max((len(show_path(attribute.path)) for attribute in change.attributes), default=0))
    if change.depends_on:
        yield Text(f"    after {one_line(', '.join(change.depends_on), 400)}", "dim")
    for attribute in change.attributes:
        hunks = shared.hunks(change.address, attribute) if shared and attribute.is_text else None
        yield from attribute_lines(attribute, width, verbose=verbose, whole=whole, hunks=hunks)
    for secret in change.secrets:
        yield _secret(secret)
    for concern in change.concerns:
        yield sign_line("!", f"{_sentence(concern.why)}: {naming(concern, accepted)}")
    for note in change.irreversible:
        yield sign_line("!", f"Cannot be undone: {one_line(note, 400)}")


def attribute_lines(
    attribute: AttributeChange,
    width: int,
    sides: tuple[str, str] = ("live", "planned"),
    *,
    verbose: bool = False,
    whole: bool = False,
    hunks: Sequence[str] | None = None,
) -> Iterator[Text]:
    """One attribute; below a text or a long list stands what differs, below a new text itself, where `verbose`.

    `whole`: nothing is cut. `hunks` are shown as what differs in a text, where they are given.
    """
    path = show_path(attribute.path)
    sign = SIGNS[attribute.action]
    limit = _WHOLE if whole else _VERBOSE_CUT if verbose else SHORTEST_CUT
    default = default_words(attribute, sides)
    if attribute.is_text and (attribute.action == "change" or whole or (verbose and attribute.action == "add")):
        before, after = str(attribute.before or ""), str(attribute.after or "")
        lines = line_difference(before, after, path, sides)[2:]
        yield sign_line(sign, f"{path.ljust(width)}  {_extent(lines)}{default}")
        yield from _below(lines if hunks is None else hunks)
    elif attribute.action == "add":
        yield sign_line(sign, f"{path.ljust(width)}  {show_value(attribute.after, limit)}{default}")
    elif attribute.action == "remove":
        yield sign_line(sign, f"{path.ljust(width)}  {show_value(attribute.before, limit)}{default}")
    elif elements := element_difference(attribute.before, attribute.after, verbose=verbose):
        yield sign_line(sign, f"{path.ljust(width)}  {elements.words}")
        yield from _below(elements.lines)
    else:
        one, other = show_both(attribute.before, attribute.after, limit)
        yield sign_line(sign, f"{path.ljust(width)}  {one} -> {other}")


def _extent(lines: Sequence[str]) -> str:
    if not lines:
        return "only how the last line ends"
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return f"{added} added, {removed} removed {'line' if removed == 1 else 'lines'}"


def _below(lines: Iterable[str]) -> Iterator[Text]:
    for line in lines:
        # Code stays as it is: a terminal breaks it where it must, and it can be copied.
        yield Text(f"        {line}", STYLES.get(line[:1], ""), no_wrap=True)


def _sentence(text: str) -> str:
    return one_line(text[:1].upper() + text[1:], 400)


def _secret(secret: SecretChange) -> Text:
    sign, words = SECRETS[secret.state]
    return sign_line(sign, f"secret {one_line(secret.name)} {words}")


def sign_line(sign: str, text: str) -> Text:
    """An indented line that begins with a coloured sign."""
    return Text.assemble((f"    {sign} ", STYLES[sign]), text)
