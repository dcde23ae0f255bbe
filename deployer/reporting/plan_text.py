"""Writes a plan as the lines that a person reads before saying yes."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.text import Text

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Plan, SecretChange
from deployer.planning.plan_file import plan_digest
from deployer.reporting.format_values import (
    SHORTEST_CUT,
    SIGNS,
    default_template_text,
    line_difference,
    show_path,
    show_value,
)
from deployer.reporting.leftovers import leftover_lines, plan_advice
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_wording import (
    SECRETS,
    TITLES,
    acceptance_text,
    cause_text,
    missing_from_release,
    origin_title,
    plan_notes,
    summary_text,
)
from deployer.reporting.shared_hunks import SharedHunks
from deployer.reporting.theme import SIGN_STYLES
from deployer.reporting.value_difference import element_difference, show_both
from deployer.text import one_line

_VERBOSE_CUT = 1_000
_WHOLE = 10_000_000
_WIDEST_PATH = 48
_DEFAULTS = PlanDetail()


def plan_text(plan: Plan, detail: PlanDetail = _DEFAULTS) -> Iterator[Text]:
    """Write where the plan comes from, its changes in the order of an apply, what is left over, and the totals."""
    shared = SharedHunks.of(plan.changes)
    yield from _origin(plan)
    yield Text(f"Tenant {one_line(plan.tenant.name)} ({one_line(plan.tenant.domain)})", "strong")
    if detail.saved:
        yield Text(f"Plan {plan_digest(plan)}")
    for change in plan.changes:
        if change.action is not Action.NO_OP or change.secrets:
            yield Text("")
            yield from change_lines(change, detail, accepted=plan.accepted, shared=shared)
            if tests := plan.tests.get(change.address):
                yield Text(f"      tests: {one_line(tests)}", "error" if tests.startswith("FAILED") else "muted")
    for concern in plan.wide:
        yield Text("")
        yield sign_line("!", f"{_sentence(concern.why)}: {acceptance_text(concern, plan.accepted)}")
    yield from leftover_lines(plan.tenant.name, plan.leftovers, plan_advice(plan))
    for note in plan_notes(plan):
        yield Text("")
        yield Text(note, "muted")
    yield Text("")
    yield Text(summary_text(plan), "strong" if plan.effective else "success")


def _origin(plan: Plan) -> Iterator[Text]:
    """Name the release, connections without tests, and every value that is another one in the target; or nothing."""
    if plan.origin is None:
        return
    yield Text(origin_title(plan), "strong")
    for name in plan.origin.untested:
        yield Text(f"  ! connection.{one_line(name)} defines no contract tests", "warning")
    for address, why in missing_from_release(plan).items():
        yield Text.assemble(("  ! ", "warning"), (address, "strong"), f" {why}")
    yield Text("")
    if plan.origin.command == "promote":
        yield from value_lines(plan)
        yield Text("")


def value_lines(plan: Plan) -> Iterator[Text]:
    """List in what the values of a promotion's two tenants differ."""
    if plan.origin is None:
        return
    source, values = one_line(plan.origin.source or "?"), plan.origin.values
    yield Text(f"Values of {one_line(plan.tenant.name)} that are others than those of {source}:", "strong")
    width = path_width(values)
    for value in values:
        one, other = _sides(value)
        yield Text(f"    {show_path(value.path).ljust(width)}  {one} -> {other}")
    if not values:
        yield Text("    none")


