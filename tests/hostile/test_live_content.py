"""What a tenant has is untrusted: whatever its names, options, scripts and errors hold, no output obeys it."""

import html.parser
import json
import re

import pytest

from deployer.sandbox.storage import Document

EVIL = (
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\link\x9b31m\u202egnp.exe\u2066\u200b\r\nerror: fake\x00"
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`|*_[a](javascript:alert(1))../../etc/passwd%s{{7*7}}"
)
# Control characters but tab and newline, C1, bidirectional controls, and what has no width.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

USERS = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good], brute_force_protection: true, strategy_version: 2}
    metadata: {team: identity}
"""


def poison(document: Document) -> None:
    """Somebody hostile edits the connection in every place that is free text."""
    options = document["options"]
    options["non_persistent_attrs"] = [EVIL]
    options[EVIL] = EVIL
    options["mfa"] = {EVIL: [EVIL, {EVIL: EVIL}]}
    options["customScripts"]["login"] = f"function login() {{}} // {EVIL}\n{EVIL}"
    options["customScripts"][EVIL] = EVIL
    options["configuration"][EVIL] = options["configuration"]["PG_URL"]
    document["display_name"] = EVIL
    document["metadata"]["team"] = EVIL
    document["metadata"][EVIL[:200]] = EVIL[:200]


@pytest.fixture
def poisoned(project, local_tenant, reach):
    reach(local_tenant)
    project.tenant(USERS)
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    storage = local_tenant.state.storage
    document = storage.named("connection", "legacy-users")
    poison(document)
    storage.update("connection", document["id"], document)
    return project


class Page(html.parser.HTMLParser):
    """Counts what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("img", "iframe", "object", "embed", "link", "form", "base"):
            self.active.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.active.append(f"{tag} {name}={value}")


def is_harmless(text: str) -> None:
    found = UNSAFE.search(text)
    assert found is None, repr(text[max(0, found.start() - 60) : found.start() + 60]) if found else ""


COMMANDS = [
    "plan local --no-lint",
    "plan local --no-lint --json",
    "plan local --no-lint --format markdown",
    "drift local",
    "drift local --json",
    "status local",
    "status local --format json",
    "history local",
    "history local --json",
    "apply local --no-lint --auto-approve",
    "apply local --no-lint --auto-approve --json",
    "destroy local connection.legacy-users",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_holds_what_a_terminal_obeys(command, poisoned):
    ran = poisoned.run("-vv", *command.split())
    assert ran.code in (0, 1, 2, 3)
    assert "went wrong inside" not in ran.all, ran.all[-600:]
    is_harmless(ran.all)
    if "json" in command and ran.out.strip():
        json.loads(ran.out)
    # Nothing of it stands at the beginning of a line, as if the tool had said it.
    assert not re.search(r"^error: fake", ran.all, re.MULTILINE)


@pytest.mark.parametrize("command", ["plan local --no-lint --format html", "status local --format html"])
def test_no_page_runs_it(command, poisoned):
    ran = poisoned.run(*command.split())
    assert ran.code in (0, 2), ran.all[-500:]
    is_harmless(ran.out)
    assert "<script>alert(1)" not in ran.out
    assert "<img src=x" not in ran.out
    page = Page()
    page.feed(ran.out)
    assert page.active == []


def test_markdown_keeps_it_as_text(poisoned):
    ran = poisoned.run("plan", "local", "--no-lint", "--format", "markdown")
    # Raw HTML is only inside of fences and code spans, where it is text.
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1\s*$", "", ran.out)
    outside = re.sub(r"(?s)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script>alert" not in outside
    assert "<img" not in outside


def test_a_hostile_connection_is_applied_over(poisoned, local_tenant):
    """It is refused until what it would lose is named; then the tenant is as defined."""
    refused = poisoned.run("apply", "local", "--no-lint", "--auto-approve")
    assert refused.code == 3
    is_harmless(refused.all)


def test_names_never_become_paths(poisoned, local_tenant, api, tmp_path):
    """`import` and `render --out` write below the project whatever the tenant calls its things."""
    storage = local_tenant.state.storage
    document = storage.named("connection", "legacy-users")
    outside = {path for path in tmp_path.rglob("*") if poisoned.root not in path.parents and path != poisoned.root}
    for index, name in enumerate(("../../../escaped", "/absolute", "a/b", "..", "nul\x00", "con|pipe", EVIL[:60])):
        copy = json.loads(json.dumps(document)) | {"id": f"con_{index}", "name": name}
        storage.insert("connection", copy["id"], copy, name=name)
    (tmp_path / "into").mkdir()
    ran = poisoned.run("import", "local", "--force")
    assert ran.code in (0, 1, 3)
    is_harmless(ran.all)
    assert "went wrong inside" not in ran.all, ran.all[-600:]
    now = {path for path in tmp_path.rglob("*") if poisoned.root not in path.parents and path != poisoned.root}
    assert now - outside == {tmp_path / "into"}
    for path in poisoned.root.rglob("*"):
        is_harmless(str(path))
