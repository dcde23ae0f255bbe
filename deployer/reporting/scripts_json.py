"""Writes rendered scripts as JSON."""

from deployer.operations.render import Scripts
from deployer.reporting.views import dump_json


def scripts_json(scripts: Scripts) -> str:
    """Write a JSON array: each script with its connection, its kind and the template that it came from."""
    return dump_json(
        [
            {"connection": name, "script": kind, "template": f"templates/{script.template}", "source": script.source}
            for (name, kind), script in scripts.items()
        ]
    )
