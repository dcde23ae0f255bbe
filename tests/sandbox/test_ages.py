"""`deployer sandbox --as-of`: the tenant behaves as the Management API did in a month."""

from typing import Any

import pytest

from deployer.errors import DeployerError
from deployer.sandbox import ages
from deployer.sandbox.server import LocalTenant


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-3", "26-03", "2026-03-01", "march", ""])
def test_what_is_no_month_is_one_clear_error(project: Any, month: str) -> None:
    ran = project.run("sandbox", "--as-of", month)
    assert ran.code == 1
    assert f"--as-of: {month!r} is not a month. Write it as YYYY-MM" in ran.err


def test_rows_are_in_order_and_each_says_where_it_is_known_from() -> None:
    months = [change.since for change in ages.CHANGES]
    assert months == sorted(months)
    assert all(change.source for change in ages.CHANGES)


def test_without_a_month_the_newest_row_counts_and_before_the_first_none_does() -> None:
    assert ages.age() == ages.age(ages.NEWEST)
    assert ages.age("2001-01") == ages.Age("2001-01")
    assert ages.age("2099-01").rules_run is False


def test_a_tenant_knows_its_age() -> None:
    with LocalTenant(as_of="2026-03") as tenant:
        assert tenant.state.age == ages.age("2026-03")
    with pytest.raises(DeployerError, match="is not a month"):
        LocalTenant(as_of="soon")
