"""Compiles scripts for the linter: all that are linted together in one Node process, before the rules look at them."""

import re
from collections.abc import Iterable

from deployer.linting.inputs import ScriptInput
from deployer.linting.secret_names import embedded_secret, looks_random
from deployer.runtime.compile import Code, compile_codes
from deployer.runtime.node import Node
from deployer.text import one_line

_WORDS = 120
_QUOTED = re.compile(r"'([^']+)'")
_PATTERN = re.compile(r"(?<=^SyntaxError: Invalid regular expression: )/(.*)/(?=[a-z]*: )", re.DOTALL)


def compile_scripts(scripts: Iterable[ScriptInput]) -> None:
    """Find out which of the scripts compile, so that their `refusal` is known.

    Raises:
        DeployerError: where there is no Node that could say so.
    """
    by_node: dict[Node | None, list[ScriptInput]] = {}
    for script in scripts:
        by_node.setdefault(script.node, []).append(script)
    for node, listed in by_node.items():
        refusals = compile_codes([Code(script.source, script.form) for script in listed], node)
        for script, refusal in zip(listed, refusals, strict=True):
            script.judge(refusal)


def shown_message(message: str) -> str:
    """Mask in the engine's message the names and patterns of what does not compile: they may be secrets."""
    masked = _PATTERN.sub(lambda match: f"/{_hidden(match[1])}/", message)
    return one_line(_QUOTED.sub(lambda match: f"'{_hidden(match[1])}'", masked), 2 * _WORDS)


def _hidden(text: str) -> str:
    if looks_random(text) or embedded_secret(text):
        return "*" * min(len(text), 20)
    return one_line(text, _WORDS)
