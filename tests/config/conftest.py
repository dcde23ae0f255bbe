"""A project's files in a folder, and the tenants that they say."""

from pathlib import Path

import pytest

from tests.support.config_files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """An empty project."""
    (tmp_path / "tenants").mkdir()
    return Files(tmp_path)
