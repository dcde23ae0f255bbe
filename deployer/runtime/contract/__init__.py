"""Checks the contract of custom database scripts, by running a script set against a store.

Source of the contract: https://auth0.com/docs/authenticate/database-connections/custom-db and its checklist.
"""

from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport
from deployer.runtime.contract.run import run_contract
from deployer.runtime.contract.subject import ContractSubject, StoreUser

__all__ = ["CheckOutcome", "CheckResult", "ContractReport", "ContractSubject", "StoreUser", "run_contract"]
