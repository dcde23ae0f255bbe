"""Text for people: consoles that colour only a terminal, and styles with one meaning each."""

import sys
from typing import TYPE_CHECKING

from deployer.planning.model import Action

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.NO_OP: " ",
    "add": "+",
    "change": "~",
    "remove": "-",
}
STYLES = {"+": "green", "~": "yellow", "-": "red", "!": "bold red", " ": "", "@": "cyan"}


def console(*, error: bool = False) -> "Console":
    """The console for standard output or standard error. Rich honours NO_COLOR and colours only a terminal."""
    from rich.console import Console

    file = sys.stderr if error else sys.stdout
    return Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)
