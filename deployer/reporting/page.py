"""Makes self-contained HTML pages of templates and values: styles and scripts are inlined, nothing is requested.

Every value is untrusted: what is not markup of ours is made visible (control and bidirectional characters) and escaped.
The page carries a Content-Security-Policy that allows nothing but its own style and script, by their hashes.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from deployer import __version__
from deployer.reporting.format_values import moment
from deployer.text import count, one_line, visible


def render_page(template: str, *, styles: Sequence[str], scripts: Sequence[str], values: dict[str, Any]) -> str:
    """Render the page of `assets/TEMPLATE`, with the named assets in it. `values` is what the template reads."""
    style, script = _inline(styles, "style"), _inline(scripts, "script")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        environment()
        .get_template(template)
        .render(values, policy=Markup(policy), style=style, script=script, version=__version__)  # noqa: S704
    )


@cache
def environment() -> Environment:
    """Make the environment of all pages: escaping on, and nothing undefined is passed over."""
    made = Environment(
        loader=PackageLoader("deployer.reporting", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters.update(line=one_line, ticked=_ticked, count=count, moment=moment, iso=_iso, breaks=_breaks)
    return made


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else visible(str(value))


def _ticked(text: str) -> Markup:
    """Mark up text in which `code` stands between backticks."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _breaks(text: str) -> Markup:
    """Let long words break behind `.` and before `/` rather than anywhere."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=\.)|(?=/)", visible(text)))


def _inline(names: Sequence[str], element: str) -> Markup:
    """Join the assets, one after the other, as they stand in `<element>`."""
    loader = environment().loader
    assert loader is not None  # noqa: S101
    text = "\n".join(loader.get_source(environment(), name)[0].strip() for name in names)
    if f"</{element}" in text.lower():
        raise ValueError(f"an asset of {names} would end its own element")
    return Markup(text)  # noqa: S704


def _source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
