"""Releases from tenant to tenant, and many tenants at once."""
