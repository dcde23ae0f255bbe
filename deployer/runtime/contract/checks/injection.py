"""Checks that injection strings, in every argument, neither log in nor break the store."""

import asyncio
import re
from dataclasses import replace

from deployer.runtime.calls import CallResult
from deployer.runtime.contract.check import Check
from deployer.runtime.contract.harness import Harness, profile_of

STRINGS = (
    "' OR '1'='1",
    "' OR 1=1 -- ",
    "') OR ('1'='1",
    '" OR ""="',
    "admin'/*",
    "\\' OR 1=1; -- ",
    "*)(uid=*))(|(uid=*",
    '{"$ne": null}',
    "%",
    "\u0000",
)
DESTRUCTIVE = ("'; DROP TABLE users; -- ", "x'); DELETE FROM users; -- ")

# What stores say when a string of ours was read as part of a query.
_SYNTAX = re.compile(
    r"syntax error|unterminated|unrecognized token|ER_PARSE_ERROR|SQL syntax|Incorrect syntax near|42601|42P01|"
    r"Unclosed quotation|unknown (top level )?operator|invalid escape",
    re.IGNORECASE,
)


async def run(harness: Harness) -> list[str]:
    """Find faults of calls with such strings; scripts that write get them only where the store may be damaged."""
    before = profile_of(await harness.login(harness.subject.user))
    faults = [fault for found in await asyncio.gather(*(_read(harness, text) for text in STRINGS)) for fault in found]
    if harness.subject.may_damage:
        strings = (*STRINGS[:5], *DESTRUCTIVE)
        faults += [
            fault for found in await asyncio.gather(*(_write(harness, text) for text in strings)) for fault in found
        ]
    after = profile_of(await harness.login(harness.subject.user))
    if before is not None and after != before:
        faults.append("After calls with injection strings, the known user cannot log in as before.")
    return list(dict.fromkeys(faults))


async def _read(harness: Harness, text: str) -> list[str]:
    user, subject = harness.subject.user, harness.subject
    attempts = {
        "login with an injection string as the name": ("login", text, subject.wrong_password),
        "login with an injection string after a known name": ("login", user.email + text, subject.wrong_password),
        "login with an injection string as the password": ("login", user.email, text),
        "get_user with an injection string": ("get_user", text),
    }
    faults = []
    for what, (kind, *arguments) in attempts.items():
        if not harness.has(kind):
            continue
        result = await harness.call(kind, *arguments)
        if result.outcome == "value":
            faults.append(f"`{what}` gave a profile.")
        faults += _syntax_fault(harness, what, result)
    return faults


async def _write(harness: Harness, text: str) -> list[str]:
    """Call each script that writes, with the string in each argument, and look afterwards whom it changed."""
    fresh = harness.fresh_user()
    injected = replace(fresh, email=f"{fresh.email}{text}")
    harness.created.append(injected)
    attempts: dict[str, tuple[object, ...]] = {
        # Another address than the scripts below are asked for: with a right `create` this user is real.
        "create": ({**harness.new_user_argument(fresh), "email": injected.email},),
        "verify": (text,),
        "change_password": (text, "Injected-Password-1!"),
        "change_email": (text, fresh.email, True),
        "change_username": (text, "injected"),
        "delete": (text,),
    }
    faults = []
    for kind, arguments in attempts.items():
        if not harness.has(kind):
            continue
        result = await harness.call(kind, *arguments)
        if kind in ("verify", "change_password", "change_email", "change_username") and result.value is True:
            faults.append(f"`{kind}` with an injection string says that it changed a user.")
        faults += _syntax_fault(harness, f"{kind} with an injection string", result)
    return faults


def _syntax_fault(harness: Harness, what: str, result: CallResult) -> list[str]:
    if result.error is None or not _SYNTAX.search(f"{result.error.code} {result.error.message} {result.error.cause}"):
        return []
    return [f"`{what}` reached the store as part of a query: {harness.describe(result)}."]


CHECK = Check("injection", "injection strings neither log in nor break the store", run, ("login",), known_user=True)
