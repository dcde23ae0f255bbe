"""Holds the former names of keys, which files may go on to use, and lets the layers of a tenant use either name."""

from deployer.config.tree import Entry, Node

FORMER_KEYS = {"history": "state"}
"""What a key is called by its former name, which means the same."""


def with_names_of(override: Node, base: Node) -> Node:
    """Return `base` with its keys called what `override` calls them, so that the one can be laid over the other."""
    entries: dict[str, Entry] = dict(base.value)
    for former, name in FORMER_KEYS.items():
        for other, used in ((former, name), (name, former)):
            if used in override.value and other not in override.value and other in entries:
                entry = entries.pop(other)
                entries.setdefault(used, entry)
    return Node(entries, base.position)
