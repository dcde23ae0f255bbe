"""Holds the lint rules, one module each; a rule is found by being here."""
