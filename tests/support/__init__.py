"""Gives tests what they share: the command line, projects, tenants, stores, servers that misbehave, and faults.

A test imports from here (`from tests.support.command_line import Project`); a `conftest.py` only makes fixtures of it.
"""
