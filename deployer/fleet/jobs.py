"""Runs the operation of a command for one tenant of many.

`run_job` never raises. It opens everything itself, so that it runs here or on another machine alike. What computes is
done in its turn, what waits for a state or for a provider of secrets in threads (`EventLoop.do`).
"""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path

from deployer.concurrency import event_loop
from deployer.errors import DeployerError, RefusedError
from deployer.fleet.fleet import Job, JobResult, OneResult, Options, Verdict
from deployer.management.tokens import TokenCache
from deployer.operations.apply import ApplyOptions, apply
from deployer.operations.context import Context
from deployer.operations.drift import drift
from deployer.operations.observer import SilentObserver
from deployer.operations.plan import PlanOptions, plan
from deployer.operations.promote import PromoteOptions, plan_promotion, promote
from deployer.operations.results import ApplyResult, PlanResult
from deployer.operations.status import status
from deployer.planning.drift import Drift
from deployer.project import Project
from deployer.rendering.templates import Templates
from deployer.text import one_line


async def run_job(job: Job) -> JobResult:
    """Do what a job says."""
    began = time.monotonic()
    observer = SilentObserver()
    result: OneResult | None = None
    verdict: Verdict = "failed"
    brief = text = ""
    try:
        cache = TokenCache() if job.token_cache else None
        context = Context(_project(job), job.tenant, observer, event_loop().do, cache)
        result = await _operation(job.command, context, job.options)
        verdict = verdict_of(result)
    except asyncio.CancelledError:
        # Once it has begun to change something, an apply takes that back and has an outcome.
        verdict, brief = "interrupted", "stopped before its first change" if observer.applied else "stopped"
    except RefusedError as error:
        verdict, brief, text = "refused", one_line(error.brief), str(error)
    except DeployerError as error:
        brief, text = one_line(error.brief), str(error)
    except Exception as error:  # noqa: BLE001  one tenant's trouble must not stop the others
        brief = text = f"something went wrong inside deployer ({type(error).__name__})"
    seconds = time.monotonic() - began
    return JobResult(job.tenant, verdict, brief, text, result, tuple(observer.notices), seconds)


def _operation(command: str, context: Context, options: Options) -> Coroutine[None, None, OneResult]:
    """Begin the operation of a command."""
    match command, options:
        case "plan", PlanOptions():
            return plan(context, options)
        case "apply", ApplyOptions():
            return apply(context, options)
        case "drift", None:
            return drift(context)
        case "status", None:
            return status(context)
        case "plan promotion", PromoteOptions():
            return plan_promotion(context, options)
        case "promote", PromoteOptions():
            return promote(context, options)
    raise DeployerError(f"no fleet does '{one_line(command)}' with {type(options).__name__}")


def verdict_of(result: OneResult) -> Verdict:
    """Say in one word how an operation ended."""
    match result:
        case PlanResult(plan=made):
            return "changes" if made.effective else "ok"
        case Drift(found=found):
            return "changes" if found else "ok"
        case ApplyResult(outcome=outcome):
            if result.complete:
                return "ok"
            return "interrupted" if outcome and outcome.interrupted and not outcome.incomplete else "failed"
        case _:
            return "ok"


_newest: tuple[str, str, Templates] | None = None


def _project(job: Job) -> Project:
    """Open the project of a job; the jobs of a run share its templates, which are then read and compiled once."""
    global _newest  # noqa: PLW0603 - of this process, however the job came here
    root = Path(job.root)
    if not job.run:
        return Project(root, without_secrets=job.without_secrets)
    if _newest is None or _newest[:2] != (job.run, job.root):
        _newest = (job.run, job.root, Project(root).templates)
    return Project(root, templates=_newest[2], without_secrets=job.without_secrets)
