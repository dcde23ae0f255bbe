"""Writes the files of a new project."""
