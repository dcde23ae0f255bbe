"""Writes the results of `validate` for a terminal."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from deployer.planning.validation import Validation
from deployer.text import count, one_line, visible


def validation_text(results: Sequence[Validation]) -> Iterator[Text]:
    """Write one line per tenant, and one per mistake and warning."""
    for result in results:
        if result.valid:
            made = f"{count(result.connections, 'connection')}, {count(result.scripts, 'script')}"
            yield Text.assemble(("valid    ", "success"), f"{one_line(result.tenant)}: {made}")
        else:
            yield Text.assemble(("invalid  ", "error"), one_line(result.tenant))
            for error in result.errors:
                yield Text(f"  {visible(error).rstrip()}")
        for warning in result.warnings:
            yield Text.assemble(("  warning  ", "warning"), visible(warning).rstrip())
