"""Keeps what was deployed, by whom and how it was left: history, releases, locks and journals on any object store."""
