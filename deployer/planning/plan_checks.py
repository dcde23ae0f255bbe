"""Refuses what this command may not apply to this tenant, by the plan and by what the user has named.

A saved plan is applied by the command that made it: `apply`, `promote` or `rollback`, each from its own definitions.
"""

import shlex
from collections.abc import Iterable
from pathlib import Path

from deployer.config.models import Tenant
from deployer.errors import DeployerError, RefusedError, with_hint
from deployer.planning.model import Plan
from deployer.planning.plan_file import SavedPlan
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.concerns import Concern, ConcernCode
from deployer.state.releases import short_id
from deployer.text import did_you_mean, one_line


def saving(plan: Plan, file: str = "FILE") -> str:
    """Build the command that saves a plan like this one."""
    tenant, origin = _word(plan.tenant.name), plan.origin
    if origin is None:
        targets = "".join(f" --target {_word(target)}" for target in plan.targets)
        return f"deployer plan {tenant}{targets} --out {file}"
    if origin.command == "promote":
        return f"deployer promote {_word(origin.source)} {tenant} --out {file}"
    return f"deployer rollback {tenant} {_word(plan.release and short_id(plan.release))} --out {file}"


def applying(plan: Plan, file: str = "FILE", takes_from: str | None = None) -> str:
    """Build the command that applies this plan from its file, with what is still to be named.

    `takes_from` is the tenant whose releases alone it takes: for anything else a reason must be given, in place of
    `REASON`.
    """
    tenant, origin = _word(plan.tenant.name), plan.origin
    if origin is None:
        command = f"deployer apply {tenant} {file}"
    elif origin.command == "promote":
        command = f"deployer promote {_word(origin.source)} {tenant} {file}"
    else:
        command = f"deployer rollback {tenant} --plan-file {file}"
    open_concerns = dict.fromkeys(concern.option for concern in plan.concerns if concern.name not in plan.accepted)
    is_past = takes_from is not None and (
        origin is None or (origin.command == "promote" and origin.source != takes_from)
    )
    return " ".join([command, *open_concerns, *(["--break-glass REASON"] if is_past else [])])


def protection(tenant: str) -> Concern:
    """Build what is named to change a protected tenant by a plan that was not saved."""
    return Concern(code=ConcernCode.PROTECTED, address=f"tenant.{tenant}", why="only a saved plan changes it")


_CODES = [str(code) for code in ConcernCode]


def check_names(names: Iterable[str]) -> None:
    """Refuse what is given to `--allow` and can name no concern of any plan.

    Raises:
        DeployerError: for the first of them.
    """
    for name in names:
        code, _, address = name.partition(":")
        kind, _, rest = address.partition(".")
        if not (code and kind and rest):
            raise DeployerError(
                f"'{one_line(name, 100)}' names no change",
                where="--allow",
                hint="Write CODE:ADDRESS, as the plan shows it, such as adopt:connection.legacy-users.",
            )
        if code not in _CODES:
            near = did_you_mean(code, _CODES) or f"Codes are: {', '.join(sorted(_CODES))}."
            raise DeployerError(f"there is no code '{one_line(code, 60)}'", where="--allow", hint=near)


def rotating(allowed: Iterable[str]) -> list[str]:
    """Find the addresses whose secrets are agreed to be new ones, of what was given to `--allow`."""
    return [
        address for code, _, address in (name.partition(":") for name in allowed) if code == ConcernCode.ROTATES_SECRET
    ]


def rotation(address: str) -> str:
    """Build what is given to `--allow` where the secrets of a resource are new ones."""
    return f"{ConcernCode.ROTATES_SECRET}:{address}"


def accepting(plan: Plan, allowed: Iterable[str]) -> Plan:
    """Note in the plan, to be saved, those of the names that it has use for."""
    return plan.model_copy(update={"accepted": sorted(_acceptable(plan) & frozenset(allowed))})


def _acceptable(plan: Plan) -> set[str]:
    rotating = {rotation(change.address) for change in plan.changes if change.secrets}
    return {concern.name for concern in plan.concerns} | rotating


def unneeded(plan: Plan, allowed: frozenset[str]) -> list[str]:
    """Write a sentence for each name that was allowed and that nothing in the plan has: it may be mistyped."""
    needed = _acceptable(plan) | {protection(plan.tenant.name).name}
    return [
        with_hint(
            f"--allow {one_line(name, 300)} names nothing that is in this plan",
            did_you_mean(name, {each for each in needed - allowed if each.startswith(f"{name.partition(':')[0]}:")}),
        )
        for name in sorted(allowed - needed)
    ]


def check_protected(tenant: Tenant, plan: Plan, allowed: frozenset[str]) -> None:
    """Refuse to change a protected tenant by a plan that nobody has saved and looked at, unless that is named.

    Raises:
        RefusedError: nothing was changed.
    """
    name = protection(tenant.name).name
    if tenant.protect and plan.effective and name not in allowed:
        raise RefusedError(
            f"{tenant.name} is protected: only a saved plan changes it",
            where=f"tenant {tenant.name}",
            hint=f"Save the plan with `{saving(plan)}`, look at it, and apply exactly that with "
            f"`{applying(plan, takes_from=tenant.promote_from)}`. "
            f"To go without a saved plan, add: --allow {shlex.quote(name)}",
        )


def check_command(plan: Plan, file: Path, command: str, source: str | None = None) -> None:
    """Refuse a saved plan that another command made, or a promotion of another tenant's release.

    Args:
        plan: what the file holds.
        file: as it was named on the command line.
        command: `apply`, `promote` or `rollback`.
        source: of a promotion, the tenant whose release it is to be.

    Raises:
        RefusedError: with the command that applies it; nothing was changed.
    """
    origin = plan.origin
    made_by, made_from = (origin.command, origin.source) if origin else ("apply", None)
    if (made_by, made_from) == (command, source):
        return
    what = {
        "apply": "is one of the working tree",
        "promote": f"promotes a release of {one_line(made_from or '?')}",
        "rollback": "goes back to an earlier release",
    }[made_by]
    raise RefusedError(
        f"this plan {what}, which is not what was asked for",
        where=f"tenant {one_line(plan.tenant.name)}",
        hint=f"Nothing was changed. To apply it: {applying(plan, shlex.quote(one_line(str(file))))}",
    )


def check_plan(saved: SavedPlan, resolved: ResolvedTenant) -> None:
    """Refuse a plan that is not for this tenant, was made with another key, or was changed since it was saved.

    Raises:
        RefusedError: nothing was changed.
    """
    plan = saved.plan
    if (plan.tenant.name, plan.tenant.domain) != (resolved.planned.name, resolved.planned.domain):
        raise RefusedError(
            f"the plan is for {one_line(plan.tenant.name)} ({one_line(plan.tenant.domain)}), "
            f"not for {resolved.planned.name} ({one_line(resolved.planned.domain)})",
            hint="Apply it to its own tenant, or make a new one.",
        )
    if plan.key_id != resolved.key.id:
        raise RefusedError(
            "the plan was made with other credentials (or another secrets_key), so its secrets cannot be checked",
            where=f"tenant {plan.tenant.name}",
            hint="Make a new plan. Where plans are made with credentials of their own, give the tenant a `secrets_key` "
            "that both know.",
        )
    saved.verify(resolved.key)


def _word(text: str | None) -> str:
    return shlex.quote(one_line(text or "?"))
