"""The few pages that people see: values go in, HTML with every value escaped comes out."""

from collections.abc import Mapping
from html import escape

from deployer.sandbox.calls import Answer

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; form-action *; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


def page(title: str, body: str, status: int = 200) -> Answer:
    """A page whose `body` is HTML already."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Answer(status, text=text, headers=dict(_HEADERS))


def message(title: str, text: str, status: int = 200) -> Answer:
    """A page that says something."""
    return page(title, f"<p>{escape(text)}</p>", status)


def password_form(action: str) -> Answer:
    """The page where somebody chooses a new password."""
    return page(
        "Change your password",
        f'<form method="post" action="{escape(action)}"><label>New password '
        '<input type="password" name="password" autocomplete="new-password" required></label> '
        '<button type="submit">Change password</button></form>',
    )


def posting_form(action: str, fields: Mapping[str, str]) -> Answer:
    """A form of hidden fields that the caller submits."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    text = f'<form method="post" name="hiddenform" action="{escape(action)}">{inputs}</form>'
    return Answer(200, text=text, headers=dict(_HEADERS))
