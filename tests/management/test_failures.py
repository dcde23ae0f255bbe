"""What goes wrong between us and a tenant: typed errors, no write repeated, no read given up too early."""

import asyncio
import gzip
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployer.errors import DeployerError
from deployer.management import http
from deployer.management.access import Access, Credentials, RateLimit
from deployer.management.errors import (
    Conflict,
    InvalidRequest,
    ManagementError,
    MissingScope,
    NotFound,
    OutcomeUnknown,
    ServerError,
    Throttled,
    UnexpectedResponse,
    Unreachable,
    WrongCredentials,
)
from deployer.management.gateway import Gateway
from deployer.management.http import Timeouts
from deployer.management.retry_policy import RetryPolicy
from deployer.sandbox.server import LocalTenant
from tests.support.gateways import SECRET, to, to_tenant
from tests.support.misbehaving import DROP, TOKEN, Reply, Request, Server, answer, error, token, truncated

CONNECTION = {"id": "con_1", "name": "users", "strategy": "auth0", "options": {"import_mode": True}}
HTML = Reply(
    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 26\r\n\r\n<html>Please log in</html>", keep=True
)


def read(server: Server, **more: Any) -> Any:
    """One read of a connection."""

    async def main() -> Any:
        async with to(server.url, **more) as gateway:
            return await gateway.connection("con_1")

    return asyncio.run(main())


def write(server: Server, payload: dict[str, Any] | None = None, **more: Any) -> Any:
    async def main() -> Any:
        async with to(server.url, **more) as gateway:
            return await gateway.update_connection("con_1", payload or {"options": {"import_mode": True}})

    return asyncio.run(main())


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(error(500, "oops"), id="500"),
        pytest.param(error(502, "oops"), id="502"),
        pytest.param(answer(b"<html>bad gateway</html>", 503, {"content-type": "text/html"}), id="503-html"),
        pytest.param(error(408, "too slow"), id="408"),
        pytest.param(DROP, id="dropped"),
        pytest.param(truncated(), id="truncated"),
        pytest.param(answer(b'{"id": "con_1", "opt'), id="broken-json"),
        pytest.param(answer(b"\xff\xfe{}"), id="not-utf8"),
        pytest.param(answer(b"[" * 200_000), id="deep-json"),
        pytest.param(answer(b"xx", headers={"content-encoding": "gzip"}), id="bad-gzip"),
        pytest.param(answer(CONNECTION, wait=3.0), id="timeout"),
    ],
)
def test_a_read_is_repeated_and_a_write_is_not(failure: Reply) -> None:
    fast = Timeouts(connect=2.0, read=0.3, write=0.3, total=1.0)
    with Server([failure, failure, answer(CONNECTION)]) as server:
        assert read(server, timeouts=fast) == CONNECTION
        assert len(server.api) == 3
    with Server([failure, answer(CONNECTION)]) as server:
        with pytest.raises(OutcomeUnknown, match="may or may not have happened") as caught:
            write(server, timeouts=fast)
        assert len(server.api) == 1
        assert isinstance(caught.value.cause, ManagementError)
        assert caught.value.request == "PATCH /api/v2/connections/con_1"


@pytest.mark.parametrize("reply", [HTML, answer([1, 2]), answer("text"), answer(None, 200), answer(None, 302)])
def test_a_write_with_an_unreadable_answer_may_have_happened(reply: Reply) -> None:
    with Server([reply]) as server, pytest.raises((OutcomeUnknown, UnexpectedResponse)) as caught:
        write(server)
    assert isinstance(caught.value, OutcomeUnknown)
    assert len(server.api) == 1


def test_a_read_gives_up_after_five_failures() -> None:
    with Server([error(500, "boom \x1b[31mred")]) as server, pytest.raises(ServerError) as caught:
        read(server)
    assert len(server.api) == 5
    assert caught.value.status == 500
    assert "boom \\x1b[31mred" in str(caught.value)
    assert "tenant test (acme.test)" in str(caught.value)


@pytest.mark.parametrize("operation", [read, write])
def test_throttling_is_waited_for_and_never_final(operation: Callable[..., Any]) -> None:
    storm = [error(429, "Too many requests", retry_after="0")] * 4 + [answer(CONNECTION)]
    with Server(storm) as server:
        assert operation(server) == CONNECTION
        assert len(server.api) == 5


