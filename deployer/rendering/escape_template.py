"""Escapes a text so that it can stand in a template and renders to exactly that text.

Delimiters, carriage returns and a byte order mark become expressions (`{{ '{%' }}`): Jinja reads the first as code and
changes the other two. A raw block would do for delimiters only as long as the text does not end it.
"""

import re

_SPECIAL = re.compile(r"\{[{%#]|\{?\r|\A\ufeff")


def escape_template(text: str) -> str:
    """Template source for the text: for a script, and for a string in a definition.

    No brace is left before an expression, so that nothing new is made of what stays.
    """
    return _SPECIAL.sub(_expression, text)


def _expression(found: re.Match[str]) -> str:
    quoted = found[0].replace("\r", "\\r").replace("\ufeff", "\\ufeff")
    return f"{{{{ '{quoted}' }}}}"
