"""Defines the styles of text for people: no other place knows the colours of a terminal.

A report says what something is (`danger`, `added`, `muted`), and the console looks up how that is shown.
"""

from rich.theme import Theme

THEME = Theme(
    {
        # What is said of something.
        "success": "green",
        "notice": "cyan",
        "warning": "yellow",
        "caution": "bold yellow",
        "error": "red",
        "danger": "bold red",
        "unknown": "magenta",
        # Differences, by their sign.
        "added": "green",
        "changed": "yellow",
        "removed": "red",
        "position": "cyan",
        # Parts of a line.
        "strong": "bold",
        "muted": "dim",
        "hint": "cyan",
        "command": "bold cyan",
    }
)

SIGN_STYLES = {"+": "added", "~": "changed", "-": "removed", "!": "danger", " ": "", "@": "position"}
"""The style of a line or its sign; `@` begins the line of numbers before a hunk."""
