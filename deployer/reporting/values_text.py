"""What a promotion carries, and in what the values of two tenants differ, as lines on the terminal."""

from collections.abc import Sequence

from rich.text import Text

from deployer.planning.differences import AttributeChange
from deployer.reporting.terminal import console
from deployer.reporting.values import show_path, show_value
from deployer.store.releases import short_id
from deployer.text import one_line


def print_value_differences(
    source: str, target: str, release: str, values: Sequence[AttributeChange], untested: Sequence[str]
) -> None:
    """The release, connections without tests, and every value that is another one in the target."""
    out = console()
    out.print(Text(f"Release {short_id(release)}, as {one_line(source)} runs it", "bold"))
    for name in untested:
        out.print(Text(f"  ! connection.{one_line(name)} defines no contract tests", "yellow"))
    out.print(Text(f"\nValues of {one_line(target)} that are others than those of {one_line(source)}:", "bold"))
    width = min(48, max((len(show_path(value.path)) for value in values), default=0))
    for value in values:
        one, other = (show_value(v) if v is not None else "-" for v in (value.before, value.after))
        out.print(Text(f"    {show_path(value.path).ljust(width)}  {one} -> {other}"))
    if not values:
        out.print(Text("    none"))
    out.print()
