"""DB101: the script is not JavaScript that Node would load."""

import re
from collections.abc import Iterator

from deployer.linting.finding import Finding, Severity
from deployer.linting.rule import ScriptRule
from deployer.linting.subject import ScriptSubject
from deployer.linting.syntax import Node
from deployer.text import one_line

_WORD = re.compile(r"[a-z]{1,10}\b|[^\w\s]{1,2}")


class SyntaxErrorRule(ScriptRule):
    """What the parser refuses, and two mistakes that Node refuses when it loads the script."""

    code = "DB101"
    name = "syntax-error"
    severity = Severity.ERROR
    explanation = (
        "Auth0 saves a script without looking at it. A script that does not parse fails at every login, "
        "with an error that only the tenant's log shows."
    )
    bad = """function login(email, password, callback) {
  if (!email {
    return callback(null);
  }
}"""
    good = """function login(email, password, callback) {
  if (!email) {
    return callback(null);
  }
  return callback(null, { user_id: email });
}"""
    source = "https://auth0.com/docs/authenticate/database-connections/custom-db/error-handling"
    reads_broken = True
    points_at_secrets = True

    def check(self, subject: ScriptSubject) -> Iterator[Finding]:
        tree = subject.tree
        if tree.broken:
            yield self._unparsed(subject)
            return
        for node in tree.nodes("await_expression"):
            function = node.function
            if function is not None and not function.is_async:
                yield self.finding(
                    subject, node, "await in a function that is not async", hint="Write `async` before the function."
                )
        for binding in subject.script.names.duplicates:
            yield self.finding(subject, binding.node, f"'{one_line(binding.name, 40)}' is declared twice in one block")

    def _unparsed(self, subject: ScriptSubject) -> Finding:
        errors = subject.tree.errors
        if not errors:
            return self.finding(subject, None, "the script is not valid JavaScript")
        first = min(errors, key=lambda node: (node.start, -node.end))
        missing = next((node for node in errors if node.type.startswith("MISSING")), None)
        if missing is not None and missing.start <= first.start:
            return self.finding(subject, missing, f"'{missing.type.removeprefix('MISSING ')}' is missing here")
        place = _innermost(first, errors)
        if not place.text.strip():
            return self.finding(subject, place, "the script ends too early")
        # Never more than a sign or a short word: what does not parse may be half of a secret.
        word = _WORD.match(place.text.strip())
        return self.finding(subject, place, f"unexpected '{one_line(word.group())}'" if word else "unexpected text")


def _innermost(first: Node, errors: list[Node]) -> Node:
    """The smallest of the errors inside the first one: tree-sitter wraps much around what it could not read."""
    inside = [node for node in errors if first.start <= node.start and node.end <= first.end and node is not first]
    return min(inside, key=lambda node: node.end - node.start) if inside else first
