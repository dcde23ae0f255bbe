"""Serves the e-mails that Auth0 would have sent: /__sandbox__/outbox.

The endpoints need a token of the tenant, of any scope, as all below /__sandbox__.
"""

from dataclasses import asdict

from deployer.sandbox.calls import Call, Endpoint, Response


def list_emails(call: Call) -> Response:
    """Answer `GET /__sandbox__/outbox`, by `to`, the newest last.

    An e-mail is `{template, to, connection, link, ticket, sent_at}`.
    """
    to = call.first("to")
    return Response(body=[asdict(email) for email in call.tenant.flows.outbox if to is None or email.to == to.lower()])


def clear(call: Call) -> Response:
    """Answer `DELETE /__sandbox__/outbox`."""
    call.tenant.flows.outbox = []
    return Response(204)


ENDPOINTS = [
    Endpoint("GET", "/__sandbox__/outbox", (), list_emails),
    Endpoint("DELETE", "/__sandbox__/outbox", (), clear),
]
