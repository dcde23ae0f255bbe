"""Refuses a plan with concerns that the user has not named."""

from deployer.errors import RefusedError
from deployer.planning.model import Plan
from deployer.text import count, one_line


def check_allowed(plan: Plan, allowed: frozenset[str]) -> None:
    """Refuse a plan with concerns that nobody has named.

    Raises:
        RefusedError: with the options that name them.
    """
    open_concerns = [concern for concern in plan.concerns if concern.name not in allowed]
    if open_concerns:
        lines = "".join(f"\n  {one_line(each.address)}: {one_line(each.why, 600)}." for each in open_concerns)
        options = " ".join(concern.option for concern in open_concerns)
        raise RefusedError(
            f"{count(len(open_concerns), 'change needs', 'changes need')} to be named before an apply:{lines}\n",
            hint=f"Nothing was changed. If this is what you want, add: {options}",
        )
