"""Keeps one note on a merge request, or one issue, up to date with a Markdown file, through GitLab's API.

Run by the pipeline as `python -m deployer.pipelines.gitlab_api note|issue|close ...`; the variables CI_* and
DEPLOYER_GITLAB_TOKEN say where and as whom. The token is a project access token with the scope `api`: a job's own token
cannot write notes (https://docs.gitlab.com/ci/jobs/ci_job_token/).
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from deployer.errors import DeployerError

_TEXT_LIMIT = 900_000
"""Characters; GitLab allows 1,000,000 in a note (https://docs.gitlab.com/administration/instance_limits/)."""


class GitLab:
    """One project, as the user that the token belongs to."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._http = httpx.Client(
            base_url=f"{self._needed('CI_API_V4_URL')}/projects/{self._needed('CI_PROJECT_ID')}/",
            headers={"PRIVATE-TOKEN": self._needed("DEPLOYER_GITLAB_TOKEN")},
            timeout=30,
        )

    def note(self, marker: str, text: str) -> None:
        """Write or update the one note that begins with the marker, on this pipeline's merge request."""
        notes = f"merge_requests/{self._needed('CI_MERGE_REQUEST_IID')}/notes"
        me = self._me()
        for found in self._pages(notes, {}):
            if found.get("author", {}).get("id") == me and str(found.get("body", "")).startswith(marker):
                self._send("PUT", f"{notes}/{int(found['id'])}", {"body": _body(marker, text)})
                return
        self._send("POST", notes, {"body": _body(marker, text)})

    def issue(self, marker: str, title: str, text: str) -> None:
        """Write or update the one open issue that begins with the marker; a new one is confidential.

        It shows what tenants hold, and other issues are for guests too, in a public project for everybody.
        """
        found = self._open_issue(marker)
        if found is None:
            self._send("POST", "issues", {"title": title, "description": _body(marker, text), "confidential": True})
        else:
            self._send("PUT", f"issues/{found}", {"description": _body(marker, text)})

    def close(self, marker: str) -> None:
        """Close that issue, if it is open."""
        found = self._open_issue(marker)
        if found is not None:
            self._send("PUT", f"issues/{found}", {"state_event": "close"})

    def _open_issue(self, marker: str) -> int | None:
        for found in self._pages("issues", {"state": "opened", "author_id": self._me(), "scope": "all"}):
            if str(found.get("description") or "").startswith(marker):
                return int(found["iid"])
        return None

    def _me(self) -> int:
        # Others may begin their notes with our marker; only our own are overwritten.
        return int(self._send("GET", f"{self._needed('CI_API_V4_URL')}/user").json()["id"])

    def _pages(self, path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page = "1"
        while page:
            answer = self._send("GET", path, query={**query, "per_page": 100, "page": page})
            yield from answer.json()
            page = answer.headers.get("x-next-page", "")

    def _send(
        self, method: str, path: str, body: dict[str, str | bool] | None = None, query: dict[str, Any] | None = None
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body, params=query)
        except httpx.HTTPError as error:
            raise DeployerError(f"GitLab did not answer ({type(error).__name__})", hint="Run the job again.") from None
        if answer.is_success:
            return answer
        raise DeployerError(
            f"GitLab refused with status {answer.status_code}",
            hint="DEPLOYER_GITLAB_TOKEN must be a project access token with the scope 'api' and the role Reporter.",
        )

    def _needed(self, name: str) -> str:
        value = self._environment.get(name)
        if not value:
            raise DeployerError(
                f"the variable {name} is not set", hint="This runs in GitLab pipelines; set the token as a variable."
            )
        return value


def _body(marker: str, text: str) -> str:
    if len(text) <= _TEXT_LIMIT:
        return f"{marker}\n{text}"
    rest = f"Cut here: too long for GitLab. All of it is in the log of the job {os.environ.get('CI_JOB_URL', '')}"
    return f"{marker}\n{text[:_TEXT_LIMIT]}\n\n{rest.rstrip()}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="gitlab_api")
    parser.add_argument("what", choices=["note", "issue", "close"])
    parser.add_argument("--marker", required=True)
    parser.add_argument("--title", default="Drift in Auth0 tenants")
    parser.add_argument("--file", type=Path)
    chosen = parser.parse_args(arguments)
    text = chosen.file.read_text(encoding="utf-8", errors="replace") if chosen.file else ""
    try:
        gitlab = GitLab(os.environ)
        if chosen.what == "note":
            gitlab.note(chosen.marker, text)
        elif chosen.what == "issue":
            gitlab.issue(chosen.marker, chosen.title, text)
        else:
            gitlab.close(chosen.marker)
    except DeployerError as error:
        sys.stderr.write(f"error: {error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
