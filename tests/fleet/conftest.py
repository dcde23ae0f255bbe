"""Several local tenants with a file each."""

import pytest

from deployer.sandbox.server import LocalTenants

BODY = """\
domain: {domain}
base_url: {url}
credentials: {{client_id: {id}, client_secret: !env SECRET_{n}}}
tags: [{tag}]
connections:
  users:
    store: postgres
    configuration: {{PG_URL: !env PG_URL}}
"""


@pytest.fixture
def fleet(project, monkeypatch):
    """A function that starts so many tenants and writes their files."""
    running = []
    monkeypatch.setenv("PG_URL", "postgres://canary@db.example.com/users")

    def start(count):
        tenants = LocalTenants(count).start()
        running.append(tenants)
        for n, tenant in enumerate(tenants.tenants):
            monkeypatch.setenv(f"SECRET_{n}", tenant.client_secret)
            tag = "eu" if n % 2 else "us"
            text = BODY.format(domain=tenant.domain, url=tenant.base_url, id=tenant.client_id, n=n, tag=tag)
            project.write(f"tenants/{tag}-{n:03}.yaml", text)
        return tenants

    yield start
    for tenants in running:
        tenants.stop()
