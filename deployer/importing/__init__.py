"""Writes definitions and templates for what a tenant already has."""
