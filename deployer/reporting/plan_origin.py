"""A plan in, the lines out that say which release it comes from, and in what a promotion's values differ."""

from collections.abc import Iterator

from rich.text import Text

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Origin, Plan
from deployer.reporting.format_values import show_path, show_value
from deployer.reporting.value_difference import show_both
from deployer.state.releases import short_id
from deployer.text import one_line


def origin_title(plan: Plan) -> str:
    """`Release 0123456789ab, as staging runs it`; empty for a plan of the working tree."""
    if plan.origin is None:
        return ""
    release = one_line(short_id(plan.release or "?"))
    if plan.origin.command == "rollback":
        return f"Back to the release {release}"
    return f"Release {release}, {origin_words(plan.origin)}"


def origin_words(origin: Origin) -> str:
    """Where a release comes from, without its name: `as staging runs it`."""
    return "a roll-back" if origin.command == "rollback" else f"as {one_line(origin.source or '?')} runs it"


def origin_lines(plan: Plan) -> Iterator[Text]:
    """The release, connections without tests, and every value that is another one in the target; or nothing."""
    if plan.origin is None:
        return
    yield Text(origin_title(plan), "bold")
    for name in plan.origin.untested:
        yield Text(f"  ! connection.{one_line(name)} defines no contract tests", "yellow")
    for address, words in left_out(plan).items():
        yield Text.assemble(("  ! ", "yellow"), (address, "bold"), f" {words}")
    yield Text("")
    if plan.origin.command == "promote":
        yield from value_lines(plan)
        yield Text("")


def left_out(plan: Plan) -> dict[str, str]:
    """By address, in words, what the tenant's own file defines and the release cannot make."""
    found = plan.origin.left_out.items() if plan.origin else ()
    return {
        one_line(address): f"is left as it is: its file makes it of {one_line(lacking, 300)}, which this release lacks"
        for address, lacking in found
    }


def value_lines(plan: Plan) -> Iterator[Text]:
    """In what the values of a promotion's two tenants differ."""
    if plan.origin is None:
        return
    source, values = one_line(plan.origin.source or "?"), plan.origin.values
    yield Text(f"Values of {one_line(plan.tenant.name)} that are others than those of {source}:", "bold")
    width = min(48, max((len(show_path(value.path)) for value in values), default=0))
    for value in values:
        one, other = _sides(value)
        yield Text(f"    {show_path(value.path).ljust(width)}  {one} -> {other}")
    if not values:
        yield Text("    none")


def _sides(value: AttributeChange) -> tuple[str, str]:
    if value.before is None or value.after is None:
        one, other = (show_value(side) if side is not None else "-" for side in (value.before, value.after))
        return one, other
    return show_both(value.before, value.after)
