"""Runs calls in several containers at once, recycled by age and use, none of them promised to anyone."""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deployer.errors import DeployerError
from deployer.runtime.calls import (
    ActionCall,
    ActionResult,
    CallResult,
    Command,
    RuleCall,
    RuleResult,
    ScriptCall,
)
from deployer.runtime.container import Container
from deployer.runtime.modules import InstalledModules, install_modules
from deployer.runtime.node import Node, find_node
from deployer.runtime.requests import (
    Request,
    action_request,
    action_result,
    rule_request,
    rule_result,
    script_request,
)
from deployer.scripts import EXECUTION_LIMIT_SECONDS


class Runtime:
    """`async with Runtime(modules={"pg": "8.16.3"}) as runtime: result = await runtime.call(ScriptCall(...))`.

    `containers` Node processes take `concurrency` calls each at a time; more calls wait. A container is replaced after
    `max_uses` calls, after `max_age_seconds` (Auth0's live some 20 minutes) and after a script broke it. Everything
    belongs to the event loop that entered it. `trusted`: a PEM file with certificates that scripts trust beside the
    usual authorities; it must exist for as long as containers are started. With `on_demand`, a container starts when
    it is first chosen, not before. With a `seed`, the same calls one after the other go to the same containers.
    """

    def __init__(
        self,
        *,
        node: Path | None = None,
        modules: Mapping[str, str] | None = None,
        containers: int = 2,
        concurrency: int = 1,
        limit_seconds: float = EXECUTION_LIMIT_SECONDS,
        memory_mb: int = 256,
        max_uses: int = 500,
        max_age_seconds: float = 20 * 60,
        cache: Path | None = None,
        trusted: Path | None = None,
        on_demand: bool = False,
        seed: int | None = None,
    ) -> None:
        self.limit_seconds = limit_seconds
        self._node_path = node
        self._pins = dict(modules or {})
        self._size = containers
        self._concurrency = concurrency
        self._memory_mb = memory_mb
        self._max_uses = max_uses
        self._max_age_seconds = max_age_seconds
        self._cache = cache
        self._trusted = trusted
        self._on_demand = on_demand
        self._containers: list[Container] = []
        self._starting = 0
        self._closed = False
        self._closing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._node: Node | None = None
        self._modules: InstalledModules | None = None
        # Which container serves a call is left to chance, as on Auth0; nothing secret hangs on it.
        self._chance = random.Random(seed)  # noqa: S311

    async def __aenter__(self) -> Self:
        """Find Node, install the modules, start the containers (unless on demand). Raises DeployerError."""
        self._closed = False
        self._node = await asyncio.to_thread(find_node, self._node_path)
        self._modules = await asyncio.to_thread(install_modules, self._pins, self._node, cache=self._cache)
        try:
            if not self._on_demand:
                await asyncio.gather(*(self._start() for _ in range(self._size)))
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def node(self) -> Node:
        """The Node that runs the scripts; known once entered."""
        if self._node is None:
            raise RuntimeError("the runtime was not entered")
        return self._node

    @property
    def isolated(self) -> bool:
        """Whether Node's permission model is on; on Node 18 there is none, and isolation is less."""
        return self.node.has_permission_model

    async def call(self, call: ScriptCall) -> CallResult:
        """Run an action script. What the script does wrong is in the result; raises DeployerError for a bad call."""
        result, _ = await self._run(script_request(call))
        return result

    async def call_action(
        self,
        code: str,
        event: dict[str, Any],
        secrets: dict[str, str] | None = None,
        trigger: str = "post-login",
        *,
        name: str = "action",
        function: str | None = None,
        limit_seconds: float | None = None,
    ) -> ActionResult:
        """Run an Action for a trigger of `deployer.runtime.triggers`; `function` replaces the trigger's own
        (`onContinuePostLogin`). Raises DeployerError for an unknown trigger."""
        call = ActionCall(code, event, secrets or {}, trigger, function, name, limit_seconds)
        return action_result(*await self._run(action_request(call)))

    async def call_rule(
        self,
        code: str,
        user: dict[str, Any],
        context: dict[str, Any],
        configuration: dict[str, str] | None = None,
        *,
        name: str = "rule",
        domain: str = "localhost",
        limit_seconds: float | None = None,
    ) -> RuleResult:
        """Run a Rule: `function (user, context, callback)`."""
        call = RuleCall(code, user, context, configuration or {}, domain, name, limit_seconds)
        return rule_result(*await self._run(rule_request(call)))

    async def inspect_global(self, needles: list[str]) -> dict[str, list[str]]:
        """List by container, where there are any, the paths under `global` where one of the strings occurs."""
        live = [container for container in self._containers if container.alive]
        found = await asyncio.gather(*(container.inspect_global(needles) for container in live))
        return {container.name: paths for container, paths in zip(live, found, strict=True) if paths}

    async def recycle(self) -> None:
        """End every container, once its calls are done, and start new ones: nothing that `global` held is left."""
        old = list(self._containers)
        for container in old:
            container.retired = True
        async with self._changed:
            await self._changed.wait_for(lambda: all(container.load == 0 for container in old))
        self._sweep()
        await asyncio.gather(*self._closing)
        if not self._on_demand:
            await asyncio.gather(*(self._start() for _ in range(self._size - len(self._containers))))

    async def close(self) -> None:
        """End every container now."""
        self._closed = True
        await asyncio.gather(*(container.close() for container in self._containers), *self._closing)
        self._containers.clear()
        async with self._changed:
            self._changed.notify_all()

    async def _run(self, request: Request) -> tuple[CallResult, list[Command]]:
        limit = self.limit_seconds if request.limit_seconds is None else request.limit_seconds
        container = await self._take()
        try:
            return await container.call(request, limit)
        finally:
            container.load -= 1
            if container.uses >= self._max_uses or container.age_seconds >= self._max_age_seconds:
                container.retired = True
            self._sweep()
            async with self._changed:
                self._changed.notify_all()

    async def _take(self) -> Container:
        """Take a container with room for a call: any live one, a new one where there may be more, else wait.

        On demand, each one that may still be started is as likely as each that lives. Raises DeployerError.
        """
        while True:
            if self._closed:
                raise DeployerError("no script runs any more: its containers were ended")
            self._sweep()
            free = [one for one in self._containers if one.alive and one.load < self._concurrency]
            room = self._size - sum(one.alive for one in self._containers) - self._starting
            choices: list[Container | None] = [*free, *([None] * room if self._on_demand or not free else [])]
            if choices:
                chosen = self._chance.choice(choices) or await self._start()
                if chosen.alive:
                    chosen.load += 1
                    return chosen
                continue
            async with self._changed:
                await self._changed.wait()

    async def _start(self) -> Container:
        self._starting += 1
        container = Container(self.node, self._modules, memory_mb=self._memory_mb, trusted=self._trusted)
        self._containers.append(container)
        try:
            await container.start()
        except BaseException:
            self._containers.remove(container)
            await container.close()
            raise
        finally:
            self._starting -= 1
            # Whoever waits for room has it now, or may start one themselves.
            async with self._changed:
                self._changed.notify_all()
        return container

    def _sweep(self) -> None:
        """End what is retired and idle, without waiting for it."""
        for container in [one for one in self._containers if not one.alive and one.load == 0 and one.started]:
            self._containers.remove(container)
            task = asyncio.create_task(container.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
