"""One job in, its result out: what `plan`, `apply`, `drift`, `promote` and `status` do for one tenant of many.

`run_job` never raises. It opens everything itself, so that it runs here or on another machine alike. What computes is
done in its turn, what waits for a store or for a provider of secrets in threads (`EventLoop.do`).
"""

import asyncio
import os
import time
from collections.abc import Callable, Collection, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from deployer.applying.interrupted import find_interrupted
from deployer.applying.outcome import Outcome, Silent
from deployer.applying.request import Request
from deployer.applying.session import apply_plan, conclude_unchanged
from deployer.concurrency import event_loop, gather_or_cancel, in_thread, in_thread_context
from deployer.config.secrets import asks_providers
from deployer.errors import DeployerError, RefusedError
from deployer.fleet.fleet import Job, JobResult, Verdict
from deployer.management.access import Access
from deployer.management.gateway import Gateway
from deployer.management.tokens import TokenCache
from deployer.planning.model import Action, Plan
from deployer.planning.plan_checks import accepting, check_protected, rotating
from deployer.planning.plan_file import write_plan
from deployer.planning.resolve import Defined, ResolvedTenant, define, make_plan, resolve
from deployer.project import Project
from deployer.releases.baseline import baseline
from deployer.releases.promotion import check_source, check_way, check_working_tree, plan_target, promotion
from deployer.releases.provenance import keep_release, running_release
from deployer.releases.release import build_release
from deployer.releases.test_status import with_tests
from deployer.rendering.templates import Templates
from deployer.reporting.drift import drift_words
from deployer.reporting.leftovers import with_leftovers
from deployer.reporting.outcomes import outcome_json
from deployer.state.state_store import StateStore
from deployer.text import count, one_line

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}


async def run_job(job: Job) -> JobResult:
    """Do what a job says."""
    began = time.monotonic()
    verdict: Verdict
    try:
        verdict, summary, text, data = await _COMMANDS[job.command](job, _project(job))
    except asyncio.CancelledError:
        verdict, summary, text, data = "interrupted", "stopped", "", None
    except RefusedError as error:
        verdict, summary, text, data = "refused", one_line(error.brief), str(error), None
    except DeployerError as error:
        verdict, summary, text, data = "failed", one_line(error.brief), str(error), None
    except Exception as error:  # noqa: BLE001  one tenant's trouble must not stop the others
        summary = f"something went wrong inside deployer ({type(error).__name__})"
        verdict, text, data = "failed", summary, None
    return JobResult(job.tenant, verdict, summary, text, data, time.monotonic() - began)


Done = tuple[Verdict, str, str, Any]

_newest: tuple[str, str, Templates] | None = None


def _project(job: Job) -> Project:
    """The project of a job; the jobs of a run share its templates, which are then read and compiled once."""
    global _newest  # noqa: PLW0603 - of this process, however the job came here
    root, bare = Path(job.root), bool(job.options.get("without_secrets"))
    if not job.run:
        return Project(root, without_secrets=bare)
    if _newest is None or _newest[:2] != (job.run, job.root):
        _newest = (job.run, job.root, Project(root).templates)
    return Project(root, templates=_newest[2], without_secrets=bare)


def open_store(project: Project, history: str | None) -> StateStore:
    """The store of a tenant: its `history`, DEPLOYER_STORE, or `.deployer/` in the project."""
    return StateStore.open(history or os.environ.get("DEPLOYER_STORE") or None, project.root)


def _store_of(project: Project, tenant: str) -> StateStore:
    return open_store(project, project.tenant(tenant).history)


def open_gateway(job: Job) -> Callable[[Access], Gateway]:
    """How this job opens gateways."""
    cache = TokenCache() if job.options.get("token_cache", True) else None
    return lambda access: Gateway(access, cache)


