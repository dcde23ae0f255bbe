"""Quotes values as pieces of JavaScript, SQL and comments, so that a value can never become code.

They are the only way for a value into a script: the environment refuses to print anything else.
"""

import json
import re
import unicodedata
from typing import Any, Literal

from jinja2 import TemplateRuntimeError, Undefined
from markupsafe import Markup

from deployer.rendering.limits import count_items
from deployer.text import one_line

SqlDialect = Literal["postgres", "mysql", "sqlserver"]

_QUOTES: dict[str, tuple[str, str]] = {"postgres": ('"', '"'), "mysql": ("`", "`"), "sqlserver": ("[", "]")}
_MAX_NAME = {"postgres": 63, "mysql": 64, "sqlserver": 128}
_MAX_PARTS = {"postgres": 3, "mysql": 2, "sqlserver": 4}

# Letters and digits of any script, and what real schemas have besides. No quote of any dialect, no backslash, no
# bracket, no control character: inside the quotes such a name is inert in SQL, and in a JavaScript string as well.
_NAME = re.compile(r"[^\W\d][\w $#@-]*", re.UNICODE)

# JSON without anything that has to be escaped for a script: printable ASCII but for the characters below.
_PLAIN = re.compile(r"[ !\"#$%'()+,\-./0-9:;=?@A-Z\[\\\]^_a-z{|}~]*")

_JS_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_JS_WORDS = frozenset(
    {
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
    }
    | {"else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import"}
    | {"in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return"}
    | {"static", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield"}
)


def js(value: Any) -> Markup:
    """Write the value as a JSON literal that is also a safe JavaScript expression, in a script, a comment or a page.

    Raises TemplateRuntimeError for what JSON cannot say (undefined, NaN, dates, keys that are not strings).
    """
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined explains which name is missing
    count_items(value)
    _refuse_what_json_changes(value)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TemplateRuntimeError(f"js: {error}") from None
    if not _PLAIN.fullmatch(text):
        text = "".join(map(_script_safe, text)).replace("*/", "*\\/")
    return Markup(text)  # noqa: S704


def sql_identifier(name: Any, dialect: str) -> Markup:
    """Quote the table or column name for the dialect: `app.users` becomes `"app"."users"` for postgres.

    A dot separates schema and table. Raises TemplateRuntimeError for a name that is not a plain one.
    """
    if dialect not in _QUOTES:
        raise TemplateRuntimeError(f"sql_identifier: unknown dialect {dialect!r}: postgres, mysql or sqlserver")
    problem = identifier_problem(name, max_parts=_MAX_PARTS[dialect], max_length=_MAX_NAME[dialect])
    if problem:
        raise TemplateRuntimeError(f"sql_identifier: {problem}")
    opening, closing = _QUOTES[dialect]
    return Markup(".".join(f"{opening}{part}{closing}" for part in str(name).split(".")))  # noqa: S704


def js_name(name: Any) -> Markup:
    """Write the text as a bare JavaScript name, for functions and parameters. Raises TemplateRuntimeError."""
    if not isinstance(name, str) or not _JS_NAME.fullmatch(name) or name in _JS_WORDS:
        raise TemplateRuntimeError(f"js_name: '{one_line(str(name), 60)}' is not a JavaScript name")
    return Markup(name)  # noqa: S704


def comment(value: Any) -> Markup:
    """Write the value as text in a `//` or `/* */` comment: one line, no control characters, no end of comment."""
    if isinstance(value, Undefined):
        str(value)
    return Markup(one_line(str(value)).replace("*/", "* /").replace("</", "< /"))  # noqa: S704


def identifier_problem(name: Any, *, max_parts: int = 4, max_length: int = 128) -> str | None:
    """Say why this is no name of a table or column; None if it is one."""
    if not isinstance(name, str):
        return f"a name is text, not {type(name).__name__}"
    parts = name.split(".")
    if len(parts) > max_parts:
        return f"'{one_line(name, 60)}' has more than {max_parts} parts"
    for part in parts:
        if not _NAME.fullmatch(part) or part != part.strip():
            return (
                f"'{one_line(name, 60)}' is not a plain name: letters, digits, '_', '$', '#', '@', '-' and single"
                " spaces, beginning with a letter or '_'"
            )
        if len(part.encode()) > max_length:
            return f"'{one_line(name, 60)}' is longer than {max_length} bytes"
    return None


def _script_safe(character: str) -> str:
    """Escape what ends a line, a script element or a reader's trust; leave what people read."""
    if " " <= character <= "~":
        return f"\\u{ord(character):04x}" if character in "<>&`" else character
    # Controls, formats (bidirectional marks), surrogates, private use, unassigned, line and paragraph separators.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        encoded = character.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{encoded[i]:02x}{encoded[i + 1]:02x}" for i in range(0, len(encoded), 2))
    return character


def _refuse_what_json_changes(value: Any) -> None:
    """Refuse keys that are no text: `json.dumps` turns 1, True and None into text, which is not what went in."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TemplateRuntimeError(f"js: a key is text, not {type(key).__name__}")
            _refuse_what_json_changes(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_what_json_changes(item)
