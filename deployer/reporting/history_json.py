"""Writes history records as JSON."""

from deployer.operations.history import History
from deployer.reporting.views import dump_json


def history_json(_tenant: str, found: History, _filtered: bool = False) -> str:
    """Write the records as a JSON array, in the format in which they are kept."""
    return dump_json([record.model_dump(mode="json") for record in found.records])
