"""Reads `tenants/*.yaml` into typed models of tenants."""
