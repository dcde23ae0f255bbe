"""Finds data of one user that is kept in `global`, where other executions see it (DB501)."""

from collections.abc import Iterator

from deployer.linting.analyses.container_globals import global_writes
from deployer.linting.analyses.taint import DATA, PASSWORD, USER
from deployer.linting.analyses.user_data import user_data
from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_USERS = frozenset({DATA, PASSWORD, USER})


class UserDataInGlobal(ScriptRule):
    """The script's parameters, and what was asked for with them, as values or keys in `global`."""

    code = "DB501"
    name = "user-data-in-global"
    severity = Severity.ERROR
    explanation = (
        "`global` lives as long as its container and is shared by every execution in it, whoever logs in. What is kept "
        "there of one user is seen, or taken for their own, by the next. Only what belongs to the connection may be "
        "there: a pool, a client, the scripts' own access token."
    )
    bad = """function login(email, password, callback) {
  find(email, (err, user) => {
    if (err) return callback(err);
    global.lastUser = user;
    callback(null, { user_id: 'shop|' + user.id, email });
  });
}"""
    good = """function login(email, password, callback) {
  global.pool = global.pool || connect(configuration.PG_URL);
  find(global.pool, email, (err, user) => {
    if (err) return callback(err);
    callback(null, { user_id: 'shop|' + user.id, email });
  });
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if script.function is None:
            return
        for write in global_writes(script):
            origins = user_data(script)
            if any(origins.of(value) & _USERS for value in write.values):
                yield self.finding(
                    subject,
                    write.node,
                    f"data of a user is kept in global{'.' + write.name if write.name else ''}",
                    hint="Keep it in a variable of the function.",
                )
