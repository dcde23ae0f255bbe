"""Finds mistakes in action scripts and in the definitions around them."""
