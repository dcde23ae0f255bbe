"""Defines what can go wrong with the state, in errors that say where it is kept and what to do next.

The texts are ours alone: what an object store answered may hold account names or signed URLs and is never repeated.
"""

from deployer.errors import DeployerError, RefusedError


class StateError(DeployerError):
    """The state cannot be used as asked: a wrong URL, a bucket that does not exist, a name that cannot be a key."""


class StateUnreachableError(StateError):
    """Where the state is kept did not answer, or answered with a fault of its own. Whether a write took place is
    unknown.
    """


class StatePermissionError(StateError):
    """Where the state is kept, we are known and refused, or not known."""


class StateCorruptError(StateError):
    """What the state holds is not what was written: a digest differs, a record is missing or cannot be read."""


class LockedError(RefusedError):
    """Somebody else holds the tenant's lock; nothing was changed."""


class LockLostError(RefusedError):
    """The lock that was held has been taken away by `unlock`; whatever goes on now is not protected."""


class JournalTakenOverError(RefusedError):
    """Another process has gone on with this journal (`recover`); this one must stop."""
