"""Requests as JSON lines in; for each, a child process that runs the command line, its id and its exit code out.

Everything heavy is imported once, before any thread exists; a child is a copy of that, and a process like any other:
it can be killed. `kill_at` kills it from within, at the nth write to the store, before or after it took place.
"""

import json
import os
import signal
import sys


def main() -> None:
    """Serve until standard input ends."""
    load()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(request)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def load() -> None:
    """Import what a command needs."""
    import obstore  # noqa: F401
    from auth0.management.client import AsyncAuth0

    import deployer.applying.recovery
    import deployer.applying.session
    import deployer.cli.applying
    import deployer.cli.main
    import deployer.planning.plan_file
    import deployer.planning.resolve
    import deployer.releases.promotion
    import deployer.releases.provenance
    import deployer.reporting.outcome_json
    import deployer.reporting.outcome_text
    import deployer.reporting.plan_json
    import deployer.reporting.plan_text  # noqa: F401

    _ = AsyncAuth0(base_url="http://127.0.0.1", token="").connections


def child(request: dict) -> None:
    """Run one command line; never returns."""
    os.environ.clear()
    os.environ.update(request["env"])
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(output, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 70
    try:
        if request.get("kill_at"):
            arm(request["kill_at"], request["when"])
        from deployer.cli import entry

        code = entry.execute(request["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def arm(nth: int, when: str) -> None:
    """Kill this process at the nth write to the store."""
    from deployer.state.objects import Objects

    seen = 0

    def counted(name: str) -> None:
        original = getattr(Objects, name)

        def write(self: Objects, *args: object) -> object:
            nonlocal seen
            seen += 1
            mine = seen
            if mine == nth and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(self, *args)
            if mine == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(Objects, name, write)

    for name in ("put", "put_if_absent", "put_if_match", "delete"):
        counted(name)


if __name__ == "__main__":
    main()
