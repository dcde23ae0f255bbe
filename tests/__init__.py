"""Proves what deployer does through the doors that its users have; what several tests need is in `tests.support`."""

import pytest

# Its assertions are to say what they compared, as those of test files do.
pytest.register_assert_rewrite("tests.support")
