"""Files that would take all the time or all the memory end in an error in under a second and 200 MB.

Measured in a process of its own that may not use more; time is that process's own, so that a busy machine counts less.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 1.0
MEGABYTES = 200
HEAD = "domain: x.example.com\ncredentials: {client_id: x, client_secret: !env SECRET}\n"

# Imports everything once; then runs each command line that it reads in a child of its own, which may use no more than a
# gigabyte, and says what that took.
RUNNER = """\
import json, os, resource, sys
from deployer.cli import entry
import deployer.cli.main
import deployer.planning.resolve
import deployer.planning.validation
import deployer.planning.plan_file
import deployer.releases.promotion
import deployer.applying.session

def took():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

def run(request):
    resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    said = os.open(request["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1), os.dup2(said, 2)
    began = took()
    code = entry.execute(request["arguments"])
    seconds = took() - began
    sys.stdout.flush(), sys.stderr.flush()
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    with open(request["result"], "w") as file:
        json.dump({"code": code, "seconds": seconds, "mb": int(peak) / 1024}, file)
    os._exit(0)

print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        run(json.loads(line))
    os.waitpid(pid, 0)
    print("done", flush=True)
"""


def aliases() -> str:
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return HEAD + "variables:\n" + "".join(f"  {row}\n" for row in rows)


def merges() -> str:
    rows = ["m0: &m0 {x: 1}"]
    rows += [f"m{n}: &m{n} {{k{n}: *m{n - 1}, l{n}: *m{n - 1}, n{n}: *m{n - 1}}}" for n in range(1, 30)]
    return HEAD + "variables:\n" + "".join(f"  {row}\n" for row in rows)


TENANTS = {
    "alias bomb": aliases(),
    "map bomb": merges(),
    "alias in itself": HEAD + "variables: &a {x: *a}\n",
    "deep lists": HEAD + "variables: {x: " + "[" * 100_000 + "]" * 100_000 + "}\n",
    "deep maps": HEAD + "variables: " + "{x: " * 50_000 + "1" + "}" * 50_000 + "\n",
    "deep blocks": HEAD + "variables:\n" + "".join(f"{' ' * n}x:\n" for n in range(1, 1500)),
    "gigantic file": HEAD + "variables: {x: '" + "y" * 30_000_000 + "'}\n",
    "many keys": HEAD + "variables:\n" + "".join(f"  k{n}: 1\n" for n in range(300_000)),
    "a huge number": HEAD + "variables: {x: " + "9" * 1_000_000 + "}\n",
    "a huge key": HEAD + "? " + "k" * 1_900_000 + "\n: 1\n",
    "long flow line": HEAD + "variables: [" + "a," * 900_000 + "]\n",
    "binary": HEAD + "\x00\x01\x02" * 1000,
}
STORE = "connections: {users: {store: bomb}}\n"
TEMPLATES = {
    "endless loop": "{% for a in range(99999999) %}{% for b in range(99999999) %}x{% endfor %}{% endfor %}",
    "includes itself": "{% include 'bomb/login.js.j2' %}",
    "imports itself": "{% import 'bomb/login.js.j2' as x %}{{ x }}",
    "extends itself": "{% extends 'bomb/login.js.j2' %}",
    "macro calls itself": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "macro calls itself twice": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "doubling text": "{% set ns = namespace(x='x' * 1000) %}"
    "{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "multiplied text": "{{ 'x' * 9999999999 }}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a wide format": "{{ '%9999999999d' % 1 }}",
    "a wide str.format": "{{ '{:>9999999999}'.format(1) }}",
    "centred text": "{{ 'x' | center(9999999999) }}",
    "a huge join": "{{ range(9999999) | join(',') }}",
    "a huge template": "x" * 30_000_000,
    "deep expression": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "deep blocks": "{% if true %}" * 5_000 + "{% endif %}" * 5_000,
    "long replace": "{{ ('a' * 200000) | replace('a', 'b' * 200000) }}",
}


@pytest.fixture(scope="module")
def runner():
    environment = {**os.environ, "SECRET": "x", "MALLOC_ARENA_MAX": "2"}
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


@pytest.fixture
def measured(runner, project, tmp_path):
    def measure(*arguments: str) -> dict:
        said, result = tmp_path / "said", tmp_path / "result"
        request = {"arguments": ["--chdir", str(project.root), *arguments], "said": str(said), "result": str(result)}
        runner.stdin.write(json.dumps(request) + "\n")
        runner.stdin.flush()
        assert runner.stdout.readline() == "done\n"
        assert result.exists(), said.read_text()[-2000:]
        return {**json.loads(result.read_text()), "said": said.read_text()}

    return measure


def ends_well(took: dict, *, code: int = 1) -> None:
    said = took["said"]
    assert took["code"] == code, said[-1500:]
    assert "went wrong inside" not in said, said[-1500:]
    assert "Traceback" not in said
    assert len(said) < 5000
    assert took["seconds"] < SECONDS, took["seconds"]
    assert took["mb"] < MEGABYTES, took["mb"]


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures with Linux's /proc")
pytestmark = needs_proc


@pytest.mark.parametrize("case", TENANTS)
def test_a_tenant_file(case, project, measured):
    project.write("tenants/local.yaml", TENANTS[case])
    ends_well(measured("validate", "local"))


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template(case, project, measured):
    project.write("tenants/local.yaml", HEAD + STORE)
    project.write("templates/bomb/template.yaml", "description: bomb\nscripts: [login]\n")
    project.write("templates/bomb/login.js.j2", TEMPLATES[case])
    ends_well(measured("render", "local"))


@pytest.mark.parametrize("case", ["circle", "long chain", "expression"])
def test_tenant_files_that_refer_to_each_other(case, project, measured):
    if case == "circle":
        project.write("tenants/local.yaml", "extends: a\n" + HEAD)
        project.write("tenants/a.yaml", "extends: b\n")
        project.write("tenants/b.yaml", "extends: a\n")
    elif case == "long chain":
        project.write("tenants/local.yaml", "extends: c0\n" + HEAD)
        for n in range(2000):
            project.write(f"tenants/c{n}.yaml", f"extends: c{n + 1}\n")
    else:
        bomb = "{% for a in range(99999999) %}{% for b in range(99999999) %}x{% endfor %}{% endfor %}"
        project.write(
            "tenants/local.yaml", HEAD + f'connections: {{users: {{store: postgres, display_name: "{bomb}"}}}}\n'
        )
    ends_well(measured("validate", "local"))


@pytest.mark.parametrize("case", ["gigantic", "deep", "not JSON"])
def test_a_plan_file(case, project, measured):
    project.write("tenants/local.yaml", HEAD)
    file = project.write("saved.plan", {"gigantic": "x", "deep": "[" * 1_000_000, "not JSON": "{" * 10}[case])
    if case == "gigantic":
        os.truncate(file, 100_000_000_000)  # a file with a hole: it takes no room on the disk
    ends_well(measured("apply", "local", str(file)))


def test_a_secret_file_that_never_ends(project, measured):
    project.write("tenants/local.yaml", HEAD.replace("!env SECRET", "!file ../../../../../../../../dev/zero"))
    ends_well(measured("plan", "local"))
