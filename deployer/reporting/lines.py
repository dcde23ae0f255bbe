"""Marks the lines of a report that belong on standard error, in the order in which people read all of them."""

from rich.text import Text


class ErrorLine(Text):
    """A line that is printed on standard error, between lines for standard output."""
