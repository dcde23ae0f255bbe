"""Reads JavaScript: its tree, its scopes, and what rules ask about both."""
