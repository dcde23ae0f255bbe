"""The proxy that the environment names is used, whatever case its name is written in; without one, none."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from deployer.sandbox.server import LocalTenant


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A forwarding proxy: its address, and the addresses that it was asked for."""
    asked: list[str] = []

    class Forward(BaseHTTPRequestHandler):
        def forward(self) -> None:
            asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "proxy-connection"}
            answer = httpx.request(self.command, self.path, headers=headers, content=body, trust_env=False)
            self.send_response(answer.status_code)
            for name in ("content-type", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = forward  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Forward) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join(10)


@pytest.fixture(autouse=True)
def no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(name, project, local_tenant: LocalTenant, reach, proxy, monkeypatch):
    reach(local_tenant)
    address, asked = proxy
    monkeypatch.setenv(name, address)
    project.tenant()
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert f"{local_tenant.base_url}/oauth/token" in asked
    assert len(asked) > 3


def test_no_proxy_is_heard(project, local_tenant: LocalTenant, reach, proxy, monkeypatch):
    reach(local_tenant)
    address, asked = proxy
    monkeypatch.setenv("HTTP_PROXY", address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    project.tenant()
    assert project.run("plan", "local", "--no-lint").code == 0
    assert asked == []
