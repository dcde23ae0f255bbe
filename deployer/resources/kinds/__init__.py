"""Holds the kinds of resources, one file each; `deployer.resources.registry` has all of them."""
