"""Builds the few pages that people see, as HTML in which every value is escaped."""

import secrets
from collections.abc import Mapping, Sequence
from html import escape

from deployer.sandbox.calls import Response

_HEADERS = {"content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer"}
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: #f4f4f5; color: #18181b; }
main { max-width: 22rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: .5rem; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; }
label { display: block; margin: 0 0 1rem; }
input, select, button { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; }
button { border: 0; border-radius: .25rem; background: #1d4ed8; color: #fff; cursor: pointer; }
[role=alert] { color: #b91c1c; min-height: 1.5rem; margin: 0 0 .5rem; }
"""
_LOGIN_SCRIPT = """
const form = document.querySelector('form');
const problem = document.querySelector('[role=alert]');
const button = form.querySelector('button');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  problem.textContent = '';
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (answer.ok) {
      const next = document.createElement('div');
      next.innerHTML = await answer.text();
      document.body.append(next);
      next.querySelector('form').submit();
      return;
    }
    const body = await answer.json();
    problem.textContent = body.description || body.error_description || body.message;
  } catch (error) {
    problem.textContent = 'The tenant did not answer. Try again.';
  }
  button.disabled = false;
});
"""
_SUBMIT_SCRIPT = "document.querySelector('form').submit();"


def page(title: str, body: str, status: int = 200, *, script: str = "") -> Response:
    """Build a page whose `body` is HTML already. Nothing but its own style and `script` may run or be loaded.

    Forms may be sent anywhere, for what they lead to ends at the application's callback.
    """
    nonce = secrets.token_urlsafe(16)
    scripted = f'<script nonce="{nonce}">{script}</script>' if script else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style nonce="{nonce}">{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main>{scripted}</body></html>"
    )
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'"
    if script:
        policy += f"; script-src 'nonce-{nonce}'; connect-src 'self'"
    return Response(status, text=text, headers={**_HEADERS, "content-security-policy": policy})


def message(title: str, text: str, status: int = 200) -> Response:
    """Build a page that says something."""
    return page(title, f"<p>{escape(text)}</p>", status)


def password_form(action: str) -> Response:
    """Build the page where somebody chooses a new password."""
    return page(
        "Change your password",
        f'<form method="post" action="{escape(action)}"><label>New password '
        '<input type="password" name="password" autocomplete="new-password" required></label> '
        '<button type="submit">Change password</button></form>',
    )


def login_form(
    action: str, hidden: Mapping[str, str], connections: Sequence[tuple[str, str]], application: str, hint: str = ""
) -> Response:
    """Build the page where somebody logs in; `connections` are names and what people call them.

    It sends what auth0.js sends, and submits the form that it is answered with.
    """
    if len(connections) == 1:
        choice = _hidden({"connection": connections[0][0]})
    else:
        options = "".join(f'<option value="{escape(name)}">{escape(shown)}</option>' for name, shown in connections)
        choice = f'<label>Account <select name="connection">{options}</select></label>'
    return page(
        f"Log in to {application}",
        f'<form method="post" action="{escape(action)}">{_hidden(hidden)}'
        '<p role="alert"></p><noscript><p>This page needs JavaScript.</p></noscript>'
        f'<label>Email or username <input name="username" autocomplete="username" value="{escape(hint)}" required '
        "autofocus></label>"
        '<label>Password <input type="password" name="password" autocomplete="current-password" required></label>'
        f'{choice}<button type="submit">Log in</button></form>',
        script=_LOGIN_SCRIPT,
    )


def self_submitting_page(action: str, fields: Mapping[str, str]) -> Response:
    """Build a page that sends hidden fields to an application at once (`response_mode=form_post`)."""
    button = '<noscript><button type="submit">Continue</button></noscript>'
    form = f'<form method="post" action="{escape(action)}">{_hidden(fields)}{button}</form>'
    return page("Logging in", form, script=_SUBMIT_SCRIPT)


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def hidden_form(action: str, fields: Mapping[str, str]) -> Response:
    """Build a form of hidden fields that the caller submits."""
    text = f'<form method="post" name="hiddenform" action="{escape(action)}">{_hidden(fields)}</form>'
    return Response(200, text=text, headers=dict(_HEADERS))
