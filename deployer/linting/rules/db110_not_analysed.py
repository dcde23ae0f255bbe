"""Finds scripts that compile but that the linter cannot read (DB110)."""

from collections.abc import Iterator

from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule


class NotAnalysed(ScriptRule):
    """What Node compiles and the linter's own parser does not know."""

    code = "DB110"
    name = "not-analysed"
    severity = Severity.WARNING
    explanation = (
        "The rules read scripts with a parser of their own, which does not know everything that Node.js does. A script "
        "that Node.js compiles and that parser cannot read is not wrong; but no other rule has looked at it, and that "
        "is said, so that nobody takes silence for a clean script. Write the place that it names in another way, or "
        "silence this with a reason once somebody has read the script."
    )
    bad = """function login(email, password, callback) {
  let first, second;
  [(first), (second)] = email.split('@');
  callback(null, { user_id: first, email });
}"""
    good = """function login(email, password, callback) {
  const [first] = email.split('@');
  callback(null, { user_id: first, email });
}"""
    source = "https://github.com/tree-sitter/tree-sitter-javascript"
    reads_broken = True

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        tree = subject.tree
        if not tree.broken or subject.refusal is not None:
            return
        first = min(tree.errors, key=lambda node: (node.start, -node.end), default=None)
        made = self.finding(subject, None, "not analysed: Node.js compiles this script, but no other rule can read it")
        line, column = tree.position(first.start) if first is not None else (1, 1)
        yield subject.at_place(made, line, column)
