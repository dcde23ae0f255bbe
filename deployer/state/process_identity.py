"""Says who and where this process is, for locks, journals and history: `ada@laptop`, with the pipeline's run in CI."""

import contextlib
import getpass
import os
import re
import secrets
import socket
from datetime import UTC, datetime

from deployer.text import one_line

_SAFE_URL = re.compile(r"https?://[A-Za-z0-9./:_-]+\Z")


def whoami() -> str:
    """Return `user@host`; in a pipeline who started it comes first: `octocat (runner@fv-az123)`."""
    place = one_line(f"{_user()}@{hostname()}", 120)
    person = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN")
    return f"{one_line(person, 60)} ({place})" if person else place


def hostname() -> str:
    """Return this machine's name."""
    return one_line(socket.gethostname() or "unknown", 80)


def pipeline_run() -> str | None:
    """Return the web address of the CI run that this process belongs to, or None."""
    url = os.environ.get("CI_JOB_URL")
    if os.environ.get("GITHUB_RUN_ID"):
        server, repository, run = (
            os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
        )
        url = f"{server}/{repository}/actions/runs/{run}"
    return url if url and len(url) <= 300 and _SAFE_URL.match(url) else None


def is_running(pid: int) -> bool:
    """Return whether a process of this machine is alive. One that we may not signal is."""
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def time_id(at: datetime) -> str:
    """Make an id such as `20261123T013343.123456Z-1f3a9c0e`: it sorts by time as text, and no two are alike."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"


def _user() -> str:
    # A container's user may have no entry in the password file.
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}"
