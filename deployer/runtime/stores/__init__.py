"""Holds the user stores that contract tests run against: started for them, reached through a proxy, made to fail."""
