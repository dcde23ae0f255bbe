"""Writes the pipelines of a project: `deployer ci github` and `deployer ci gitlab`."""
