"""Styles have names, and one theme says what they look like."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.color import ANSI_COLOR_NAMES
from rich.console import Console
from rich.style import Style
from rich.text import Text

import deployer
from deployer.reporting.theme import SIGN_STYLES, THEME

PACKAGE = Path(deployer.__file__).parent
SOURCES = [path for folder in ("reporting", "cli", "demo") for path in sorted((PACKAGE / folder).rglob("*.py"))]
GLUE = {"on", "not"}
LOOKS = {"bold", "dim", "italic", "underline", "reverse", "blink", "strike", *GLUE, *ANSI_COLOR_NAMES}


def literal_styles(path: Path) -> Iterator[str]:
    """Strings that Rich would read as a style: `bold red`, `dim`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.split()
            if LOOKS.issuperset(words) and not GLUE.issuperset(words):
                yield f"{path.name}:{node.lineno}: {node.value}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_style_is_written_out_where_it_is_used(path: Path) -> None:
    found = list(literal_styles(path))
    assert bool(found) is (path.name == "theme.py"), found


def text_styles(path: Path) -> Iterator[str]:
    """The second argument of each `Text("...", STYLE)`, and the second of each pair that makes a piece of a line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        pair: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Text", "ErrorLine"):
            pair = node.args
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "assemble":
            for piece in node.args:
                if isinstance(piece, ast.Tuple) and isinstance(piece.elts[1], ast.Constant):
                    yield str(piece.elts[1].value)
        if len(pair) == 2 and isinstance(pair[1], ast.Constant):
            yield str(pair[1].value)


def test_every_style_that_is_used_has_a_look() -> None:
    used = {style for path in SOURCES for style in text_styles(path)}
    assert {"strong", "muted", "danger"} <= used
    assert used <= set(THEME.styles)
    assert set(SIGN_STYLES.values()) - {""} <= set(THEME.styles)


@pytest.mark.parametrize(("name", "look"), [("danger", "bold red"), ("muted", "dim"), ("added", "green")])
def test_a_name_is_shown_as_the_theme_says(name: str, look: str) -> None:
    out = Console(file=StringIO(), theme=THEME)
    assert out.get_style(name) == Style.parse(look)
    assert Text("x", name).style == name


STYLESHEETS = sorted((PACKAGE / "reporting" / "assets").glob("*.css"))


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_pages_take_their_colours_from_variables(path: Path) -> None:
    """Both schemes define the same variables, at the top of the stylesheet that all pages share."""
    text = path.read_text(encoding="utf-8")
    schemes = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(schemes) == (2 if path.name == "page.css" else 0)
    assert not re.search(
        r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.sub(r":root \{.*?\}", "", text, flags=re.DOTALL)
    )
    if schemes:
        light, dark = (set(re.findall(r"--([\w-]+): #", scheme)) for scheme in schemes)
        assert light == dark
