"""Serves a local tenant that answers like Auth0."""
