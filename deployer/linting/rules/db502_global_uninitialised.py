"""Finds uses of something in `global` that the script does not put there (DB502)."""

from collections.abc import Iterator

from deployer.linting.analyses.container_globals import global_uses
from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_THERE = name_set(
    "Array ArrayBuffer Buffer Date Error Function Intl JSON Map Math Number Object Promise Proxy Reflect RegExp "
    "Set String Symbol URL URLSearchParams WeakMap WeakSet AbortController AbortSignal clearInterval clearTimeout "
    "console crypto fetch global globalThis process performance queueMicrotask setImmediate setInterval "
    "setTimeout structuredClone TextDecoder TextEncoder atob btoa hasOwnProperty"
)


class GlobalUninitialised(ScriptRule):
    """`global.name.something` where the script never sets `global.name` and never looks whether it is there."""

    code = "DB502"
    name = "global-uninitialised"
    severity = Severity.WARNING
    explanation = (
        "Containers come and go, and no script can rely on another having run before it in the same one. A script that "
        "uses something in `global` must create it when it is not there, or it fails in every fresh container."
    )
    bad = """function login(email, password, callback) {
  global.pool.query('SELECT id FROM users WHERE email = $1', [email], callback);
}"""
    good = """function login(email, password, callback) {
  if (!global.pool) global.pool = connect(configuration.PG_URL);
  global.pool.query('SELECT id FROM users WHERE email = $1', [email], callback);
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        uses = global_uses(subject.script)
        known = {use.name for use in uses if use.tested or use.written}
        for use in uses:
            if use.inside and use.name not in known and use.name not in _THERE:
                known.add(use.name)
                yield self.finding(
                    subject,
                    use.node,
                    f"global.{use.name} is not set by this script: in a fresh container it is undefined",
                    hint=f"Begin with: if (!global.{use.name}) global.{use.name} = ...",
                )
