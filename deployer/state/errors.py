"""What can go wrong with the store, as errors that say where the store is and what to do next.

The texts are ours alone: what an object store answered may hold account names or signed URLs and is never repeated.
"""

from deployer.errors import DeployerError, RefusedError


class StoreError(DeployerError):
    """The store cannot be used as asked: a wrong URL, a bucket that does not exist, a name that cannot be a key."""


class StoreUnreachableError(StoreError):
    """The store did not answer, or answered with a fault of its own. Whether a write took place is not known."""


class StorePermissionError(StoreError):
    """The store knows us and refuses, or does not know us."""


class StoreCorruptError(StoreError):
    """What the store holds is not what was written: a digest differs, a record is missing or cannot be read."""


class LockedError(RefusedError):
    """Somebody else holds the tenant's lock; nothing was changed."""


class LockLostError(RefusedError):
    """The lock that was held has been taken away by `unlock`; whatever goes on now is not protected."""


class JournalTakenOverError(RefusedError):
    """Another process has gone on with this journal (`recover`); this one must stop."""
