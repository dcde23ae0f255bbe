"""Holds the kinds of resources, behind one interface, and what they have in common."""
