"""Words what no definition names any more and the tenant still has, and what removes it."""

import shlex
from collections.abc import Iterator, Sequence

from rich.text import Text

from deployer.planning.model import Leftover, Plan
from deployer.reporting.theme import SIGN_STYLES
from deployer.text import one_line

TITLE = "No longer defined, still in the tenant"
ADVICE = "Nothing deletes them but `destroy`. What is to be managed again is defined again."
APPLY_FIRST = "Apply the plan before you delete one: what runs until then may need it."
_SHOWN = 3


def plan_advice(plan: Plan) -> str:
    """Say what to do about the leftovers of a plan; nothing where each says it itself."""
    if all(one.option is not None for one in plan.leftovers):
        return ""
    return f"{ADVICE} {APPLY_FIRST}" if plan.effective else ADVICE


def leftover_lines(tenant: str, leftovers: Sequence[Leftover], advice: str = ADVICE) -> Iterator[Text]:
    """List leftovers below a title; no line where there are none."""
    if not leftovers:
        return
    yield Text("")
    yield Text(f"{TITLE}:", "strong")
    for one in leftovers:
        sign = ("    ! ", SIGN_STYLES["!"])
        yield Text.assemble(sign, (one_line(one.name), "strong"), f": {leftover_text(tenant, one)}")
    if any(one.option is None for one in leftovers):
        yield Text(f"    {advice}", "muted")


def leftover_text(tenant: str, one: Leftover) -> str:
    """Say what removes a leftover and what goes with it, or why it cannot be told whether it is there."""
    if one.unknown is not None:
        return f"whether it is still there cannot be seen: {one_line(one.unknown, 200)}"
    if one.option is not None:
        inside = "".join(f"{{{one_line(part, 60)}: " for part in one.option)
        return f"`options: {inside}!remove {'}' * len(one.option)}` in the definition takes it out"
    command = f"`deployer destroy {one_line(shlex.quote(tenant))} {one_line(shlex.quote(one.address))}` removes it"
    return f"{command}; {one_line(one.loses)}" if one.loses else command


def leftover_sentence(tenant: str, one: Leftover) -> str:
    """Say the same, without the address, in a place that has no title."""
    where = "" if one.unknown is not None else "still in the tenant: "
    return f"no longer defined, {where}{leftover_text(tenant, one)}"


def with_leftovers(summary: str, leftovers: Sequence[Leftover]) -> str:
    """Add the addresses of leftovers to one line about a tenant."""
    if not leftovers:
        return summary
    more = f" and {len(leftovers) - _SHOWN:,} more" if len(leftovers) > _SHOWN else ""
    named = ", ".join(one_line(one.name, 100) for one in leftovers[:_SHOWN])
    return f"{summary}; no longer defined: {named}{more}"