def test_retry_after_is_obeyed_by_everybody() -> None:
    moments: list[float] = []

    def reply(_: Request) -> Reply:
        moments.append(time.monotonic())
        first = len(moments) == 1
        return error(429, "Too many", retry_after="1") if first else answer(CONNECTION)

    async def main(url: str) -> None:
        async with to(url) as gateway:
            first = asyncio.ensure_future(gateway.connection("con_1"))
            while not moments:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.1)
            await asyncio.gather(first, *(gateway.connection("con_1") for _ in range(5)))

    with Server(reply) as server:
        asyncio.run(main(server.url))
    assert len(moments) == 7
    assert min(moments[1:]) - moments[0] >= 0.99


def test_throttling_beyond_all_patience_is_an_error() -> None:
    with Server([error(429, "Too many requests", retry_after="0")]) as server, pytest.raises(Throttled) as caught:
        read(server, retry_policy=RetryPolicy(throttled=0.0))
    assert "rate limit" in str(caught.value)


def test_a_tenant_that_refuses_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def main() -> None:
        async with to(f"http://127.0.0.1:{port}") as gateway:
            with pytest.raises(Unreachable, match=rf"no connection to 127.0.0.1:{port}.*") as caught:
                await gateway.create_connection({"name": "a", "strategy": "auth0"})
            assert not caught.value.sent
            assert gateway.requests == 3

    asyncio.run(main())


def test_a_write_is_repeated_when_it_was_never_sent() -> None:
    """The server is there for the token, then gone: connecting fails, so nothing can have happened."""

    async def main() -> None:
        with Server([answer(CONNECTION)], tokens=[Reply(token().raw)]) as server:
            gateway = to(server.url)
            await gateway._session._tokens.token()
            port = int(server.url.rpartition(":")[2])
        with socket.socket() as kept:  # so that nobody else's server gets the port meanwhile
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind(("127.0.0.1", port))
            async with gateway:
                with pytest.raises(Unreachable) as caught:
                    await gateway.update_connection("con_1", {})
                assert not caught.value.sent
                assert gateway.requests == 4  # the token, and three tries

    asyncio.run(main())


def test_a_name_that_does_not_exist() -> None:
    async def main() -> None:
        access = Access("test", "no-such-host.invalid", Credentials("c", SECRET))
        async with Gateway(access, retry_policy=RetryPolicy(first_pause=0.01)) as gateway:
            with pytest.raises(Unreachable, match="cannot be resolved") as caught:
                await gateway.connections()
            assert caught.value.hint is not None
            assert "domain" in caught.value.hint

    asyncio.run(main())


def test_https_where_nobody_speaks_it() -> None:
    with Server([answer(CONNECTION)]) as server:

        async def main() -> None:
            async with to(server.url.replace("http:", "https:")) as gateway:
                with pytest.raises(Unreachable, match="no TLS connection") as caught:
                    await gateway.connections()
                assert "SSL_CERT_FILE" in str(caught.value)

        asyncio.run(main())


def test_a_certificate_nobody_trusts_and_how_to_trust_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalTenant(tls=True, ca_dir=tmp_path) as tenant:

        async def connections() -> Any:
            async with to_tenant(tenant) as gateway:
                return await gateway.connections(), gateway.requests

        with pytest.raises(Unreachable, match="not trusted") as caught:
            asyncio.run(connections())
        assert "SSL_CERT_FILE" in str(caught.value)
        assert not caught.value.sent
        monkeypatch.setenv("SSL_CERT_FILE", str(tenant.ca_file))
        assert asyncio.run(connections()) == ([], 2)


def test_a_body_that_drips_forever_ends() -> None:
    drip = Reply(answer(CONNECTION).raw, drip=0.2)
    began = time.monotonic()
    with Server([drip]) as server, pytest.raises(OutcomeUnknown, match="in time"):
        write(server, timeouts=Timeouts(connect=1, read=1, write=1, total=0.6))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("packed", [False, True])
