"""Writes a plan as one self-contained HTML page, which a person reads in a browser before saying yes."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Plan, SecretChange
from deployer.planning.plan_file import plan_digest
from deployer.reporting.diff_rows import Row, count_lines, diff_rows
from deployer.reporting.format_values import SIGNS, default_template_text, show_path
from deployer.reporting.leftovers import TITLE, leftover_text, plan_advice
from deployer.reporting.page import render_page
from deployer.reporting.plan import PlanDetail
from deployer.reporting.plan_wording import (
    SECRETS,
    TITLES,
    cause_text,
    missing_from_release,
    origin_text,
    plan_notes,
    summary_text,
)
from deployer.reporting.shared_hunks import SharedHunks, place_of
from deployer.reporting.value_difference import show_both
from deployer.text import count, one_line, visible

TONES = {"+": "good", "-": "bad", "~": "warn", "!": "bad", " ": "plain"}
_WORDS = {"+": "added", "-": "removed", "~": "changed"}
_OPEN_AT_MOST = 8
"""With more changes than this each one is folded at first."""
_SHORT_VALUE = 240
_HEAD = 120
_DEFAULTS = PlanDetail()


@dataclass(frozen=True, slots=True)
class _Value:
    """One side of an attribute: JSON on one line, or folded behind its `head` where it is long."""

    text: str
    long: bool
    head: str = ""


@dataclass(frozen=True, slots=True)
class _Attribute:
    """A row of the table: two values, or a whole text, or rows of a line difference."""

    path: str
    sign: str
    word: str
    form: Literal["values", "text", "difference"]
    before: _Value | None = None
    after: _Value | None = None
    text: str = ""
    lines: str = ""
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class _Secret:
    name: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class _Resource:
    """One change, ready to be shown. `after` are the addresses (and anchors in this page) that it waits for."""

    anchor: str
    number: int
    kind: str
    name: str
    sign: str
    title: str
    extent: str
    attributes: tuple[_Attribute, ...]
    secrets: tuple[_Secret, ...]
    change: Change
    after: tuple[tuple[str, str | None], ...]


def plan_html(plan: Plan, detail: PlanDetail = _DEFAULTS) -> str:
    """Write the plan as an HTML page (to be saved as UTF-8) that makes no request and runs only its own script."""
    shown: list[Change] = []
    unchanged: list[Change] = []
    for change in plan.changes:
        (shown if change.action is not Action.NO_OP or change.secrets else unchanged).append(change)
    shared = SharedHunks.of(plan.changes)
    anchors = {change.address: f"change-{number}" for number, change in enumerate(shown, 1)}
    values = {
        "plan": plan,
        "digest": plan_digest(plan) if detail.saved else "",
        "open_concerns": [concern for concern in plan.concerns if concern.name not in plan.accepted],
        "accepted": lambda concern: concern.name in plan.accepted,
        "warning": lambda change: _warning(change, plan.accepted),
        "summary": summary_text(plan).removeprefix("Plan: "),
        "counts": {SIGNS[action]: number for action, number in plan.counts().items() if action is not Action.NO_OP},
        "resources": [_resource(change, number, anchors, shared) for number, change in enumerate(shown, 1)],
        "unchanged": unchanged,
        "open": len(shown) <= _OPEN_AT_MOST,
        "tones": TONES,
        "origin": origin_text(plan.origin) if plan.origin else "",
        "missing": missing_from_release(plan),
        "leftovers": [(one.name, leftover_text(plan.tenant.name, one)) for one in plan.leftovers],
        "causes": cause_text,
        "notes": list(plan_notes(plan)),
        "leftovers_title": TITLE,
        "leftovers_advice": plan_advice(plan),
        "values": [_difference(value) for value in plan.origin.values] if plan.origin else [],
    }
    return render_page("plan.html.j2", styles=["page.css", "plan.css"], scripts=["plan.js"], values=values)


def _warning(change: Change, accepted: Collection[str]) -> str:
    """Say on the line of a change whether its concerns are to be named."""
    if any(concern.name not in accepted for concern in change.concerns):
        return "to be named"
    return "accepted" if change.concerns else "cannot be undone"


def _resource(change: Change, number: int, anchors: dict[str, str], shared: SharedHunks) -> _Resource:
    attributes = tuple(_attribute(attribute, change.address, shared) for attribute in change.attributes)
    scripts = sum(attribute.is_text for attribute in change.attributes)
    parts = [(scripts, "script"), (len(attributes) - scripts, "attribute"), (len(change.secrets), "secret")]
    return _Resource(
        anchor=anchors[change.address],
        number=number,
        kind=one_line(change.kind),
        name=one_line(change.name),
        sign=SIGNS[change.action],
        title=TITLES.get(change.action, "stays as it is"),
        extent=", ".join(count(n, noun) for n, noun in parts if n),
        attributes=attributes,
        secrets=tuple(_secret(secret) for secret in change.secrets),
        change=change,
        after=tuple((one_line(address), anchors.get(address)) for address in change.depends_on),
    )


def _attribute(attribute: AttributeChange, address: str, shared: SharedHunks) -> _Attribute:
    path, sign = show_path(attribute.path), SIGNS[attribute.action]
    word, default = _WORDS[sign], default_template_text(attribute, ("live", "planned"))
    if not (attribute.is_text or _long_lists(attribute)):
        old, new = _values(attribute)
        before, after = (None if attribute.action == "add" else old, None if attribute.action == "remove" else new)
        return _Attribute(path, sign, word, "values", before, after)
    if attribute.action == "change":
        rows = diff_rows(_text(attribute.before), _text(attribute.after))
        added, removed = count_lines(rows)
        lines = f"{count(added, 'line')} added, {removed:,} removed{default}"
        if attribute.is_text:
            rows = _once(rows, place_of(address, attribute), shared)
        return _Attribute(path, sign, word, "difference", lines=lines, rows=tuple(rows))
    text = visible(_text(attribute.after if attribute.action == "add" else attribute.before))
    return _Attribute(path, sign, word, "text", text=text, lines=count(len(text.splitlines()), "line") + default)


def _once(rows: list[Row], place: str, shared: SharedHunks) -> list[Row]:
    """Drop the rows that another script of the plan shows."""
    hunks: list[list[Row]] = [[]]
    for row in rows:
        if row.sign == "gap":
            hunks.append([])
        hunks[-1].append(row)
    kept: list[Row] = []
    for hunk in hunks:
        body = tuple(row.sign + "".join(text for text, _ in row.pieces) for row in hunk if row.sign != "gap")
        remark, here = shared.note(body, place)
        note = [Row("note", None, None, ((remark, False),))] if remark else []
        kept += [
            *(row for row in hunk if row.sign == "gap"),
            *note,
            *(row for row in hunk if here and row.sign != "gap"),
        ]
    return kept


def _difference(attribute: AttributeChange) -> _Attribute:
    """Put two values beside each other, whatever they hold."""
    old, new = _values(attribute)
    before, after = (None if attribute.before is None else old, None if attribute.after is None else new)
    return _Attribute(show_path(attribute.path), "~", _WORDS["~"], "values", before, after)


def _text(value: Any) -> str:
    """Return text as it is, and what was no text before, or will be none, as JSON."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _long_lists(attribute: AttributeChange) -> bool:
    """Tell whether both sides are lists of which at least one is too long to be compared by eye."""
    sides = (attribute.before, attribute.after)
    return all(isinstance(side, list) for side in sides) and any(len(json.dumps(s)) > _SHORT_VALUE for s in sides)


def _values(attribute: AttributeChange) -> tuple[_Value, _Value]:
    """Show both sides; where both are long, the heads of their folds begin shortly before the first difference."""
    before, after = attribute.before, attribute.after
    heads = show_both(before, after, _HEAD) if before is not None and after is not None else ("", "")
    return _value(before, heads[0]), _value(after, heads[1])


def _value(value: Any, head: str) -> _Value:
    text = visible(json.dumps(value, ensure_ascii=False))
    return _Value(text, len(text) > _SHORT_VALUE, head or one_line(text, _HEAD))


def _secret(secret: SecretChange) -> _Secret:
    sign, words = SECRETS[secret.state]
    return _Secret(one_line(secret.name), sign, words)
