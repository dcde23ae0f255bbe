"""Follows a script along all its paths, to tell whether each calls the callback exactly once."""
