"""Action scripts run in Node, and the contract tests."""
