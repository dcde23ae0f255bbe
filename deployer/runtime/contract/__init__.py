"""A script set and a store in, named results out: the contract of custom database scripts, checked by running them.

Source of the contract: https://auth0.com/docs/authenticate/database-connections/custom-db and its checklist.
"""

from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport
from deployer.runtime.contract.run import run_contract
from deployer.runtime.contract.subject import ContractSubject, StoreUser

__all__ = ["CheckOutcome", "CheckResult", "ContractReport", "ContractSubject", "StoreUser", "run_contract"]
