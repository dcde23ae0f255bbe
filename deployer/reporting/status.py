"""The status of tenants in, its text out in the format asked for."""

import json

from deployer.operations.tenant_status import FleetStatus


def show_status(fleet: FleetStatus, form: str) -> str:
    """The status as `text` (coloured where standard output is a terminal), `json` or `html`."""
    match form:
        case "json":
            from deployer.reporting.status_json import status_json

            return json.dumps(status_json(fleet), indent=2) + "\n"
        case "html":
            from deployer.reporting.status_html import status_html

            return status_html(fleet)
        case _:
            from deployer.reporting.status_text import status_text
            from deployer.reporting.terminal import as_text, terminal_width

            return as_text(status_text(fleet, terminal_width()))
