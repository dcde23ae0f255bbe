"""Finds for a place in a rendered script the place in its template, which is what a person has written."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from jinja2 import TemplateError

from deployer.rendering.templates import Templates

# A line that holds nothing but statements or comments of the template leaves nothing in the script.
_SILENT = re.compile(r"\s*((\{%((?!%\}).)*%\}|\{#((?!#\}).)*#\})\s*)*")
_MOST_LINES = 4_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A place in a template: its file as a path in the project, line and column from 1, and the text of the line."""

    file: str
    line: int
    column: int
    text: str


def find_source_line(templates: Templates, template: str, script: str, line: int, column: int) -> SourceLine | None:
    """Find the place in a template that a place in the script rendered from it comes from.

    Lines that stand in both are paired in their order; a line between two pairs is that of the one line of the template
    between them, which wrote it by an expression. None where it cannot be told, such as in what was included.
    """
    try:
        environment = templates.environment
        source, _, _ = environment.loader.get_source(environment, template) if environment.loader else ("", None, None)
    except TemplateError:
        return None
    written, rendered = _lines(source), _lines(script)
    if not 1 <= line <= len(rendered):
        return None
    found = _paired(written, rendered, line - 1)
    if found is None:
        return None
    return SourceLine(
        templates.file_of(template), found + 1, _column(written[found], rendered[line - 1], column), written[found]
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.split("\n")]


def _paired(written: list[str], rendered: list[str], at: int) -> int | None:
    text = rendered[at]
    same = [number for number, line in enumerate(written) if line == text]
    if len(same) == 1 and text.strip():
        return same[0]
    if len(written) + len(rendered) > _MOST_LINES:
        return None
    before = after = 0
    for block in SequenceMatcher(None, rendered, written, autojunk=False).get_matching_blocks():
        if block.a <= at < block.a + block.size:
            return block.b + at - block.a
        if block.a > at:
            between = [number for number in range(after, block.b) if not _SILENT.fullmatch(written[number])]
            if len(between) == 1:
                return between[0]
            return between[at - before] if len(between) == block.a - before else None
        before, after = block.a + block.size, block.b + block.size
    return None


def _column(written: str, rendered: str, column: int) -> int:
    """Keep the column as far as both lines are the same; where they part, the expression begins that wrote the rest."""
    parted = next((n for n, (a, b) in enumerate(zip(written, rendered, strict=False)) if a != b), None)
    if written == rendered or (parted is not None and column - 1 < parted):
        return column
    return min(len(written), len(rendered)) + 1 if parted is None else parted + 1