def test_a_gigantic_answer_ends(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(http, "MAX_RESPONSE_BYTES", 1024 * 1024)
    body = b" " * 5_000_000
    reply = answer(gzip.compress(body), headers={"content-encoding": "gzip"}) if packed else answer(body)
    with Server([reply]) as server, pytest.raises(Unreachable, match="larger than"):
        read(server)
    assert len(server.api) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (error(400, "Payload validation error: 'x'"), InvalidRequest, "Payload validation error"),
        (error(403, "Insufficient scope, expected any of: read:connections", "x"), MissingScope, "read:connections"),
        (error(403, "Some other reason"), InvalidRequest, "Some other reason"),
        (error(409, "A connection with the same name already exists"), Conflict, "already exists"),
        (error(404, "The connection does not exist", "inexistent_connection"), NotFound, "does not exist"),
        (answer({"detail": "Not Found"}, 404), UnexpectedResponse, "not an answer of Auth0"),
        (answer(b"<html>", 404, {"content-type": "text/html"}), UnexpectedResponse, "text/html, not JSON"),
        (answer(b"<html>", 403, {"content-type": "text/html"}), UnexpectedResponse, "text/html, not JSON"),
        (error(413, "Payload Too Large"), InvalidRequest, "Payload Too Large"),
    ],
)
def test_refusals_are_typed_and_final(reply: Reply, kind: type[ManagementError], words: str) -> None:
    with Server([reply]) as server, pytest.raises(kind, match=words) as caught:
        write(server)
    assert type(caught.value) is kind
    assert len(server.api) == 1
    if isinstance(caught.value, MissingScope):
        assert caught.value.scopes == ("read:connections",)


def test_no_such_connection_is_none_but_a_proxys_404_is_not() -> None:
    with Server([error(404, "The connection does not exist")]) as server:
        assert read(server) is None
    with Server([answer({"error": "no such route"}, 404)]) as server, pytest.raises(UnexpectedResponse):
        read(server)


def test_a_proxys_page_is_named_at_once() -> None:
    with Server([HTML]) as server, pytest.raises(UnexpectedResponse, match="text/html, not JSON"):
        read(server)
    assert len(server.api) == 1


@pytest.mark.parametrize(
    "body", [[], "text", 7, {"connections": None}, {"connections": [1]}, {"connections": [{"no": "id"}], "total": 1}]
)
def test_lists_of_a_wrong_shape(body: Any) -> None:
    async def main(url: str) -> Any:
        async with to(url) as gateway:
            return await gateway.connections()

    with Server([answer(body)]) as server:
        if body == []:
            assert asyncio.run(main(server.url)) == []
        else:
            with pytest.raises(UnexpectedResponse):
                asyncio.run(main(server.url))


class TestUnknownShapes:
    """What the tenant sends is given on, whatever the SDK's models think of it."""

    @pytest.mark.parametrize(
        "odd",
        [
            {**CONNECTION, "strategy": "brand-new", "show_as_button": "maybe"},
            {**CONNECTION, "options": {"customScripts": {"new_script": "x"}, "mfa": "none", "a": None}},
            {**CONNECTION, "enabled_clients": {"not": "a list"}, "assignments": 5, "ticket": [[]]},
            {"options": {"x": 1e300, "y": "\u2028\x00"}, "created_at": "not a date"},
        ],
    )
    def test_odd_objects(self, odd: dict[str, Any]) -> None:
        with Server([answer(odd)]) as server:
            assert read(server) == odd
            assert write(server) == odd

    def test_odd_lists(self) -> None:
        odd = [{**CONNECTION, "strategy": "brand-new"}, {**CONNECTION, "id": "con_2", "options": {"mfa": []}}]

        async def main(url: str) -> Any:
            async with to(url) as gateway:
                return await gateway.connections()

        with Server([answer({"connections": odd, "total": 2, "start": "zero", "limit": None})]) as server:
            assert asyncio.run(main(server.url)) == odd

    def test_payloads_arrive_as_given(self) -> None:
        payload = {
            "display_name": None,
            "options": {
                "customScripts": {"login": "function login() {}", "change_email": None, "brand_new": "x"},
                "enabledDatabaseCustomization": True,
                "configuration": {"URL": "postgres://x"},
                "unknown_option": [1, 2.5, {"deep": None}],
                "custom_scripts": "not the same key",
                "passwordPolicy": None,
            },
            "never_heard_of": {"a": []},
        }
        created = {"name": "users", "strategy": "auth0", **payload}

        async def main(url: str) -> None:
            async with to(url) as gateway:
                await gateway.update_connection("con_1", payload)
                await gateway.create_connection(created)
                await gateway.update_connection("con_1", {})

        with Server([answer(CONNECTION)]) as server:
            asyncio.run(main(server.url))
            assert [request.json for request in server.api] == [payload, created, {}]

    @pytest.mark.parametrize("value", [float("nan"), "\ud800"])
    def test_what_json_cannot_say_is_refused_before_anything_is_sent(self, value: object) -> None:
        with Server([answer(CONNECTION)]) as server, pytest.raises(InvalidRequest, match="cannot be written"):
            write(server, {"options": {"x": value}})
        assert server.api == []

    def test_ids_cannot_change_the_path(self) -> None:
        async def main(url: str) -> None:
            async with to(url) as gateway:
                await gateway.connection("../clients?x=1#y")

        with Server([answer(CONNECTION)]) as server:
            asyncio.run(main(server.url))
            assert server.api[0].path == "/api/v2/connections/..%2Fclients%3Fx%3D1%23y"


