"""Lets the kernel bound a process that runs code of others, whatever happens to its parent."""

import contextlib
import sys


def limit_process(pid: int, *, memory_mb: int) -> None:
    """Set bounds that hold even if we are killed: memory beyond the heap, processor time, no core files. Linux only."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    megabyte = 1024 * 1024
    bounds = {
        resource.RLIMIT_DATA: (4 * memory_mb + 1024) * megabyte,
        resource.RLIMIT_CPU: 20 * 60,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, what, (most, most))
