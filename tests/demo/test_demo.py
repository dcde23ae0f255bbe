"""The demo as a process of its own: it tells the whole story, ends by itself, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from deployer.demo.story import tell
from deployer.errors import DeployerError, ExitCode
from deployer.reporting.narration import Narration

COMMAND = [sys.executable, "-c", "from deployer.cli.entry import run; run()", "demo"]


@pytest.fixture
def places(tmp_path):
    """An environment whose home, temporary folder and working folder are all watched."""
    for name in ("home", "tmp", "work"):
        (tmp_path / name).mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return tmp_path, environment


def left_behind(root) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_whole_story(places):
    root, environment = places
    began = time.monotonic()
    done = subprocess.run(
        COMMAND,
        env=environment,
        cwd=root / "work",
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert time.monotonic() - began < 60
    parts = ["plan local", "+ connection.legacy-users will be created", "Applied 1 change", "No changes. 1 resource"]
    parts += ["drift local", "- options.customScripts.change_email", "Drift in 1 resource", "will be updated in place"]
    places_of = [done.stdout.index(part) for part in parts]
    assert places_of == sorted(places_of)
    assert "\x1b" not in done.stdout
    assert not re.search(r"postgres://scripts:[^@]+@", done.stdout)
    assert "Bearer" not in done.stdout
    assert left_behind(root) == []
    assert list((root / "tmp").iterdir()) == []


def test_a_demo_that_is_interrupted_leaves_nothing_behind(places):
    root, environment = places
    # A shell without job control starts what runs in the background deaf to Ctrl-C, and children inherit that.
    with subprocess.Popen(
        COMMAND,
        env=environment,
        cwd=root / "work",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads in this child
    ) as process:
        assert process.stdout is not None
        while "What would change?" not in (line := process.stdout.readline()):
            assert line, "it ended before it began"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert left_behind(root) == []
    assert list((root / "tmp").iterdir()) == []


def test_an_interrupted_command_interrupts_the_story():
    with pytest.raises(KeyboardInterrupt):
        tell(lambda _: ExitCode.INTERRUPTED, Narration())


def test_a_command_that_ends_otherwise_than_told_is_an_error(capsys):
    with pytest.raises(DeployerError, match="`deployer plan local` ended with exit code 1, not 0"):
        tell(lambda _: 1, Narration())
    assert "What would change?" in capsys.readouterr().out