def counts_text(plan: Plan) -> str:
    """`1 to create, 2 to update`, or `no changes`."""
    counts = plan.counts()
    words = {Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete"}
    return ", ".join(f"{counts[a]} to {word}" for a, word in words.items() if counts[a]) or "no changes"


async def _plan(job: Job, project: Project) -> Done:
    ready, store, release = await _ready(job, project)
    if job.options.get("out"):  # it must be there when the plan is applied
        release = await in_thread(keep_release, project, ready.tenant, ready.rendered, store)
    plan, notice = await _planned(job, ready, store, release)
    if plan.effective:
        plan = await store.read(with_tests, plan, ready, store)
    return _as_planned(job, ready, plan, notice)


def _as_planned(job: Job, ready: ResolvedTenant, plan: Plan, notice: str = "") -> Done:
    """The result of a plan that is not applied, saved in the folder that is named, if one is."""
    plan = accepting(plan, job.options.get("allow", ()))
    if folder := job.options.get("out"):
        write_plan(plan, Path(folder) / f"{job.tenant}.plan", ready.key)
    verdict: Verdict = "changes" if plan.effective else "ok"
    return verdict, with_leftovers(counts_text(plan), plan.leftovers) + notice, "", plan


def _check_way_in(job: Job, project: Project) -> None:
    check_working_tree(project.tenant(job.tenant), job.options.get("break_glass"))


async def _ready(job: Job, project: Project) -> tuple[ResolvedTenant, StateStore, str]:
    """The tenant, its store, and the digest of the release that the working tree holds for it."""
    loop = event_loop()
    defined, release = await loop.do(partial(_linted, job, project))
    ready = await loop.do(partial(resolve, project, defined), waits=asks_providers(defined.tenant))
    return ready, open_store(project, ready.tenant.history), release


def _linted(job: Job, project: Project) -> tuple[Defined, str]:
    defined = define(project, job.tenant)
    _lint(job, defined, project)
    return defined, build_release(project, defined.tenant).id


async def _planned(
    job: Job, ready: ResolvedTenant, store: StateStore, release: str | None, left_out: Collection[str] = ()
) -> tuple[Plan, str]:
    """The plan, and what is to be said of an apply that has not ended."""
    async with open_gateway(job)(ready.access) as gateway:
        making = make_plan(
            ready,
            gateway,
            release=release,
            store=store,
            to_apply=release is not None,
            left_out=left_out,
            rotates=rotating(job.options.get("allow", ())),
        )
        plan, left = await gather_or_cancel(making, store.read(find_interrupted, store, job.tenant))
    return plan, f"; {left.words}" if left else ""


async def _drift(job: Job, project: Project) -> Done:
    loop = event_loop()
    tenant = await loop.do(partial(project.tenant, job.tenant))
    store = open_store(project, tenant.history)
    waits = asks_providers(tenant) or not store.is_local
    base = await loop.do(partial(baseline, project, store, tenant), waits=waits)
    plan, notice = await _planned(job, base.ready, store, None, base.left_out)
    drift = base.drift(plan)
    return "changes" if drift.found else "ok", with_leftovers(drift_words(drift), drift.leftovers) + notice, "", drift


async def _apply(job: Job, project: Project) -> Done:
    await event_loop().do(partial(_check_way_in, job, project))
    ready, store, _ = await _ready(job, project)
    release = await in_thread(keep_release, project, ready.tenant, ready.rendered, store)
    async with open_gateway(job)(ready.access) as gateway:
        plan = await make_plan(ready, gateway, release=release, store=store, to_apply=True)
        return await _carried_out(job, ready, gateway, store, plan, "apply")


async def _promote(job: Job, project: Project) -> Done:
    source = str(job.options["source"])
    stores = (await in_thread(_store_of, project, source), await in_thread(_store_of, project, job.tenant))
    async with in_thread_context(promotion(project, stores, source, job.tenant)) as ready:
        check_way(source, ready.target.tenant, job.options.get("break_glass"))
        async with open_gateway(job)(ready.source.access) as gateway:
            await check_source(ready, stores[0], gateway)
        async with open_gateway(job)(ready.target.access) as gateway:
            plan_only = bool(job.options.get("plan_only"))
            rotates = rotating(job.options.get("allow", ())) if plan_only else ()
            plan = await plan_target(ready, gateway, stores[1], rotates)
            if plan_only:
                return _as_planned(job, ready.target, plan)
            return await _carried_out(job, ready.target, gateway, stores[1], plan, "promote")


async def _carried_out(
    job: Job, ready: ResolvedTenant, gateway: Gateway, store: StateStore, plan: Plan, command: str
) -> Done:
    request = Request(
        command=command,
        allowed=frozenset(job.options.get("allow", ())),
        release_from=await in_thread(running_release, store, job.tenant),
        reason=job.options.get("break_glass"),
    )
    check_protected(ready.tenant, plan, request.allowed)
    if not plan.effective:
        closed, left = await conclude_unchanged(ready, gateway, store, plan, request)
        notices = "".join(f"; {words}" for words in (*closed, *([left.words] if left else [])))
        return "ok", with_leftovers("no changes", plan.leftovers) + notices, "", outcome_json(plan, None)
    try:
        outcome = await apply_plan(ready, gateway, store, plan, request, Silent())
    except asyncio.CancelledError:  # once it has begun to change something, it takes that back and has an outcome
        return "interrupted", "stopped before its first change", "", None
    data = outcome_json(plan, outcome)
    if outcome.complete:
        done = ", ".join(f"{number} {_DONE[Action(action)]}" for action, number in _made(outcome).items())
        return "ok", with_leftovers(done, plan.leftovers), "", data
    message = next((step.message for step in outcome.steps if step.message), "interrupted")
    stopped = outcome.interrupted and not outcome.incomplete
    return "interrupted" if stopped else "failed", f"{outcome.result}: {one_line(message, 120)}", message, data


def _made(outcome: Outcome) -> dict[str, int]:
    actions = [step.change.action.value for step in outcome.steps]
    return {action: actions.count(action) for action in dict.fromkeys(actions)}


def _lint(job: Job, defined: Defined, project: Project) -> None:
    from deployer.linting.lint_cache import lint_errors

    compiled_only = bool(job.options.get("no_lint"))
    report = lint_errors(defined.tenant, defined.rendered, project.root, defined.actions, compiled_only=compiled_only)
    if report.errors and all(finding.code == "DB101" for finding in report.errors):
        raise RefusedError(
            f"{count(len(report.errors), 'script does', 'scripts do')} not compile",
            where=f"tenant {job.tenant}",
            hint=f"deployer lint {job.tenant} shows them.",
        )
    if report.errors:
        raise RefusedError(
            f"lint finds {count(len(report.errors), 'error')}",
            where=f"tenant {job.tenant}",
            hint=f"deployer lint {job.tenant} shows them; --no-lint goes past them.",
        )


async def _status(job: Job, project: Project) -> Done:
    from deployer.operations.status import tenant_status

    status = await tenant_status(project, job.tenant, open_gateway(job), open_store)
    return "ok", status.words, "", status


_COMMANDS: dict[str, Callable[[Job, Project], Coroutine[Any, Any, Done]]] = {
    "plan": _plan,
    "apply": _apply,
    "drift": _drift,
    "promote": _promote,
    "status": _status,
}