def change_lines(
    change: Change,
    detail: PlanDetail = _DEFAULTS,
    *,
    accepted: Collection[str] = (),
    shared: SharedHunks | None = None,
) -> Iterator[Text]:
    """Write a line with the change's address, then what is below it: attributes at column 4, texts at column 8.

    What is `shared` with other scripts of the plan is shown with the first of them.
    """
    sign = SIGNS[change.action]
    title = TITLES.get(change.action, "stays as it is")
    yield Text.assemble((f"{sign} ", SIGN_STYLES[sign]), (one_line(change.address), "strong"), f" {title}")
    if change.causes:
        yield Text(f"    because of {cause_text(change)}", "muted")
    if change.depends_on:
        yield Text(f"    after {one_line(', '.join(change.depends_on), 400)}", "muted")
    width = path_width(change.attributes)
    for attribute in change.attributes:
        hunks = shared.hunks(change.address, attribute) if shared and attribute.is_text else None
        yield from attribute_lines(attribute, width, detail=detail, hunks=hunks)
    for secret in change.secrets:
        yield _secret(secret)
    for concern in change.concerns:
        yield sign_line("!", f"{_sentence(concern.why)}: {acceptance_text(concern, accepted)}")
    for note in change.irreversible:
        yield sign_line("!", f"Cannot be undone: {one_line(note, 400)}")


def path_width(attributes: Iterable[AttributeChange]) -> int:
    """Return how wide the column of the attributes' paths is: as its widest, within reason."""
    return min(_WIDEST_PATH, max((len(show_path(attribute.path)) for attribute in attributes), default=0))


def attribute_lines(
    attribute: AttributeChange,
    width: int,
    sides: tuple[str, str] = ("live", "planned"),
    *,
    detail: PlanDetail = _DEFAULTS,
    hunks: Sequence[str] | None = None,
) -> Iterator[Text]:
    """Write one attribute; below a text or a long list stands what differs, below a new text, where asked for, itself.

    Args:
        attribute: what changes.
        width: of the column of paths, in characters.
        sides: the names of what is before and after.
        detail: how much is shown.
        hunks: the lines shown as what differs in a text, where others than those of its difference.
    """
    path = show_path(attribute.path).ljust(width)
    sign = SIGNS[attribute.action]
    limit = _WHOLE if detail.whole else _VERBOSE_CUT if detail.verbose else SHORTEST_CUT
    default = default_template_text(attribute, sides)
    if attribute.is_text and _shows_lines(attribute, detail):
        before, after = str(attribute.before or ""), str(attribute.after or "")
        lines = line_difference(before, after, path, sides)[2:]
        yield sign_line(sign, f"{path}  {_extent(lines)}{default}")
        yield from _below(lines if hunks is None else hunks)
    elif attribute.action == "add":
        yield sign_line(sign, f"{path}  {show_value(attribute.after, limit)}{default}")
    elif attribute.action == "remove":
        yield sign_line(sign, f"{path}  {show_value(attribute.before, limit)}{default}")
    elif elements := element_difference(attribute.before, attribute.after, verbose=detail.verbose):
        yield sign_line(sign, f"{path}  {elements.summary}")
        yield from _below(elements.lines)
    else:
        one, other = show_both(attribute.before, attribute.after, limit)
        yield sign_line(sign, f"{path}  {one} -> {other}")


def sign_line(sign: str, text: str) -> Text:
    """Make an indented line that begins with a coloured sign."""
    return Text.assemble((f"    {sign} ", SIGN_STYLES[sign]), text)


def _shows_lines(attribute: AttributeChange, detail: PlanDetail) -> bool:
    return attribute.action == "change" or detail.whole or (detail.verbose and attribute.action == "add")


def _extent(lines: Sequence[str]) -> str:
    if not lines:
        return "only how the last line ends"
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return f"{added} added, {removed} removed {'line' if removed == 1 else 'lines'}"


def _below(lines: Iterable[str]) -> Iterator[Text]:
    for line in lines:
        # Code stays as it is: a terminal breaks it where it must, and it can be copied.
        yield Text(f"        {line}", SIGN_STYLES.get(line[:1], ""), no_wrap=True)


def _sentence(text: str) -> str:
    return one_line(text[:1].upper() + text[1:], 400)


def _secret(secret: SecretChange) -> Text:
    sign, words = SECRETS[secret.state]
    return sign_line(sign, f"secret {one_line(secret.name)} {words}")


def _sides(value: AttributeChange) -> tuple[str, str]:
    if value.before is None or value.after is None:
        one, other = (show_value(side) if side is not None else "-" for side in (value.before, value.after))
        return one, other
    return show_both(value.before, value.after)
