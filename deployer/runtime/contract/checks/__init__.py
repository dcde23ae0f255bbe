"""Every check, in the order in which they run: from one login to what breaks the store."""

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks import (
    callback,
    change_email,
    change_password,
    connections,
    create,
    create_twice,
    delete,
    get_user_unknown,
    global_clean,
    good_login,
    injection,
    metadata_name,
    no_secrets,
    same_profile,
    stable_user_id,
    store_down,
    store_drops,
    store_slow,
    unique_email,
    unknown_user,
    verify,
    wrong_password,
)

CHECKS: tuple[Check, ...] = (
    good_login.CHECK,
    stable_user_id.CHECK,
    wrong_password.CHECK,
    unknown_user.CHECK,
    same_profile.CHECK,
    get_user_unknown.CHECK,
    unique_email.CHECK,
    create.CHECK,
    create_twice.CHECK,
    change_password.CHECK,
    verify.CHECK,
    change_email.CHECK,
    delete.CHECK,
    metadata_name.CHECK,
    no_secrets.CHECK,
    injection.CHECK,
    global_clean.CHECK,
    store_down.CHECK,
    store_slow.CHECK,
    store_drops.CHECK,
    connections.CHECK,
    callback.CHECK,
)
"""`callback` is last: it judges every call that the others made."""

__all__ = ["CHECKS"]
