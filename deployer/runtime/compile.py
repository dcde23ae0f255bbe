"""Asks Node.js whether code compiles, for whoever is about to deploy it. Nothing of the code is ever run.

Each text is compiled as Auth0 loads it: an action script as a classic script (sloppy mode, no module, no function
around it; a single function without a name is taken too, as Auth0's best practices do), an Action as a CommonJS module
(https://auth0.com/docs/customize/actions/actions-npm), a Rule as a function expression. All texts of a call go to one
process; what the engine said is remembered by the text's digest and the engine's version: a text is compiled once.
"""

import contextlib
import json
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from deployer.cache import Cache, content_digest, key_of
from deployer.digests import digest_bytes
from deployer.errors import DeployerError
from deployer.runtime.limits import limit_process
from deployer.runtime.node import Node, find_node
from deployer.text import one_line

Form = Literal["script", "module", "expression"]
"""What a text is: an action script, an Action, a Rule."""

HOST = Path(__file__).parent / "host"

_MEMORY_MB = 512
_SECONDS = 30
_SECONDS_PER_MEGABYTE = 2
_MOST_IN_MEMORY = 50_000
_MOST_CRASHES = 5
# What JavaScript takes for the end of a line: https://tc39.es/ecma262/#sec-line-terminators
_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")

_lock = threading.Lock()
_known: dict[str, "Refusal | None"] = {}


@dataclass(frozen=True, slots=True)
class Code:
    """A text, and what it is."""

    source: str = field(repr=False)
    form: Form = "script"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text does not compile: the engine's own words, and where it points.

    `line` (lines end with a newline) and `column` (in characters) count from 1.
    """

    message: str
    line: int
    column: int


def compile_codes(codes: Sequence[Code], node: Node | None = None) -> list[Refusal | None]:
    """Compile texts, in one process for all that were not compiled before; None for each that compiles.

    Args:
        codes: the texts.
        node: the engine; by default the one that Auth0 runs.

    Raises:
        DeployerError: where there is no such Node or it does not start.
    """
    if not codes:
        return []
    engine = node or find_node()
    keys = [_key(code, engine) for code in codes]
    disk = Cache.of("compiled")
    # One at a time: tenants of a fleet share most of what they deploy, and the second finds it compiled.
    with _lock:
        found = {key: _known[key] for key in keys if key in _known}
        missing = {}
        for key, code in zip(keys, codes, strict=True):
            if key in found or key in missing:
                continue
            kept = disk.get(key) if disk is not None else None
            if kept is None:
                missing[key] = code
            else:
                found[key] = _from_json(json.loads(kept))
        if missing:
            for key, (refusal, sure) in zip(missing, _compile(list(missing.values()), engine), strict=True):
                found[key] = refusal
                if disk is not None and sure:
                    disk.put(key, json.dumps(_to_json(refusal)).encode())
        _known.update(found)
        while len(_known) > _MOST_IN_MEMORY:
            del _known[next(iter(_known))]
    return [found[key] for key in keys]


def _key(code: Code, node: Node) -> str:
    return key_of(_own_digest(), node.version, code.form, digest_bytes(code.source.encode("utf-8", "surrogatepass")))


@cache
def _own_digest() -> str:
    return content_digest([Path(__file__), HOST / "compile.cjs"])


def _to_json(refusal: Refusal | None) -> Any:
    return None if refusal is None else [refusal.message, refusal.line, refusal.column]


def _from_json(value: Any) -> Refusal | None:
    return None if value is None else Refusal(*value)


def _compile(codes: list[Code], node: Node) -> list[tuple[Refusal | None, bool]]:
    """Return what Node says of each text, and whether for good: a text at which Node ended may be tried again."""
    verdicts: list[tuple[Refusal | None, bool]] = []
    crashes = 0
    while len(verdicts) < len(codes):
        answers, end = _ask(codes[len(verdicts) :], node)
        for answer in answers:
            verdicts.append((_refusal(codes[len(verdicts)].source, answer), True))
        if len(verdicts) < len(codes):
            crashes += 1
            if crashes > _MOST_CRASHES:
                raise DeployerError(
                    f"Node.js {node.name} ends again and again while it compiles scripts: {end}",
                    where=str(node.path),
                    hint="Look for a script that is far larger, or far deeper nested, than scripts are.",
                )
            verdicts.append((Refusal(f"Node.js {node.name} did not come to an end with this: {end}", 1, 1), False))
    return verdicts


def _ask(codes: list[Code], node: Node) -> tuple[list[Any], str]:
    """Start a process for some texts: its answers, as many as it gave, and how it ended where some are missing."""
    messages = [json.dumps({"form": code.form, "source": code.source}) for code in codes]
    given = "".join(f"{message}\n" for message in messages).encode()
    limit = _SECONDS + _SECONDS_PER_MEGABYTE * len(given) // 1_000_000
    flags = node.flags(readable=[HOST], addons=False, memory_mb=_MEMORY_MB)
    try:
        process = subprocess.Popen(
            [str(node.path), *flags, str(HOST / "compile.cjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"TZ": "UTC", "LANG": "C.UTF-8"},
            cwd=HOST,
            start_new_session=True,  # Ctrl-C is for us: what it ends would look like a script that does not compile
        )
    except OSError as error:
        raise _does_not_start(node, error.strerror or "") from None
    with process:
        limit_process(process.pid, memory_mb=_MEMORY_MB)
        try:
            out, errors = process.communicate(given, timeout=limit)
            end = "it ran out of memory" if b"heap out of memory" in errors else f"it ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate()
            end = f"it took longer than {limit} seconds"
        except BaseException:
            process.kill()
            raise
    ready, *lines = out.decode("utf-8", "replace").split("\n")
    if ready != "ready":
        raise _does_not_start(node, errors.decode("utf-8", "replace").strip())
    answers = []
    for line in lines[:-1]:
        with contextlib.suppress(ValueError):
            answers.append(json.loads(line))
    return answers[: len(codes)], end


def _does_not_start(node: Node, why: str) -> DeployerError:
    return DeployerError(
        f"Node.js {node.name}, which judges whether scripts compile, does not start: {one_line(why) or 'no reason'}",
        where=str(node.path),
        hint="Reinstall deployer, or name a Node.js that is on the PATH under `node` in the tenant file.",
    )


def _refusal(source: str, answer: Any) -> Refusal | None:
    if answer is None:
        return None
    line, column = _position(source, int(answer["line"]), int(answer["column"]))
    return Refusal(f"{answer['name']}: {answer['message']}", line, column)


def _position(source: str, line: int, column: int) -> tuple[int, int]:
    """Convert a place as JavaScript counts it (more ends of lines, UTF-16 units) to how everybody else does."""
    if line < 1:
        return 1, 1
    starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
    start = starts[min(line, len(starts)) - 1]
    end = starts[line] if line < len(starts) else len(source)
    units = source[start:end].encode("utf-16-le", "surrogatepass")[: 2 * max(0, column - 1)]
    offset = start + len(units.decode("utf-16-le", "replace"))
    before = source.rfind("\n", 0, offset) + 1
    return source.count("\n", 0, before) + 1, offset - before + 1
