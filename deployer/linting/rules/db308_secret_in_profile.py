"""Finds passwords, their hashes and salts that go into the profile (DB308)."""

from collections.abc import Iterator

from deployer.linting.analyses.external_calls import deep_entries
from deployer.linting.analyses.profiles import PROFILE_KINDS, Profile, profiles
from deployer.linting.analyses.taint import PASSWORD, taint
from deployer.linting.doc_urls import BEST_PRACTICES
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Binding, Node, Script, property_name, unwrap
from deployer.linting.rule import ScriptRule
from deployer.linting.secret_names import names_stored_password

_NOTHING = frozenset({"null", "undefined", "true", "false", "unary_expression"})


class SecretInProfile(ScriptRule):
    """Properties with such a name or value, also in metadata, and whole rows whose password the script has read."""

    code = "DB308"
    name = "secret-in-profile"
    severity = Severity.ERROR
    explanation = (
        "What is in the profile is stored in Auth0, shown in the Dashboard, given to Actions and Rules and often "
        "copied into tokens. A password, its hash or its salt must never be there. Most leaks are whole rows of the "
        "users table that are handed over as they are."
    )
    bad = """function login(email, password, callback) {
  find(email, (err, row) => {
    if (err) return callback(err);
    callback(null, { user_id: 'shop|' + row.id, email: email, password_hash: row.password_hash });
  });
}"""
    good = """function login(email, password, callback) {
  find(email, (err, row) => {
    if (err) return callback(err);
    callback(null, { user_id: 'shop|' + row.id, email: email, password_changed_at: row.changed });
  });
}"""
    source = BEST_PRACTICES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if script.kind is None or script.kind.name not in PROFILE_KINDS:
            return
        seen: set[Node] = set()
        for profile in profiles(script):
            for node, message in _leaks(script, profile):
                if node not in seen:
                    seen.add(node)
                    yield self.finding(
                        subject, node, message, hint="Name the columns that the profile needs, one by one."
                    )


def _leaks(script: Script, profile: Profile) -> Iterator[tuple[Node, str]]:
    named = [(key, value) for key, values in profile.fields.items() for value in values]
    inside = deep_entries(script, *(value for _, value in named))
    named.extend((key, inner) for key, inner in inside if key is not None)
    for key, value in named:
        if value.type in _NOTHING or value.text == "undefined":
            continue
        if names_stored_password(key):
            yield value, f"{key} goes into the profile"
        elif PASSWORD in taint(script).of(value):
            yield value, "the password goes into the profile"
    for node in profile.whole:
        secret = _secret_of(script, node)
        if secret is not None:
            yield node, f"{node.text[:40]} goes into the profile with its {secret}"


def _secret_of(script: Script, node: Node) -> str | None:
    """Return the password column of a whole object, where the script itself reads one from it."""
    node_or_none = unwrap(node)
    if node_or_none is None:
        return None
    if node_or_none.type in {"identifier", "shorthand_property_identifier"}:
        binding = script.names.resolve(node_or_none)
        return _secret_of_name(binding) if binding is not None else None
    if node_or_none.type not in {"member_expression", "subscript_expression"}:
        return None
    text = node_or_none.text
    for member in script.tree.nodes("member_expression"):
        held = member.get("object")
        name = property_name(member)
        if held is not None and held.text == text and names_stored_password(name):
            return name
    return None


def _secret_of_name(binding: Binding) -> str | None:
    found: str | None = None
    for use in binding.references:
        parent = use.parent
        if parent is None:
            continue
        name = property_name(parent) if use.field == "object" else _taken_apart(parent, use)
        if not names_stored_password(name):
            continue
        around = parent.parent
        if around is not None and (
            (around.type == "unary_expression" and around.operator == "delete")
            or (around.type == "assignment_expression" and parent.field == "left")
        ):
            return None
        found = found or name
    return found


def _taken_apart(parent: Node, use: Node) -> str | None:
    """Return the password that `const { password: hash } = row` takes out of a row."""
    pattern = parent.get("name") if parent.type == "variable_declarator" and use.field == "value" else None
    if pattern is None or pattern.type != "object_pattern":
        return None
    for child in pattern.children:
        key = child.get("key") if child.type == "pair_pattern" else child
        if key is not None and names_stored_password(key.text):
            return key.text
    return None
