"""Finds where TLS is switched off, or the other side's certificate is not verified (DB404)."""

import re
from collections.abc import Iterator

from deployer.linting.doc_urls import TLS
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import Node, Script, member_path, property_name, string_value
from deployer.linting.javascript.objects import entry
from deployer.linting.rule import ScriptRule
from deployer.linting.secret_names import is_local

_BAD = {
    "rejectUnauthorized": "false",
    "strictSSL": "false",
    "sslValidate": "false",
    "encrypt": "false",
    "trustServerCertificate": "true",
    "tlsInsecure": "true",
    "tlsAllowInvalidCertificates": "true",
    "tlsAllowInvalidHostnames": "true",
}
_IN_STRING = re.compile(
    r"(?:[?&;\s]|^)(sslmode=(?:disable|no-verify|allow)\b|trustservercertificate\s*=\s*(?:true|yes)\b|encrypt\s*=\s*(?:false|no)\b"
    r"|tlsinsecure=true\b|tlsallowinvalid\w+=true\b|(?:tls|ssl)=false\b|sslvalidate=false\b)",
    re.IGNORECASE,
)
_WORDS = (*(name.lower() for name in _BAD), "node_tls_reject", "sslmode", "ssl=", "tls", "encrypt", "trustserver")
"""A quick look: without any of these words there is nothing to find."""
_HOST = re.compile(r"(?:@|//|server=|host=|data source=)(?:tcp:)?(localhost|127\.[\d.]+|\[::1\])", re.IGNORECASE)


class TlsVerificationOff(ScriptRule):
    """Options, environment variables and parts of connection strings that say so. Local stores are left alone."""

    code = "DB404"
    name = "tls-verification-off"
    severity = Severity.ERROR
    explanation = (
        "Without verification, the script talks to whoever answers: anybody on the way can read the passwords that it "
        "sends and answer that they are right. A private certificate authority is trusted by handing its certificate "
        "to the driver (`ca`), not by trusting everybody."
    )
    bad = """function login(email, password, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, ssl: { rejectUnauthorized: false } });
  check(client, email, password, callback);
}"""
    good = """function login(email, password, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, ssl: { ca: configuration.PG_CA } });
  check(client, email, password, callback);
}"""
    source = TLS

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        source = subject.source.lower()
        if not any(word in source for word in _WORDS):
            return
        for pair in script.tree.nodes("pair"):
            key, value = pair.get("key"), script.value_of(pair.get("value"))
            name = (string_value(key) or key.text) if key is not None else ""
            if name in _BAD and value is not None and value.type == _BAD[name] and not _is_local_store(script, pair):
                yield self._found(subject, pair, pair.text)
        for write in script.tree.nodes("assignment_expression"):
            left, value = write.get("left"), script.value_of(write.get("right"))
            name = property_name(left) or ""
            if name in _BAD and value is not None and value.type == _BAD[name]:
                yield self._found(subject, write, write.text)
            elif name == "NODE_TLS_REJECT_UNAUTHORIZED" and (member_path(left) or "").startswith("process.env"):
                text = string_value(value) if value is not None else None
                if text == "0" or (
                    value is not None and value.type in {"number", "false"} and value.text in {"0", "false"}
                ):
                    yield self._found(subject, write, "NODE_TLS_REJECT_UNAUTHORIZED=0")
        for node in script.tree.nodes("string", "template_string"):
            if node.end - node.start > 10_000:
                continue
            match = _IN_STRING.search(node.text[1:-1])
            if match is not None and "=" in node.text and not _HOST.search(node.text) and _is_connection(node.text):
                yield self._found(subject, node, match.group(1))

    def _found(self, subject: ScriptInput, node: Node, what: str) -> Finding:
        return self.finding(
            subject,
            node,
            f"{' '.join(what.split())[:60]}: the other side is not verified",
            hint="Remove it; for a private certificate authority, pass its certificate as `ca`.",
        )


def _is_connection(text: str) -> bool:
    return "://" in text or ";" in text or text[1:2] in {"?", "&"}


def _is_local_store(script: Script, pair: Node) -> bool:
    """Return whether the store of the options around is on this machine."""
    for around in pair.ancestors():
        if around.type == "object":
            host = script.constant_string(entry(script, around, "host", "server", "hostname"))
            if host is not None and is_local(host):
                return True
        elif around.type not in {"pair", "arguments"}:
            break
    return False
