"""Renders templates: a tenant's definitions become the JavaScript of its action scripts, guards and Actions."""
