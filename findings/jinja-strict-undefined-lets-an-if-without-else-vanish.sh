#!/bin/bash
# One would guess: under StrictUndefined nothing that is undefined is ever printed. Jinja's manual says that an inline if
# without an else gives an undefined value where its condition is false, so printing it is an error.
# What happens: this one undefined value is of the lenient kind, just for StrictUndefined: it prints as nothing, joins
# with ~, is looped over and has the length 0. Only an attribute of it raises.
# What it means for custom database connections: {{ "AND active" if check_active }} with a switch that is off in one tenant
# leaves a hole in the SQL of an action script, and strict rendering does not notice. Write the else.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" jinja2==3.1.6
export PYTHONPATH="$dir/python"
python3 - <<'PY'
import sys
import jinja2
from jinja2.sandbox import SandboxedEnvironment
environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined)
def rendered(text):
    try:
        return environment.from_string(text).render(on=False)
    except jinja2.UndefinedError as error:
        return f"error: {error}"
texts = ["[{{ 'x' if on }}]", "[{{ ('x' if on) ~ 'y' }}]", "[{{ ('x' if on) | length }}]", "[{{ missing }}]"]
seen = [rendered(text) for text in texts]
print("jinja2", jinja2.__version__)
print("expected: an error for all four")
for text, result in zip(texts, seen):
    print(f"seen:     {text:32} {result}")
sys.exit(seen != ["[]", "[y]", "[0]", "error: 'missing' is undefined"])
PY
