"""Holds the use cases of one tenant: what each command does, apart from how it is asked for and shown."""
