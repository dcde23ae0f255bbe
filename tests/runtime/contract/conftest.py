"""A right script set for the users of the shared PostgreSQL, and a way to test it with one script made worse."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.runtime.contract import ContractReport, ContractSubject, StoreUser, run_contract
from tests.support.contract_scripts import GOOD


@pytest.fixture
def good_scripts() -> dict[str, str]:
    return dict(GOOD)


@pytest.fixture
def subject(users: Any) -> ContractSubject:
    """The right script set on the shared PostgreSQL."""
    return ContractSubject(
        connection="legacy",
        scripts=dict(GOOD),
        user=StoreUser("ada@example.com", "Correct-Horse-1"),
        new_user=StoreUser("new@example.com", "Fresh-Password-1"),
        configuration={"PG_URL": users.url},
        modules={"pg": "8.16.3"},
        migration="trickle",
        user_id_prefix="legacy|",
        limit_seconds=3,
        disposable=True,
    )


@pytest.fixture
def check(module_cache: Path) -> Callable[..., ContractReport]:
    """A function that runs contract tests of a subject, or those named."""

    def run(subject: ContractSubject, *names: str, **changes: Any) -> ContractReport:
        return asyncio.run(run_contract(replace(subject, **changes), cache=module_cache, only=names or None))

    return run
