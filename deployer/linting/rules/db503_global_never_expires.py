"""Finds tokens and other data that `global` caches without a time at which they end (DB503)."""

from collections.abc import Iterator

from deployer.linting.analyses.container_globals import global_writes
from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import split_name
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_CACHED = frozenset(
    {"token", "tokens", "jwt", "jwks", "cache", "cached", "keys", "key", "settings", "secret", "cert", "certs"}
)
_TIMES = (
    "date.now",
    "new date",
    "expir",
    "ttl",
    "maxage",
    "max_age",
    "validuntil",
    "valid_until",
    "hrtime",
    "lru",
    "memoiz",
)


class GlobalNeverExpires(ScriptRule):
    """Names like `token` and `cache`, in scripts that never look at the time."""

    code = "DB503"
    name = "global-never-expires"
    severity = Severity.WARNING
    explanation = (
        "A token that is cached without its expiry is used after it has ended, until the container happens to be "
        "recycled: logins fail for minutes and then heal by themselves, which is hard to find. Keep the time with it."
    )
    bad = """async function login(email, password, callback) {
  if (!global.token) global.token = await fetchToken(configuration.TOKEN_URL);
  check(global.token, email, password, callback);
}"""
    good = """async function login(email, password, callback) {
  if (!global.token || global.token.expiresAt < Date.now()) global.token = await fetchToken(configuration.TOKEN_URL);
  check(global.token.value, email, password, callback);
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        seen: set[str] = set()
        for write in global_writes(subject.script):
            if write.name is None or not write.direct or write.name in seen:
                continue
            if not _CACHED.intersection(split_name(write.name)) or write.values[0].type in {
                "null",
                "undefined",
                "object",
            }:
                continue
            seen.add(write.name)
            if not any(word in subject.source.lower() for word in _TIMES):
                yield self.finding(
                    subject,
                    write.node,
                    f"global.{write.name} is cached and never expires",
                    hint="Keep `expiresAt` beside the value and fetch it again shortly before.",
                )
