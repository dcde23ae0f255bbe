"""Runs one operation for many tenants at once."""
