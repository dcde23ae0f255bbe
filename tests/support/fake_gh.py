"""`gh api` over a JSON file instead of GitHub: comments and issues of one repository, and a log of the calls."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

VALUED = {"--method": "method", "--jq": "jq", "--field": "field", "--raw-field": "raw"}


def parse(arguments):
    found = {"method": "GET", "field": [], "raw": [], "paths": []}
    rest = list(arguments)
    while rest:
        one = rest.pop(0)
        if one in ("--paginate", "--silent"):
            continue
        if one in VALUED:
            name, value = VALUED[one], rest.pop(0)
            if isinstance(found.get(name), list):
                found[name].append(value)
            else:
                found[name] = value
        elif one.startswith("-"):
            sys.exit(f"unknown flag {one}")
        else:
            found["paths"].append(one)
    return found


def body_of(call):
    values = {}
    for pair in call["raw"]:
        name, _, value = pair.partition("=")
        values[name] = value
    for pair in call["field"]:
        name, _, value = pair.partition("=")
        values[name] = Path(value[1:]).read_text(encoding="utf-8") if value.startswith("@") else value
    if len(values.get("body", "")) > 65536:
        sys.exit("HTTP 422: body is too long")
    return values


def main():
    assert sys.argv[1] == "api", sys.argv
    assert os.environ.get("GH_TOKEN"), "gh needs a token"
    call = parse(sys.argv[2:])
    (path,) = call["paths"]
    file = Path(os.environ["FAKE_GH"])
    state = json.loads(file.read_text()) if file.exists() else {"comments": [], "issues": [], "calls": []}
    state["calls"].append(f"{call['method']} {path}")
    repository = re.escape(os.environ["GITHUB_REPOSITORY"])
    me = {"login": "github-actions[bot]"}
    if match := re.fullmatch(rf"repos/{repository}/issues/(\d+)/comments(\?.*)?", path):
        if call["method"] == "POST":
            new = {"id": 100 + len(state["comments"]), "pull": match[1], "user": me, **body_of(call)}
            state["comments"].append(new)
        else:
            show([one for one in state["comments"] if one["pull"] == match[1]], call["jq"])
    elif match := re.fullmatch(rf"repos/{repository}/issues/comments/(\d+)", path):
        assert call["method"] == "PATCH"
        next(one for one in state["comments"] if one["id"] == int(match[1])).update(body_of(call))
    elif match := re.fullmatch(rf"repos/{repository}/issues(\?.*)?", path):
        if call["method"] == "POST":
            state["issues"].append({"number": 7 + len(state["issues"]), "state": "open", "user": me, **body_of(call)})
        else:
            assert "state=open" in path
            assert "creator=github-actions%5Bbot%5D" in path
            show([one for one in state["issues"] if one["state"] == "open" and one["user"] == me], call["jq"])
    elif match := re.fullmatch(rf"repos/{repository}/issues/(\d+)", path):
        assert call["method"] == "PATCH"
        next(one for one in state["issues"] if one["number"] == int(match[1])).update(body_of(call))
    else:
        sys.exit(f"HTTP 404: {path}")
    file.write_text(json.dumps(state))


def show(items, expression):
    subprocess.run(["jq", "--raw-output", expression], input=json.dumps(items), text=True, check=True)


if __name__ == "__main__":
    main()
