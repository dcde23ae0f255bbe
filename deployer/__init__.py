"""Declarative deployments of Auth0 custom database connections and their action scripts."""

__version__ = "0.1.0"
