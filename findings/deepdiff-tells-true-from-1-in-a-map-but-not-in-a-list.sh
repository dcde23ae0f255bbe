#!/bin/bash
# One would guess: DeepDiff, which reports 1 against True as a changed type, does so wherever the two stand.
# What happens: as values of a map they differ; as items of two lists of plain values they are the same, and so are 1 and
# 1.0. Lists are first aligned by Python's ==, for which 1 == True. ignore_order=True, of all things, finds it again.
# What it means for custom database connections: a comparison of a tenant's options with a file, made with DeepDiff, can say
# "no changes" where the JSON that is sent differs. Compare lists by their JSON text.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" deepdiff==9.1.0
export PYTHONPATH="$dir/python"
python3 - <<'PY'
import sys
import deepdiff
def found(before, after, **options):
    return bool(deepdiff.DeepDiff(before, after, **options))
seen = {
    "in a map": found({"a": 1}, {"a": True}),
    "in a list": found([1, 2], [True, 2]),
    "1.0 in a list": found([1, 2], [1.0, 2]),
    "in a list, in any order": found([1, 2], [True, 2], ignore_order=True),
}
print("deepdiff", deepdiff.__version__)
print("expected: a difference in all four")
print("seen:    ", seen)
sys.exit(list(seen.values()) != [True, False, False, True])
PY
