"""Two applies at once, from two processes: one wins, the other is told who, and no update is lost."""

import json
import re
import shutil
import uuid

import pytest

from deployer.state.state_store import StateStore

BODY = """\
connections:
  users:
    store: tiny
    configuration: {{PG_URL: !env PG_URL}}
    options: {{non_persistent_attrs: [{policy}]}}
    metadata: {{round: "{round}"}}
"""
# Who came while the other worked, who planned before the other was done, who came in the moment of its end.
TOLD = re.compile(r"is locked by \S+@\S+ .*apply local.* since|the plan is stale|taken and given back")
POLICIES = ("good", "fair", "low", "excellent")


@pytest.fixture
def pair(forks_pair, project, local_tenant, reach, tiny_store):
    """Two folders of the same project, as two pipelines have them, for one tenant and one store."""
    reach(local_tenant)
    tiny_store(project)
    other = project.root.with_name("other")
    shutil.copytree(project.root, other)
    return Pair(forks_pair, project, other, local_tenant)


class Pair:
    def __init__(self, forks, project, other, tenant) -> None:
        self.forks = forks
        self.project = project
        self.roots = (project.root, other)
        self.tenant = tenant

    def write(self, root, policy: str, number: str) -> None:
        from_conftest = self.project.tenant(BODY.format(policy=policy, round=number))
        text = from_conftest.read_text()
        (root / "tenants").mkdir(exist_ok=True)
        (root / "tenants" / "local.yaml").write_text(text)

    def both(self, number: int) -> list[tuple[int, str, str]]:
        """Apply two different definitions at once; exit code, output and the round's mark of each."""
        marks = [f"{number}-{letter}" for letter in "ab"]
        for index in (1, 0):
            self.write(self.roots[index], POLICIES[(number + index) % 4], marks[index])
        files = [root / "out" for root in self.roots]
        for forks, root, file in zip(self.forks, self.roots, files, strict=True):
            arguments = ["--chdir", str(root), "--no-token-cache", "apply", "local", "--no-lint", "--auto-approve"]
            forks.start(arguments, file)
        codes = [forks.wait() for forks in self.forks]
        return [(code, file.read_text(), mark) for code, file, mark in zip(codes, files, marks, strict=True)]

    def mark(self) -> str | None:
        connection = self.tenant.state.storage.named("connection", "users")
        return connection and connection["metadata"]["round"]


def play(pair: Pair, url: str, rounds: int, monkeypatch, capsys) -> None:
    monkeypatch.setenv("DEPLOYER_STATE", url)
    refused = 0
    for number in range(rounds):
        before = len(StateStore.open(url).history.list("local"))
        ended = pair.both(number)
        won = [(text, mark) for code, text, mark in ended if code == 0]
        lost = [text for code, text, _ in ended if code != 0]
        # Whoever came second may have waited for nobody, and planned on what the first one made: then both are done.
        assert won, ended
        for code, text, _ in ended:
            assert code in (0, 3), text
        for text in lost:
            assert re.search(
                r"is locked by \S+@\S+ .*apply local.* since|the plan is stale|taken and given back", text
            ), text
            refused += 1
        assert pair.mark() in [mark for _, mark in won], (pair.mark(), ended)
        records = StateStore.open(url).history.list("local")
        assert len(records) - before == len(won)
        assert {record.result for record in records} == {"succeeded"}
        assert StateStore.open(url).locks.holder("local") is None
    with capsys.disabled():
        print(f"\n{url.split(':', maxsplit=1)[0][:2]}: {rounds} rounds, {refused} refused and told who, no update lost")
    assert refused


def test_two_applies_on_a_folder(pair, tmp_path, monkeypatch, capsys):
    play(pair, str(tmp_path / "store"), 4, monkeypatch, capsys)


def test_two_applies_on_s3(pair, s3, monkeypatch, capsys):
    play(pair, s3, 3, monkeypatch, capsys)


@pytest.mark.exhaustive
def test_fifty_rounds_on_a_folder(pair, tmp_path, monkeypatch, capsys):
    play(pair, str(tmp_path / "store"), 50, monkeypatch, capsys)


@pytest.mark.exhaustive
def test_fifty_rounds_on_s3(pair, s3, monkeypatch, capsys):
    play(pair, s3, 50, monkeypatch, capsys)


def test_a_held_lock_names_its_holder_and_how_to_free_it(pair, local_tenant, tmp_path, monkeypatch):
    url = str(tmp_path / "store")
    monkeypatch.setenv("DEPLOYER_STATE", url)
    pair.write(pair.roots[0], "good", uuid.uuid4().hex)
    lock = StateStore.open(url).lock("local", "apply local")
    before = json.dumps(local_tenant.state.storage.dump())
    ran = pair.project.run("apply", "local", "--no-lint", "--auto-approve")
    assert ran.code == 3
    assert f"is locked by {lock.record.who} (process {lock.record.pid}" in ran.err
    assert f"deployer unlock local --id {lock.id}" in ran.err
    assert json.dumps(local_tenant.state.storage.dump()) == before
    wrong = pair.project.run("unlock", "local", "--id", "0" * 12)
    assert wrong.code == 3
    assert pair.project.run("unlock", "local", "--id", lock.id).code == 0
    assert pair.project.run("apply", "local", "--no-lint", "--auto-approve").code == 0
