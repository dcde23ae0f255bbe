"""Puts a project, a local tenant and a saved plan back in milliseconds, for many applies in a row."""

import copy
import functools
import operator
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from deployer.management.retry_policy import RetryPolicy
from deployer.management.tokens import TokenSource
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.weather import Passing
from deployer.state.state_store import StateStore
from tests.support.applying.definitions import write_tiny_store
from tests.support.applying.somebody import Somebody, others
from tests.support.applying.whole_tenant import everything

QUICK = RetryPolicy(attempts=3, connects=2, first_pause=0.005, longest_pause=0.01, throttled=30.0)


@dataclass
class Arena:
    """What a fault matrix plays in. `before` and `after` are the tenant without and with the plan."""

    project: Any
    tenant: LocalTenant
    planfile: Path
    dump: dict[str, Any]
    store: Path
    kept: Path
    command: tuple[str, ...]
    named: ClassVar[tuple[str, ...]] = (
        "--allow",
        "closes-login:connection.first/clients/Web App",
        "--allow",
        "weakens-password-policy:connection.first",
    )
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    dump_after: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        """The tenant and the store as they were before the apply; fair weather; no token in memory."""
        self.tenant.weather.clear()
        self.tenant.state.storage.restore(self.dump)
        shutil.rmtree(self.store)
        shutil.copytree(self.kept, self.store)
        forget_tokens()

    def apply(self) -> Any:
        """Run the command of this arena, `apply` unless it is another one."""
        return self.project.run(*self.command)

    def unexplained(self, said: str) -> bool:
        """Whether the command says that something stands that is no value of a secret."""
        return "stands:" in LOST.sub("", said)

    def rehearse(self) -> None:
        """Play the command once without a fault: its requests, and the tenant after it."""
        self.reset()
        self.requests.clear()

        def note(passing: Passing) -> None:
            if passing.phase == "before":
                self.requests.append(f"{passing.method} {passing.path}")

        self.tenant.weather.on_request = note
        ran = self.apply()
        assert ran.code == 0, ran.all
        self.after, self.dump_after = self.state(), self.tenant.state.storage.dump()
        assert self.after != self.before
        self.reset()
        assert self.state() == self.before

    def taken_back(self, said: str) -> dict[str, Any]:
        """The tenant as it was, but for the secrets of which the command has said that their value stands."""
        expected = copy.deepcopy(self.before)
        for address, name, end in LOST.findall(said):
            path = secret_path(address, name)
            if path is None:
                continue
            *parents, last = path
            place, planned = (functools.reduce(operator.getitem, parents, tree) for tree in (expected, self.after))
            if end == "it is gone":
                del place[last]
                continue
            assert place[last] != planned[last], f"{address} {name} is not changed, and is said to be lost"
            place[last] = planned[last]
        return expected

    def recover(self, *arguments: str) -> Any:
        self.tenant.weather.clear()
        named = [
            f"--confirm={address.replace('/', '.', 1)}"
            for address in self.before | self.after
            if "connection/" in address
        ]
        return self.project.run("recover", "local", "--auto-approve", *named, *arguments)

    def state(self) -> dict[str, Any]:
        return everything(self.tenant, self._names)

    def holder(self) -> Any:
        """Who holds the lock, or None."""
        return StateStore.open(None, self.project.root).locks.holder("local")

    def unfinished(self) -> bool:
        """Whether a journal is open or the lock is held."""
        store = StateStore.open(None, self.project.root)
        return bool(store.journals.open_journals("local")) or store.locks.holder("local") is not None


def forget_tokens() -> None:
    TokenSource._kept.clear()


LOST = re.compile(
    r"stands: (\S+): the former value of the secret (\S+) cannot be restored; "
    r"(it is gone|it has the value that its reference gives now)\."
)


def secret_path(address: str, name: str) -> tuple[str, ...] | None:
    """Where a state has the value of a secret; None for one that is kept with another resource."""
    kind, _, resource = address.partition(".")
    match kind:
        case "connection":
            return f"connection/{resource}", "options", "configuration", name
        case "action":
            return f"action/{resource}", "draft", "secrets", name
        case "rule-config":
            return f"rules_config/{name}", "value"
    return None


def make_arena(project: Any, tenant: LocalTenant, before: str, after: str, target: str | None = None) -> Arena:
    """Apply `before`, save the plan for `after` or for one resource of it, and play it once without a fault."""
    project.tenant(before)
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    if target is not None:
        somebody = Somebody(tenant)
        theirs = somebody.makes_action("theirs")
        somebody.binds(lambda bound: [*bound, theirs])
        somebody.makes_action("spare")
    project.tenant(after)
    planfile = project.root / "saved.plan"
    named = [] if target is None else ["--target", target]
    ran = project.run("plan", "local", "--out", str(planfile), "--no-lint", *named)
    assert ran.code == 0, ran.all
    store, kept = project.root / ".deployer", project.root / "kept"
    shutil.copytree(store, kept)
    command = ("apply", "local", str(planfile), *Arena.named)
    arena = Arena(project, tenant, planfile, tenant.state.storage.dump(), store, kept, command)
    arena.before = arena.state()
    arena.rehearse()
    return arena


def prepare(project: Any, tenant: LocalTenant, reach: Any, before: str, after: str) -> Arena:
    """Two applications that this tool has not made, and an arena."""
    reach(tenant)
    write_tiny_store(project)
    others(tenant)
    return make_arena(project, tenant, before, after)
