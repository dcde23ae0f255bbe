"""Gives the tests of applying their arena: what is applied, whom else there is, the faults, and real processes."""
