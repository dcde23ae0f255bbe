"""Implements `deployer schema`: the JSON Schema of tenant files, for editors."""

from pathlib import Path
from typing import Annotated

import typer


def schema(
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write it to this file.")] = None,
) -> None:
    """Print the JSON Schema of tenant files, for editors.

    For editors with the YAML language server (VS Code: the extension YAML):

    deployer schema --out .vscode/deployer.schema.json, and in .vscode/settings.json:
    "yaml.schemas": {".vscode/deployer.schema.json": "tenants/*.yaml"},
    "yaml.customTags": ["!env scalar", "!file scalar", "!secret scalar", "!keep scalar", "!remove scalar"]
    """
    import json

    from deployer.config.schema import tenant_schema
    from deployer.errors import DeployerError

    text = json.dumps(tenant_schema(), indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeployerError(f"the schema cannot be written: {error.strerror}", where=str(out)) from error
    typer.echo(f"wrote {out}")
