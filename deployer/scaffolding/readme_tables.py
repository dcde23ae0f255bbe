"""Writes the tables in the READMEs of template families, from their manifests and the registry of password formats.

`python -m deployer.scaffolding.readme_tables [FOLDER]` brings the READMEs below templates/ up to date and names those
that it has changed. A README has a table wherever it has the table's first line.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from deployer.errors import DeployerError
from deployer.rendering.families import MANIFEST
from deployer.rendering.manifest import Manifest, Variable
from deployer.rendering.password_formats import PasswordFormats
from deployer.rendering.templates import Templates, shipped_templates

README = "README.md"

_VARIABLES = "| variable | default | what |"
_CONFIGURATION = "| key | what |"
_FORMATS = "| format | stored as | new hashes |"
_MODULES = re.compile(r"^Modules, unless the connection names others: .*$", re.MULTILINE)


def readme_with_tables(text: str, manifest: Manifest, formats: PasswordFormats) -> str:
    """Put the tables of today in the place of those that a README has; everything else stays."""
    for header, rows in (
        (_VARIABLES, [_variable_row(name, each) for name, each in manifest.variables.items()]),
        (_CONFIGURATION, [_row(_code(key), what) for key, what in manifest.configuration.items()]),
        (_FORMATS, list(_format_rows(formats))),
    ):
        rule = "|" + " --- |" * header.count(" | ") + " --- |"
        table = "\n".join([header, rule, *rows])
        text = re.sub(rf"^{re.escape(header)}(\n\|.*)*", _always(table), text, flags=re.MULTILINE)
    modules = ", ".join(f"{_code(name)} {version}" for name, version in manifest.modules.items())
    return _MODULES.sub(_always(f"Modules, unless the connection names others: {modules}."), text)


def _always(text: str) -> Callable[[re.Match[str]], str]:
    """Make what replaces whatever was found by a text that is taken as it is."""
    return lambda _: text


def outdated_readmes(folder: Path) -> dict[Path, str]:
    """Find the READMEs below a folder of templates whose tables are not those of today, with the text to be there.

    Raises:
        DeployerError: for a manifest or a registry with mistakes.
    """
    templates = Templates(folder)
    found = {}
    for path in sorted(folder.glob(f"*/{README}")):
        if (path.parent / MANIFEST).is_file():
            text = path.read_text("utf-8")
            new = readme_with_tables(text, templates.manifest(path.parent.name), templates.password_formats)
            if new != text:
                found[path] = new
    return found


def main(arguments: list[str]) -> int:
    """Rewrite what is out of date below the folder that was given, else below the templates of this tool."""
    folder = Path(arguments[0]) if arguments else shipped_templates()
    try:
        for path, text in outdated_readmes(folder).items():
            path.write_text(text, "utf-8", newline="\n")
            sys.stdout.write(f"{path}\n")
    except DeployerError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


def _variable_row(name: str, variable: Variable) -> str:
    about = variable.description
    if variable.choices:
        about += f" ({', '.join(map(_code, variable.choices))})"
    elif variable.minimum is not None and variable.maximum is not None:
        about += f" ({variable.minimum:g} to {variable.maximum:g})"
    elif variable.minimum is not None:
        about += f" (at least {variable.minimum:g})"
    elif variable.maximum is not None:
        about += f" (at most {variable.maximum:g})"
    default = variable.default
    shown = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    return _row(_code(name), "required" if variable.required else _code(shown), about)


def _format_rows(formats: PasswordFormats) -> Iterator[str]:
    for name, entry in formats.by_name.items():
        yield _row(_code(name), entry.stored_as, entry.new_hashes or "none: read only")


def _code(text: str) -> str:
    return f"`{text}`" if text else "empty"


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
