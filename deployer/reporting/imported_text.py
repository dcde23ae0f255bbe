"""Writes what an import did for a terminal: files, variables to set, notes, and the next commands."""

from collections.abc import Iterator, Sequence

from deployer.importing.importing import ImportResult
from deployer.text import count, one_line


def imported_text(result: ImportResult, deploying: Sequence[str]) -> str:
    """Write what was found and written, and what comes next; what came from the tenant is made safe to show.

    Args:
        result: what the import did.
        deploying: the commands that bring the working tree to the tenant; the last one adopts what was imported.
    """
    return "".join(f"{line}\n" for line in _lines(result, deploying))


def _lines(result: ImportResult, deploying: Sequence[str]) -> Iterator[str]:
    for name, why in sorted(result.left_out.items()):
        yield f"left out: {one_line(name)}: {why}"
    files = result.files
    if files is None:
        yield f"Nothing to import from {result.tenant}."
        return
    for path in sorted(files.new):
        yield f"wrote {path}"
    if files.added is not None:
        sections = dict.fromkeys(one.section for one in result.imported)
        yield f"added {' and '.join(sections)} to {files.tenant_file}"
    for one in result.imported:
        scripts = f": {count(len(one.scripts), 'script')} in templates/{files.stores[one.name]}/" if one.scripts else ""
        yield f"{one.kind} {one.name}{scripts}"
        for note in one.notes:
            yield f"  note: {note}"
    yield from _variables(result)
    yield ""
    yield from _next(result, deploying)


def _variables(result: ImportResult) -> Iterator[str]:
    variables = {name: (one.name, key) for one in result.imported for name, key in one.variables.items()}
    if not variables:
        return
    yield ""
    yield "Set these variables; Auth0 lets nobody read their values back:"
    for name, (connection, key) in variables.items():
        yield f"  {name}  # {connection} configuration.{one_line(key, 60)}"
    yield "A value that nobody knows any more is kept by `!keep`, as long as nothing else in the options changes."


def _next(result: ImportResult, deploying: Sequence[str]) -> Iterator[str]:
    files = result.files
    if files is not None and files.to_merge is not None:
        yield f"Merge {files.to_merge} into {files.tenant_file}, and remove it: nothing reads it."
    allowed = " ".join(f"--allow adopt:{one.address}" for one in result.imported)
    yield "Next:"
    yield f"  deployer lint {result.tenant}     # what is wrong with the scripts; --no-lint goes on in spite of errors"
    yield f"  deployer plan {result.tenant}"
    for command in deploying[:-1]:
        yield f"  {command}"
    yield f"  {deploying[-1]} {allowed}"
