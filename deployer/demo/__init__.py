"""Tells the whole story on a local tenant, in one command."""
