"""Keeps a container: one Node process that answers requests with results, whatever the scripts in it do.

Messages travel as lines of JSON over the process's standard input and output. Ours are told from a script's output by
a nonce that only the host knows.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from deployer.errors import DeployerError
from deployer.runtime.calls import CallResult, Command, LogLine, Problem, ScriptError
from deployer.runtime.limits import limit_process
from deployer.runtime.modules import InstalledModules
from deployer.runtime.node import Node
from deployer.runtime.requests import PROBLEMS, Request, call_result, commands_of, script_error
from deployer.text import one_line

HOST = Path(__file__).resolve().parent / "host"
_START_SECONDS = 30.0
_GRACE_SECONDS = 0.5
_LINE_BYTES = 8_000_000
_NOISE_BYTES = 1_000_000
_REMEMBERED = 200
_NUMBERS = itertools.count(1)


class Container:
    """One Node process. Not for use by more than one event loop."""

    def __init__(
        self, node: Node, modules: InstalledModules | None, *, memory_mb: int, trusted: Path | None = None
    ) -> None:
        self.name = f"container-{next(_NUMBERS)}"
        self.started = False
        self.load = 0
        self.uses = 0
        self.retired = False
        self._born = time.monotonic()
        self._node = node
        self._modules = modules
        self._memory_mb = memory_mb
        self._trusted = trusted
        self._nonce = secrets.token_hex(16)
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._logs: dict[int, list[LogLine]] = {}
        self._recent: OrderedDict[int, CallResult] = OrderedDict()
        self._sources: set[str] = set()
        self._noise = 0
        self._stderr = b""
        self._verdict: Problem | None = None
        self._culprit: int | None = None
        self._ended = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        """Whether it can be given another call."""
        return self.started and not self.retired and not self._ended.is_set()

    @property
    def age_seconds(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._born

    async def start(self) -> None:
        """Start the process and wait until it listens. Raises DeployerError where it does not."""
        readable = [HOST, *([self._modules.folder] if self._modules else [])]
        addons = self._modules is not None and self._modules.addons
        self._process = await asyncio.create_subprocess_exec(
            str(self._node.path),
            *self._node.flags(readable=readable, addons=addons, memory_mb=self._memory_mb),
            str(HOST / "host.cjs"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"TZ": "UTC", "LANG": "C.UTF-8", **self._trust()},
            cwd="/",
            limit=_LINE_BYTES,
            start_new_session=True,
        )
        limit_process(self._process.pid, memory_mb=self._memory_mb)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._drain())]
        ready = self._expect(0)
        self._send(
            {
                "nonce": self._nonce,
                "folder": str(self._modules.folder) if self._modules else "",
                "modules": list(self._modules.names) if self._modules else [],
            }
        )
        try:
            await asyncio.wait_for(ready, _START_SECONDS)
        except (TimeoutError, _EndedError):
            await self.close()
            raise DeployerError(
                f"Node did not start: {one_line(self._stderr.decode(errors='replace') or 'it said nothing', 300)}",
                where=str(self._node.path),
                hint="Try `node --version`; Node.js 18 or newer is needed.",
            ) from None
        self.started = True

    def _trust(self) -> dict[str, str]:
        """Node reads this itself, outside of what scripts may read: https://nodejs.org/api/cli.html."""
        return {"NODE_EXTRA_CA_CERTS": str(self._trusted)} if self._trusted else {}

    async def call(self, request: Request, limit_seconds: float) -> tuple[CallResult, list[Command]]:
        """Run a request; its result and, for Actions and Rules, what was recorded. Never raises for what scripts do."""
        id_ = next(self._ids)
        self.uses += 1
        logs = self._logs[id_] = []
        message = {**request.message, "id": id_}
        if request.digest not in self._sources:
            message["source"] = request.source
            self._sources.add(request.digest)
        started = time.perf_counter()
        commands: list[Command] = []
        try:
            answer = self._expect(id_)
            self._send(message)
            received = await asyncio.wait_for(answer, limit_seconds + request.message["settle"] / 1000)
            result, commands = self._result(received, logs)
        except TimeoutError:
            result = await self._timed_out(limit_seconds, logs)
        except _EndedError:
            result = self._lost(id_, logs)
        finally:
            self._waiting.pop(id_, None)
            del self._logs[id_]
        result.elapsed_ms = (time.perf_counter() - started) * 1000
        if Problem.NOT_LOADED in result.problems:
            self._sources.discard(request.digest)
        self._remember(id_, result)
        return result, commands

    async def inspect_global(self, needles: list[str]) -> list[str]:
        """List where under `global` one of the strings occurs (at most 20 paths); empty if the container has ended."""
        id_ = next(self._ids)
        try:
            answer = self._expect(id_)
            self._send({"op": "inspect", "id": id_, "needles": json.dumps(needles)})
            found = await asyncio.wait_for(answer, _START_SECONDS)
        except (_EndedError, TimeoutError):
            return []
        finally:
            self._waiting.pop(id_, None)
        return [str(path) for path in json.loads(found["value"])]

    async def close(self) -> None:
        """End the process now, and wait for its end."""
        self.retired = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._end()

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the container was not started")
        return self._process

    # --- sending ---------------------------------------------------------------------------------------------------

    def _expect(self, id_: int) -> asyncio.Future[dict[str, Any]]:
        if self._ended.is_set():
            raise _EndedError
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        return future

    def _send(self, message: dict[str, Any]) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            raise _EndedError
        process.stdin.write(json.dumps(message).encode() + b"\n")

    # --- receiving -------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        stdout = self._running().stdout
        prefix = f"{self._nonce} ".encode()
        try:
            while stdout and (line := await stdout.readline()):
                if line.startswith(prefix):
                    self._receive(json.loads(line[len(prefix) :]))
                else:
                    self._noise += len(line.strip())
                    if self._noise > _NOISE_BYTES:
                        self._condemn(Problem.FLOODED_OUTPUT)
                        break
        except (ValueError, KeyError, TypeError):
            # A line longer than any of ours, or one of ours that a script managed to break.
            self._condemn(Problem.FLOODED_OUTPUT)
        await self._running().wait()
        self._end()

    async def _drain(self) -> None:
        stderr = self._running().stderr
        total = 0
        while stderr and (chunk := await stderr.read(65_536)):
            total += len(chunk)
            # Node's last words: what an exhausted heap or a failed start looks like.
            self._stderr = (self._stderr + chunk)[-8_000:]
            if total > 5 * _NOISE_BYTES:
                self._condemn(Problem.FLOODED_OUTPUT)
                return

    def _receive(self, message: dict[str, Any]) -> None:
        event = message["event"]
        id_ = int(message.get("id") or 0)
        if event in ("result", "pong", "inspected", "ready"):
            future = self._waiting.get(id_)
            if future is not None and not future.done():
                future.set_result(message)
        elif event == "log":
            logs = self._logs.get(id_)
            recent = self._recent.get(id_)
            line = LogLine(str(message["level"]), str(message["text"]))
            if logs is not None:
                logs.append(line)
            elif recent is not None:
                recent.logs.append(line)
        elif event == "broken":
            self.retired = True
        elif event == "exit":
            self._verdict = Problem.EXITED
            self._culprit = id_ or None
        elif event in ("late", "late-error"):
            self._receive_late(id_, message)

    def _receive_late(self, id_: int, message: dict[str, Any]) -> None:
        result = self._recent.get(id_)
        if result is None:
            return
        if message["event"] == "late":
            result.callback_count = int(message["callbacks"])
            result.late_callbacks += 1
            result.add_problem(Problem.CALLED_BACK_TWICE)
        else:
            result.add_problem(PROBLEMS[message["problem"]])
            result.logs.append(LogLine("error", f"after the callback: {script_error(message['error']).message}"))

    def _condemn(self, verdict: Problem) -> None:
        self._verdict = self._verdict or verdict
        self.retired = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _end(self) -> None:
        self.retired = True
        self._ended.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(_EndedError())

    # --- results ---------------------------------------------------------------------------------------------------

    def _result(self, message: dict[str, Any], logs: list[LogLine]) -> tuple[CallResult, list[Command]]:
        try:
            return call_result(message, logs, self.name), commands_of(message)
        except (ValueError, KeyError, TypeError):
            self._condemn(Problem.FLOODED_OUTPUT)
            return self._failed(Problem.FLOODED_OUTPUT, "The container's answer cannot be read", logs), []

    async def _timed_out(self, limit_seconds: float, logs: list[LogLine]) -> CallResult:
        """Answer that no callback came in time.

        A container that still answers may finish its other calls; any other is ended.
        """
        self.retired = True
        id_ = next(self._ids)
        try:
            pong = self._expect(id_)
            self._send({"op": "ping", "id": id_})
            await asyncio.wait_for(pong, _GRACE_SECONDS)
            problem = Problem.NEVER_CALLED_BACK
        except (TimeoutError, _EndedError):
            problem = Problem.BLOCKED
            self._condemn(Problem.BLOCKED)
        finally:
            self._waiting.pop(id_, None)
        return self._failed(problem, f"The script did not call back within {limit_seconds:g} seconds", logs)

    def _lost(self, id_: int, logs: list[LogLine]) -> CallResult:
        verdict = self._verdict
        if verdict is None and b"heap out of memory" in self._stderr:
            verdict = Problem.OUT_OF_MEMORY
        if verdict is None or (self._culprit is not None and self._culprit != id_):
            verdict = Problem.CONTAINER_LOST
        return self._failed(verdict, f"The container ended before the script called back ({verdict})", logs)

    def _failed(self, problem: Problem, message: str, logs: list[LogLine]) -> CallResult:
        error = ScriptError(type="ContainerError", name="ContainerError", message=message)
        return CallResult("error", error=error, logs=logs, container=self.name, problems=[problem])

    def _remember(self, id_: int, result: CallResult) -> None:
        self._recent[id_] = result
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)


class _EndedError(Exception):
    """The process has ended."""
