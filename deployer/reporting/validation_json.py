"""Writes the results of `validate` as JSON."""

from collections.abc import Sequence

from deployer.planning.validation import Validation
from deployer.reporting.views import dump_json


def validation_json(results: Sequence[Validation]) -> str:
    """Write one object for each tenant, as a JSON array."""
    return dump_json([result.as_json() for result in results])
