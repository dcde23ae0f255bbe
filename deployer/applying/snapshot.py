"""Keeps the tenant as it is before the first write: a plan and the live states that it touches, without secrets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deployer.errors import DeployerError
from deployer.planning.model import Plan
from deployer.resources.model import Live, Saved

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The plan of an apply, the name of its run, and every resource that it changes as it was before."""

    plan: Plan
    run: str
    before: Mapping[str, Saved]

    @classmethod
    def of(cls, plan: Plan, run: str, live: Mapping[str, Live]) -> "Snapshot":
        """Keep the live states that the plan's changes touch."""
        touched = {change.address for change in plan.effective}
        return cls(plan, run, {address: Saved.of(one) for address, one in live.items() if address in touched})

    def as_json(self) -> dict[str, Any]:
        """Return JSON values, for the store."""
        return {
            "format": FORMAT,
            "run": self.run,
            "plan": self.plan.model_dump(mode="json"),
            "before": {address: asdict(saved) for address, saved in self.before.items()},
        }

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Snapshot":
        """Read what `as_json` wrote. Raises DeployerError for anything else."""
        try:
            if value["format"] != FORMAT:
                raise ValueError(value["format"])
            before = {address: Saved(**saved) for address, saved in value["before"].items()}
            return cls(Plan.model_validate(value["plan"]), str(value["run"]), before)
        except (KeyError, TypeError, ValueError) as error:
            raise DeployerError(
                "the snapshot cannot be read by this version of deployer",
                where=where,
                hint="Use the version that made it.",
            ) from error
