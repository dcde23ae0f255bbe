"""Tenant files in, pipelines out: what `deployer ci github` and `deployer ci gitlab` write into a repository."""
