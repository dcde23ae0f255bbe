"""Shows the status of tenants as text, JSON or a page."""

from enum import StrEnum
from typing import TYPE_CHECKING

from deployer.reporting.terminal import as_text
from deployer.reporting.views import load_view

if TYPE_CHECKING:
    from deployer.operations.tenant_status import FleetStatus


class StatusFormat(StrEnum):
    """How the status is shown: each format has its view, `status_FORMAT`."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def show_status(fleet: "FleetStatus", form: str = "text") -> str:
    """Write the status in one of the formats of `StatusFormat`; text is coloured on a terminal."""
    return as_text(load_view("status", StatusFormat(form))(fleet))
