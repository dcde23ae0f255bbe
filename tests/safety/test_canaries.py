"""A canary in every secret; every command, in every format, in success and in failure; no canary anywhere."""

import base64
import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from deployer.management.tokens import TokenSource
from deployer.sandbox import dashboard

CANARIES = {
    "in the environment": "canary-env-3f9a/1+x@y",
    "in a file": "canary-file-77c1",
    "literal": "canary-literal-5be2",
    "secrets_key": "canary-secrets-key-90d4",
    "next value": "canary-next-18ab",
    "foreign value": "canary-foreign-c0de",
    "wrong credential": "canary-wrong-credential-4411",
}

TENANT = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
secrets_key: !env SECRETS_KEY
"""
USERS = """\
actions:
  notify:
    code: templates/actions/notify.js.j2
    secrets: {KEY: !env PG_URL, OTHER: !file secrets/other}
connections:
  users:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL, FROM_FILE: !file secrets/other, LITERAL: canary-literal-5be2}
    options: {non_persistent_attrs: [POLICY]}
    api: {identifier: "https://store.example/", scopes: {"read:users": read}}
    guards: [restrict-audience]
"""


def forms(secret: str) -> set[str]:
    """A secret as it is, and as it may be written elsewhere; none of its digests may be without a key."""
    data = secret.encode()
    encoded = {base64.b64encode(data), base64.urlsafe_b64encode(data), data.hex().encode()}
    for function in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        raw = function(data).digest()
        encoded |= {raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw)[:22]}
    texts = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret.replace("/", "\\/")}
    return texts | {one.decode().rstrip("=") for one in encoded}


class Watch:
    """Collects what commands say and write, and looks for secrets in all of it."""

    def __init__(self, project, tenant, roots: list[Path]) -> None:
        self.project = project
        self.tenant = tenant
        self.roots = roots
        self.commands = 0
        self.secrets = {*CANARIES.values(), tenant.client_secret}

    def run(self, *arguments: str, code: int | tuple[int, ...] = 0):
        ran = self.project.run(*arguments)
        codes = (code,) if isinstance(code, int) else code
        assert ran.code in codes, (arguments, ran.code, self.clean(ran.all))
        self.look(" ".join(arguments), ran.all)
        self.commands += 1
        return ran

    def clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "<SECRET>")
        return text

    def look(self, where: str, text: str) -> None:
        for secret in self.secrets:
            for form in forms(secret):
                found = text.find(form)
                around = self.clean(text[max(0, found - 200) : found + 200])
                assert found < 0, f"a secret is in {where}: ...{around}..."

    def look_at_files(self) -> int:
        """Every file below the roots but the secrets themselves and the definition with the literal value."""
        seen = 0
        for root in self.roots:
            for file in sorted(root.rglob("*")):
                if not file.is_file() or "secrets" in file.relative_to(root).parts or file.suffix == ".yaml":
                    continue
                self.look(str(file), file.read_bytes().decode("utf-8", "replace"))
                self.look("the name of a file", str(file))
                seen += 1
        return seen

    def learn(self) -> None:
        """The secrets that the tenant has made by itself are secrets, too."""
        for client in self.tenant.state.storage.all("client"):
            self.secrets.add(client["client_secret"])
        self.secrets |= {token.value for token in TokenSource._kept.values()}


@pytest.fixture
def watch(project, local_tenant, reach, monkeypatch, tmp_path, tmp_path_factory, caplog):
    reach(local_tenant)
    scratch, cache = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("cache")
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(scratch))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setenv("PG_URL", CANARIES["in the environment"])
    monkeypatch.setenv("SECRETS_KEY", CANARIES["secrets_key"])
    project.write("secrets/other", CANARIES["in a file"] + "\n")
    project.write(
        "templates/actions/notify.js.j2", "exports.onExecutePostLogin = async (event, api) => {\n  return;\n};\n"
    )
    watching = Watch(project, local_tenant, [tmp_path, scratch, cache])
    yield watching
    watching.look("the log", caplog.text)


def tenant(project, policy: str = "low", head: str = TENANT, name: str = "local") -> None:
    project.write(f"tenants/{name}.yaml", head + USERS.replace("POLICY", policy))


def test_no_command_shows_a_secret(watch, project, local_tenant, monkeypatch, tmp_path, capsys):
    tenant(project)
    file = str(tmp_path / "saved.plan")
    for each in ("text", "json", "markdown", "html"):
        watch.run("-vv", "plan", "local", "--no-lint", "--format", each, "--out", f"{file}.{each}")
    watch.run("-vv", "apply", "local", f"{file}.json")
    watch.learn()
    # Our change, then somebody else's, then both.
    monkeypatch.setenv("PG_URL", CANARIES["next value"])
    watch.run("plan", "local", "--no-lint")
    dashboard.change_secret(local_tenant.state, "users", "FROM_FILE", CANARIES["foreign value"])
    watch.run("-vv", "drift", "local", code=2)
    watch.run("drift", "local", "--json", code=2)
    dashboard.change_secret(local_tenant.state, "users", "PG_URL", CANARIES["foreign value"])
    for each in ("text", "json", "markdown", "html"):
        watch.run("-vv", "plan", "local", "--no-lint", "--format", each)
    tenant(project, "good")
    watch.run("-vv", "apply", "local", "--no-lint", "--auto-approve", "--json")
    watch.run("history", "local")
    watch.run("history", "local", "--json")
    for each in ("text", "json", "html"):
        shown = watch.run("-vv", "status", "local", "--format", each)
        project.write(f"status.{each}", shown.out)
    watch.run("-vv", "lint", "local", code=(0, 1))
    watch.run("lint", "local", "--format", "json", code=(0, 1))
    watch.run("validate", "local")
    watch.run("render", "local")
    watch.run("recover", "local")
    watch.run("recover", "local", "--json")
    watch.run("schema")
    watch.run("rollback", "local", "--auto-approve", code=(0, 1, 3))
    assert watch.look_at_files() > 20
    files = watch.look_at_files()
    with capsys.disabled():
        print(f"\n{watch.commands} commands, {files} files, {len(watch.secrets)} secrets: none shown")


def test_no_failure_shows_a_secret(watch, project, local_tenant, monkeypatch, tmp_path):
    tenant(project)
    watch.run("apply", "local", "--no-lint", "--auto-approve")
    watch.learn()
    monkeypatch.setenv("PG_URL", CANARIES["next value"])
    tenant(project, "good")
    file = str(tmp_path / "saved.plan")
    watch.run("plan", "local", "--no-lint", "--out", file)
    # A stale secret, an unnamed one, a lost answer, a failed roll-back and its recovery.
    monkeypatch.setenv("PG_URL", CANARIES["in the environment"])
    watch.run("-vv", "apply", "local", file, code=3)
    monkeypatch.setenv("PG_URL", CANARIES["next value"])
    dashboard.change_secret(local_tenant.state, "users", "THEIRS", CANARIES["foreign value"])
    watch.run("-vv", "apply", "local", "--no-lint", "--auto-approve", code=3)
    dashboard.edit_option(local_tenant.state, "users", "configuration.THEIRS", None)
    local_tenant.weather.add_fault("status", method="PATCH", path="/api/v2/connections/*", times=None, status=500)
    watch.run("-vv", "apply", "local", "--no-lint", "--auto-approve", code=1)
    local_tenant.weather.clear()
    watch.run("-vv", "recover", "local", "--auto-approve")
    # The unlock of a lock that is not there, and an address that is not there.
    watch.run("-vv", "unlock", "local", "--id", "abc", code=1)
    watch.run("-vv", "destroy", "local", "connection.none", "--confirm", "connection.none", code=1)
    assert watch.look_at_files() > 10


def test_wrong_credentials_are_not_shown(watch, project, monkeypatch):
    tenant(project)
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", CANARIES["wrong credential"])
    for command in (
        ("plan", "local", "--no-lint"),
        ("drift", "local"),
        ("apply", "local", "--no-lint", "--auto-approve"),
    ):
        watch.run("-vv", *command, code=1)


def test_a_private_key_is_not_shown(watch, project):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    project.write("secrets/key.pem", key.decode())
    watch.secrets |= {line for line in key.decode().splitlines() if "-----" not in line and len(line) > 20}
    head = TENANT.replace("client_secret: !env AUTH0_CLIENT_SECRET", "private_key: !file secrets/key.pem")
    tenant(project, head=head)
    watch.run("-vv", "plan", "local", "--no-lint", code=1)
    project.write("secrets/key.pem", key.decode().replace("A", "B"))
    watch.secrets |= {line.replace("A", "B") for line in list(watch.secrets)}
    watch.run("-vv", "plan", "local", "--no-lint", code=1)


MISTAKES = {
    "the secret itself": TENANT.replace("!env AUTH0_CLIENT_SECRET", "canary-literal-5be2"),
    "the key itself": TENANT.replace("!env SECRETS_KEY", "canary-literal-5be2"),
    "broken YAML beside it": TENANT + "canary-literal-5be2: [\n",
    "a file that is not there": TENANT.replace("!env SECRETS_KEY", "!file secrets/none"),
    "a secret where none may be": TENANT + "promote_from: {x: canary-literal-5be2}\n",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_beside_a_secret_does_not_show_it(mistake, watch, project):
    tenant(project, head=MISTAKES[mistake])
    ran = watch.run("-vv", "plan", "local", "--no-lint", code=1)
    assert "local.yaml" in ran.err
    watch.run("validate", "local", code=(0, 1))


class Echo(BaseHTTPRequestHandler):
    """A tenant that refuses every write with an error that repeats all that it was sent, headers included."""

    status = 400

    def do_GET(self) -> None:
        self._answer(200, [])

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length).decode()
        if self.path == "/oauth/token":
            self._answer(200, {"access_token": "a.b.c", "expires_in": 3600, "scope": "read:connections_options"})
            return
        said = f"Payload validation error: {body} {json.loads(body)} {dict(self.headers)}"
        self._answer(self.status, {"statusCode": self.status, "error": "Bad Request", "message": said, "body": body})

    do_PATCH = do_PUT = do_POST  # noqa: N815

    def _answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextlib.contextmanager
def echoing(status: int):
    handler = type("Handler", (Echo,), {"status": status})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_a_tenant_that_repeats_what_it_was_sent(status, watch, project, monkeypatch):
    project.write(
        "tenants/local.yaml",
        TENANT
        + "connections:\n  users:\n    store: postgres\n"
        + "    configuration: {PG_URL: !env PG_URL, FROM_FILE: !file secrets/other, LITERAL: canary-literal-5be2}\n",
    )
    with echoing(status) as url:
        monkeypatch.setenv("AUTH0_BASE_URL", url)
        watch.run("-vv", "apply", "local", "--no-lint", "--auto-approve", code=1)
        watch.run("history", "local", "--json")
        watch.run("-vv", "recover", "local", "--auto-approve", code=(0, 1))
    assert watch.look_at_files() > 3
