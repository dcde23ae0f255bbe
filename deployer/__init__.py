"""Deploys Auth0 custom database connections and their action scripts from definitions in files."""

__version__ = "0.1.0"
