"""E-mails that Auth0 would have sent: /__sandbox__/outbox.

The endpoints need a token of the tenant, of any scope, as all below /__sandbox__.
"""

from dataclasses import asdict

from deployer.sandbox.calls import Answer, Call, Endpoint


def listed(call: Call) -> Answer:
    """GET /__sandbox__/outbox, by `to`: `[{template, to, connection, link, ticket, sent_at}]`, the newest last."""
    to = call.first("to")
    return Answer(body=[asdict(email) for email in call.tenant.flows.outbox if to is None or email.to == to.lower()])


def clear(call: Call) -> Answer:
    """DELETE /__sandbox__/outbox."""
    call.tenant.flows.outbox = []
    return Answer(204)


ENDPOINTS = [
    Endpoint("GET", "/__sandbox__/outbox", (), listed),
    Endpoint("DELETE", "/__sandbox__/outbox", (), clear),
]
