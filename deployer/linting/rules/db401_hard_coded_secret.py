"""Finds passwords, keys and tokens in a script's text, or in the definition where a reference belongs (DB401)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import ENVIRONMENT
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import split_name
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.javascript import Node, Script, arguments, method_name, property_name, string_value, unwrap
from deployer.linting.javascript.objects import entry
from deployer.linting.rule import ScriptRule
from deployer.linting.secret_names import (
    embedded_secret,
    is_local,
    is_placeholder,
    looks_random,
    names_password,
    names_secret,
)

_KEYED = {"createHmac": 1, "createCipheriv": 1, "createDecipheriv": 1}
_SIGNING = frozenset({"sign", "verify"})
_ACCOUNT = ("user", "username", "userName", "host", "server", "hostname", "database", "client_id", "clientId")


class HardCodedSecret(ScriptRule):
    """Strings that are secrets by their form (tokens, keys, addresses with a password) or by their name and form."""

    code = "DB401"
    name = "hard-coded-secret"
    severity = Severity.ERROR
    points_at_secrets = True
    explanation = (
        "A secret in a script is readable by everybody who may read the connection, is in every export, backup and "
        "repository, and cannot be changed without a deployment. `configuration` keeps it encrypted; the "
        "definition gives it by a reference (`!env NAME`): what is written out there is in the repository as well."
    )
    bad = """function login(email, password, callback) {
  const db = connect({ host: 'db.acme.com', user: 'auth0', password: 'kT7!vq2Lx9zP' });
  db.check(email, password, callback);
}"""
    good = """function login(email, password, callback) {
  const db = connect({ host: 'db.acme.com', user: 'auth0', password: configuration.DB_PASSWORD });
  db.check(email, password, callback);
}"""
    source = ENVIRONMENT

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        for node in script.tree.nodes("string", "template_string"):
            what = _secret(script, node) if node.end - node.start > 4 else None
            if what is not None:
                yield self.finding(
                    subject,
                    node,
                    f"{what} stands in the script",
                    hint="Move it into the connection's configuration and read configuration.NAME; then change it.",
                )

    def check_definition(self, subject: ConnectionInput) -> Iterator[Finding]:
        for part, what in subject.literal_secrets.items():
            reference = "Write a reference (!env NAME, !file PATH or !secret provider:path)"
            yield self.in_definition(
                subject,
                f"{what} stands in the definition: {part}",
                part=part,
                hint=f"{reference if part.startswith('configuration.') else 'Move it into `configuration`'}; "
                "then change the secret, since whoever reads the repository has it.",
            )


def _secret(script: Script, node: Node) -> str | None:
    """Return what kind of secret a string literal is; None where it is none, or in doubt."""
    text = string_value(node)
    if text is None:
        # `postgres://app:secret@${host}/db`: the fixed pieces, with something harmless between them.
        pieces = (each.text if each.type == "string_fragment" else "${}" for each in node.children)
        return embedded_secret("".join(pieces).replace("@${}", "@host"))
    if len(text) < 3 or len(text) > 10_000:
        return None
    if len(text) >= 12 and (what := embedded_secret(text)) is not None:
        return what
    if is_placeholder(text) or (node.parent is not None and node.field in {"key", "index"}):
        return None
    name = _name_of(node)
    if name is not None:
        return _by_name(script, node, name, text)
    return _by_use(script, node, text)


def _name_of(node: Node) -> str | None:
    """Return the name that a literal is given: of a variable, a key, a property, or of what it stands in for."""
    child, parent = node, node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        child, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "binary_expression" and parent.operator in {"||", "??"} and child.field == "right":
        left = unwrap(parent.get("left"))
        return property_name(left) or (left.text if left is not None and left.type == "identifier" else None)
    if parent.type == "variable_declarator" and child.field == "value":
        name = parent.get("name")
        return name.text if name is not None and name.type == "identifier" else None
    if parent.type == "pair" and child.field == "value":
        key = parent.get("key")
        return (string_value(key) or key.text) if key is not None else None
    if parent.type == "assignment_expression" and child.field == "right":
        left = unwrap(parent.get("left"))
        return property_name(left) or (left.text if left is not None and left.type == "identifier" else None)
    return None


def _by_name(script: Script, node: Node, name: str, text: str) -> str | None:
    if not names_secret(name):
        return None
    if looks_random(text):
        return f"a secret ({name})"
    pair = node.parent
    if pair is None or pair.type != "pair" or not names_password(name) or " " in text.strip():
        return None
    # `{ host, user, password: 'x' }`: the object is an account, so even a word is a password.
    account = pair.parent
    host = script.constant_string(entry(script, account, "host", "server", "hostname"))
    if entry(script, account, *_ACCOUNT) is None or (host is not None and is_local(host)):
        return None
    return f"a password ({name})"


def _by_use(script: Script, node: Node, text: str) -> str | None:
    parent = node.parent
    if parent is None:
        return None
    if parent.type == "arguments" and parent.parent is not None:
        position = arguments(parent.parent).index(node)
        method = method_name(parent.parent)
        if method is not None and _KEYED.get(method) == position and len(text) >= 6:
            return "a key"
        if method in _SIGNING and position == 1:
            module = script.required(parent.parent)
            return "a signing key" if module is not None and module[0] == "jsonwebtoken" else None
    elif parent.type == "binary_expression" and parent.operator in {"===", "=="}:
        other = unwrap(parent.get("left") if node.field == "right" else parent.get("right"))
        if (
            other is not None
            and other.type == "identifier"
            and split_name(other.text)[-1:] == ["password"]
            and len(text) > 3
        ):
            return "a password that opens every account"
    return None
