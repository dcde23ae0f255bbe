"""Results of `validate` in, lines on the terminal out."""

from collections.abc import Sequence

from rich.text import Text

from deployer.planning.validation import Validation
from deployer.reporting.terminal import console
from deployer.text import count, one_line, visible


def print_validation(results: Sequence[Validation]) -> None:
    """One line per tenant, and one per mistake."""
    out = console()
    for result in results:
        if result.valid:
            made = f"{count(result.connections, 'connection')}, {count(result.scripts, 'script')}"
            out.print(Text.assemble(("valid    ", "green"), f"{one_line(result.tenant)}: {made}"))
        else:
            out.print(Text.assemble(("invalid  ", "red"), one_line(result.tenant)))
            for error in result.errors:
                out.print(Text(f"  {visible(error).rstrip()}"))
        for warning in result.warnings:
            out.print(Text.assemble(("  warning  ", "yellow"), visible(warning).rstrip()))
