"""Tells how a run has left every resource of its plan, so that what others change later is seen.

Noted after the end of a deployment (`Inventory.leave`), and dropped before the first write of the next one.
"""

from deployer.applying.apply import Run
from deployer.digests import digest
from deployer.planning.identity import identities_of
from deployer.planning.model import Action, Plan
from deployer.state.inventory import FinalState, Identity


def touched(plan: Plan) -> list[str]:
    """Find what the plan changes: as it was left before is not how it will be left."""
    return [change.address for change in plan.effective]


def states_after(run: Run, plan: Plan) -> dict[str, FinalState]:
    """Tell how everything of a plan was left, as far as the run itself has written it, or left it alone."""
    written = {
        change.address: FinalState(digest=digest(run.live[change.address].comparable()), read=change.read)
        for change in plan.effective
        if change.address in run.written
    }
    return {**unchanged(plan), **written}


def identified_by(run: Run, plan: Plan) -> dict[str, Identity]:
    """Tell for whom everything of a plan was deployed, and its id, that of what the run has created included."""
    found = identities_of(plan, deployed=True)
    return {
        address: one.model_copy(update={"id": run.live[address].id if address in run.written else one.id})
        for address, one in found.items()
    }


def unchanged(plan: Plan) -> dict[str, FinalState]:
    """Tell how everything is that a plan leaves as it is; not what it leaves although it is not as defined."""
    return {
        change.address: FinalState(digest=change.live_digest, read=change.read)
        for change in plan.changes
        if change.action is Action.NO_OP and change.live_digest is not None and not change.secrets
    }
