"""Finds calls that stop the container's only thread until they are done (DB506)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import EXECUTION
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import callee, calls, method_name
from deployer.linting.rule import ScriptRule

_MODULES = name_set(
    "fs node:fs child_process node:child_process crypto node:crypto zlib node:zlib bcrypt bcryptjs argon2 "
    "@node-rs/bcrypt @node-rs/argon2 sync-request pbkdf2 scrypt-js"
)
_QUICK = name_set("randomFillSync accessSync existsSync createSync verifySync signSync generateKeySync randomBytesSync")


class BlockingCall(ScriptRule):
    """`...Sync` functions of the modules that have slow ones."""

    code = "DB506"
    name = "blocking-call"
    severity = Severity.WARNING
    explanation = (
        "JavaScript has one thread in a container. While a synchronous hash or file call runs (a bcrypt check takes a "
        "good tenth of a second) every other login there waits, timeouts included. The asynchronous form of the same "
        "function works beside it."
    )
    bad = """function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  find(email, (err, user) => {
    if (err) return callback(err);
    callback(bcrypt.compareSync(password, user.hash) ? null : new WrongUsernameOrPasswordError(email));
  });
}"""
    good = """function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  find(email, (err, user) => {
    if (err) return callback(err);
    bcrypt.compare(password, user.hash, callback);
  });
}"""
    source = EXECUTION

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        if "Sync" not in subject.source and "sync-request" not in subject.source:
            return
        script = subject.script
        for call in calls(script.tree):
            target = callee(call)
            name = method_name(call)
            module = script.required(target)
            if module is None or module[0] not in _MODULES or name is None or name in _QUICK:
                continue
            binding = script.names.resolve(target)
            called = binding.part if binding is not None and binding.part not in {None, "?"} else name
            if module[0] == "sync-request" or (called is not None and called.endswith("Sync")):
                yield self.finding(
                    subject,
                    call,
                    f"{called} stops every other execution in the container until it is done",
                    hint=f"Use {called.removesuffix('Sync')} with a callback or await."
                    if called and called.endswith("Sync")
                    else "",
                )
