"""Finds out what a script does: where its data comes from, what leaves it, and which paths it takes."""