class TestSecrets:
    def test_nothing_shows_them(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        canary = 'canary-"quoted"\n-value'
        echo = error(400, f"bad: {canary} and {SECRET} and {TOKEN} in 'canary-\\\"quoted\\\"\\n-value'")
        with Server([echo]) as server, pytest.raises(InvalidRequest) as caught:
            write(server, {"options": {"configuration": {"A": canary}}})
        shown = repr(caught.value) + str(caught.value) + caplog.text
        assert "(hidden)" in shown
        for secret in (SECRET, TOKEN, "canary"):
            assert secret not in shown
        assert "PATCH /api/v2/connections/con_1: 400" in caplog.text

    def test_reprs(self) -> None:
        credentials = Credentials("c", private_key="-----BEGIN PRIVATE KEY----- xyz")
        access = Access("t", "acme.eu.auth0.com", credentials)
        assert "xyz" not in repr(access) + access.key
        assert SECRET not in repr(Access("t", "acme.eu.auth0.com", Credentials("c", SECRET)))

    def test_a_secret_cut_in_half_does_not_show_its_first_half(self) -> None:
        canary = "canary" * 20
        with Server([error(400, "x" * 150 + canary)]) as server, pytest.raises(InvalidRequest) as caught:
            write(server, {"options": {"configuration": {"A": canary}}})
        assert "canary" not in str(caught.value)


class TestAddresses:
    @pytest.mark.parametrize("domain", ["https://acme.auth0.com", "acme auth0", "", "a/b", "acme.auth0.com:x", "u@h"])
    def test_what_is_no_domain(self, domain: str) -> None:
        with pytest.raises(DeployerError, match="not the address of a tenant"):
            Access("t", domain, Credentials("c", SECRET))

    def test_plain_http_to_anywhere_else(self) -> None:
        with pytest.raises(DeployerError, match="in the clear"):
            Access("t", "acme.auth0.com", Credentials("c", SECRET), base_url="http://acme.auth0.com")

    def test_plain_http_to_this_machine(self) -> None:
        access = Access("t", "x", Credentials("c", SECRET), base_url="http://localhost:4010/")
        assert access.api == "http://localhost:4010/api/v2"
        assert access.token_audience == "http://localhost:4010/api/v2/"

    def test_the_usual(self) -> None:
        access = Access("t", "acme.eu.auth0.com", Credentials("c", SECRET), rate_limit=RateLimit(2, 10))
        assert access.root == "https://acme.eu.auth0.com"
        assert access.token_audience == "https://acme.eu.auth0.com/api/v2/"

    def test_credentials_are_one_of_three(self) -> None:
        for wrong in ({}, {"client_secret": "a", "private_key": "b"}, {"client_secret": "a", "token": "b"}):
            with pytest.raises(DeployerError, match="one of the three"):
                Credentials("c", **wrong)


def test_a_cancelled_call_frees_its_place() -> None:
    async def main(url: str) -> None:
        async with to(url) as gateway:
            slow = [asyncio.ensure_future(gateway.connection("slow")) for _ in range(15)]
            while len(server.api) < 5:
                await asyncio.sleep(0.01)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
            assert await asyncio.wait_for(gateway.connection("fast"), 3) == CONNECTION
            assert gateway._session._pace._bucket.in_flight == 0

    def reply(request: Request) -> Reply:
        return answer(CONNECTION, wait=1.5 if "slow" in request.path else 0.0)

    with Server(reply) as server:
        asyncio.run(main(server.url))


@pytest.mark.parametrize("reply", [error(500, "oops"), DROP, truncated(), answer(b"<html>", 502)])
def test_without_a_token_a_write_surely_did_not_happen(reply: Reply) -> None:
    with Server([answer(CONNECTION)], tokens=[reply]) as server, pytest.raises(ManagementError) as caught:
        write(server)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(server.token_requests) == 5
    assert server.api == []


def test_wrong_credentials_of_the_api_are_named_after_one_new_token() -> None:
    with Server([error(401, "Invalid token")]) as server, pytest.raises(WrongCredentials, match="refuses the token"):
        write(server)
    assert len(server.api) == 2
    assert len(server.token_requests) == 2
