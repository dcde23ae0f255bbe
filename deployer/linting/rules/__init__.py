"""One lint rule per module; a rule is found by being here."""
