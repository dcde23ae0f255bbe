"""History, releases, snapshots, journals and locks on any object store."""
