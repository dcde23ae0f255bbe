"""Tokens: one for each tenant and credential, shared, kept until it expires, never readable by others."""

import asyncio
import base64
import json
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from deployer.management.access import Access, Credentials
from deployer.management.errors import MissingScope, UnexpectedResponse, WrongCredentials
from deployer.management.tokens import Token, TokenCache, TokenSource
from deployer.sandbox.server import LocalTenant
from tests.support.gateways import SECRET, to, to_tenant
from tests.support.misbehaving import TOKEN, Reply, Request, Server, answer, error, token

CONNECTION = {"id": "con_1", "name": "users", "strategy": "auth0", "options": {"import_mode": True}}


@pytest.fixture
def cache(tmp_path: Path) -> TokenCache:
    return TokenCache(tmp_path / "cache" / "tokens")


def forget() -> None:
    """What a new process does not have."""
    TokenSource._kept.clear()


def read(server: Server, cache: TokenCache | None = None, times: int = 1, **more: Any) -> None:
    async def main() -> None:
        async with to(server.url, cache, **more) as gateway:
            await asyncio.gather(*(gateway.connection("con_1") for _ in range(times)))

    asyncio.run(main())


def test_concurrent_calls_share_one_token() -> None:
    with Server([answer(CONNECTION)], tokens=[Reply(token().raw, wait=0.1, keep=True)]) as server:
        read(server, times=30)
        assert len(server.token_requests) == 1
        assert {request.headers["authorization"] for request in server.api} == {f"Bearer {TOKEN}"}
        read(server)
        assert len(server.token_requests) == 1  # nor does a second gateway need another


def test_threads_share_one_token() -> None:
    with Server([answer(CONNECTION)], tokens=[Reply(token().raw, wait=0.2, keep=True)]) as server:
        threads = [threading.Thread(target=read, args=(server,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.api) == 4
        assert len(server.token_requests) == 1


def test_a_failed_fetch_does_not_keep_the_others_waiting() -> None:
    async def main(url: str) -> list[Any]:
        async with to(url) as gateway:
            return await asyncio.gather(*(gateway.connection("con_1") for _ in range(5)), return_exceptions=True)

    refused = answer({"error": "access_denied", "error_description": "Unauthorized"}, 401)
    with Server([answer(CONNECTION)], tokens=[refused]) as server:
        results = asyncio.run(asyncio.wait_for(main(server.url), 10))
    assert [type(result) for result in results] == [WrongCredentials] * 5


def test_a_cancelled_fetch_does_not_keep_the_others_waiting() -> None:
    async def main(url: str) -> None:
        async with to(url) as gateway:
            first = asyncio.ensure_future(gateway.connection("con_1"))
            while not server.token_requests:
                await asyncio.sleep(0.01)
            second = asyncio.ensure_future(gateway.connection("con_1"))
            await asyncio.sleep(0.05)
            first.cancel()
            assert await asyncio.wait_for(second, 5) == CONNECTION

    with Server([answer(CONNECTION)], tokens=[Reply(token().raw, wait=0.5, keep=True), token()]) as server:
        asyncio.run(main(server.url))


def test_the_cache_serves_the_next_process(cache: TokenCache) -> None:
    with Server([answer(CONNECTION)]) as server:
        read(server, cache)
        forget()
        read(server, cache)
        assert len(server.token_requests) == 1
        forget()
        read(server, None)  # --no-token-cache
        assert len(server.token_requests) == 2


def test_the_cache_is_for_its_owner_alone(cache: TokenCache) -> None:
    cache.directory.mkdir(parents=True, mode=0o755)  # made by somebody else, too wide
    before = os.umask(0)
    try:
        with Server([answer(CONNECTION)]) as server:
            read(server, cache)
    finally:
        os.umask(before)
    (file,) = cache.directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.directory.stat().st_mode) == 0o700
    assert SECRET not in file.read_text() + file.name
    assert "the-client" not in file.name


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_token_that_others_could_read_or_write_is_not_used(cache: TokenCache, mode: int) -> None:
    with Server([answer(CONNECTION)]) as server:
        read(server, cache)
        (file,) = cache.directory.iterdir()
        file.chmod(mode)
        forget()
        read(server, cache)
        assert len(server.token_requests) == 2
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_in_the_cache_is_not_followed(cache: TokenCache, tmp_path: Path) -> None:
    with Server([answer(CONNECTION)]) as server:
        read(server, cache)
        (file,) = cache.directory.iterdir()
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
        forget()
        read(server, cache)
        assert len(server.token_requests) == 2
        assert not file.is_symlink()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '"x"',
        "[" * 5000,
        '{"value": 5, "fetched_at": 0, "expires_at": 9e99, "scopes": null}',
        '{"value": "x\\ny", "fetched_at": 0, "expires_at": 9e99, "scopes": null}',
        '{"value": "x", "fetched_at": "now", "expires_at": 9e99, "scopes": null}',
        '{"value": "x", "fetched_at": 9e98, "expires_at": 9e99, "scopes": []}',
        '{"value": "x", "fetched_at": 0, "expires_at": 5, "scopes": []}',
        '{"value": "x", "fetched_at": 0, "expires_at": 9e99, "scopes": 5}',
    ],
)
def test_a_damaged_cache_is_ignored_and_mended(cache: TokenCache, text: str) -> None:
    with Server([answer(CONNECTION)]) as server:
        read(server, cache)
        (file,) = cache.directory.iterdir()
        file.write_text(text)
        forget()
        read(server, cache)
        assert len(server.token_requests) == 2
        assert json.loads(file.read_text())["value"] == TOKEN


@given(st.binary(max_size=200))
def test_no_file_content_breaks_the_cache(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        cache = TokenCache(Path(name))
        file = Path(name) / "k.json"
        file.write_bytes(content)
        file.chmod(0o600)
        assert cache.load("k") is None


def test_a_cache_that_cannot_be_written_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Server([answer(CONNECTION)]) as server:
        read(server, TokenCache(tmp_path / "file" / "tokens"))
        assert len(server.api) == 1


def test_every_credential_and_address_has_a_token_of_its_own() -> None:
    one = Access("t", "acme.auth0.com", Credentials("c", "s"))
    keys = {
        access.key
        for access in (
            one,
            Access("t", "acme.auth0.com", Credentials("c", "other")),
            Access("t", "acme.auth0.com", Credentials("d", "s")),
            Access("t", "other.auth0.com", Credentials("c", "s")),
            Access("t", "acme.auth0.com", Credentials("c", "s"), audience="https://else"),
            Access("t", "acme.auth0.com", Credentials("c", "s"), base_url="http://127.0.0.1:1"),
        )
    }
    assert len(keys) == 6
    assert Access("other name", "acme.auth0.com", Credentials("c", "s")).key == one.key


def test_an_expired_token_is_fetched_again() -> None:
    with Server([answer(CONNECTION)], tokens=[token(expires_in=1)]) as server:
        read(server)
        end = time.monotonic() + 5
        while len(server.token_requests) < 2 and time.monotonic() < end:
            time.sleep(0.1)
            read(server)
        assert len(server.token_requests) == 2


def test_a_token_is_renewed_a_minute_before_its_end() -> None:
    now = time.time()
    assert Token("x", now, now + 86400).usable(now + 86400 - 61)
    assert not Token("x", now, now + 86400).usable(now + 86400 - 59)
    assert Token("x", now, now + 100).usable(now + 89)
    assert not Token("x", now, now + 100).usable(now + 91)


def test_a_refused_token_is_renewed_once_and_a_write_goes_through(cache: TokenCache) -> None:
    def reply(request: Request) -> Reply:
        good = request.headers["authorization"] == "Bearer second"
        return answer(CONNECTION) if good else error(401, "Invalid token")

    async def main(url: str) -> None:
        async with to(url, cache) as gateway:
            assert await gateway.update_connection("con_1", {}) == CONNECTION
            await asyncio.gather(*(gateway.connection("con_1") for _ in range(5)))

    with Server(reply, tokens=[token(access_token="first"), token(access_token="second")]) as server:
        asyncio.run(main(server.url))
        assert len(server.token_requests) == 2
        forget()
        read(server, cache)
        assert len(server.token_requests) == 2  # the cache has the second


def test_a_scope_granted_since_is_noticed(cache: TokenCache) -> None:
    """The token in the cache is from before: a new one is fetched, once."""

    def reply(request: Request) -> Reply:
        options = {"options": {"a": 1}} if request.headers["authorization"] == "Bearer new" else {}
        return answer({"connections": [{"id": "con_1", **options}], "total": 1})

    async def connections(url: str) -> Any:
        async with to(url, cache) as gateway:
            return await gateway.connections()

    tokens = [token("read:connections", access_token="old"), token(access_token="new")]
    with Server(reply, tokens=tokens) as server:
        with pytest.raises(MissingScope, match="options"):
            asyncio.run(connections(server.url))
        assert len(server.token_requests) == 1
        forget()
        assert asyncio.run(connections(server.url)) == [{"id": "con_1", "options": {"a": 1}}]
        assert len(server.token_requests) == 2


EMPTY = {"id": "con_1", "options": {}}


async def read_connection(url: str) -> Any:
    async with to(url) as gateway:
        return await gateway.connection("con_1")


def test_empty_options_are_believed_with_the_scope() -> None:
    with Server([answer(EMPTY)], tokens=[token("read:connections read:connections_options")]) as server:
        assert asyncio.run(read_connection(server.url)) == EMPTY


@pytest.mark.parametrize(
    "without_scope",
    [token("read:connections"), answer({"access_token": "opaque", "expires_in": 60})],
    ids=["other scopes", "no scopes told"],
)
def test_empty_options_are_not_believed_without_the_scope(without_scope: Any) -> None:
    with Server([answer(EMPTY)], tokens=[without_scope]) as server, pytest.raises(MissingScope) as caught:
        asyncio.run(read_connection(server.url))
    assert caught.value.scopes == ("read:connections_options",)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer({"error": "access_denied", "error_description": "Unauthorized"}, 401), "Unauthorized"),
        (
            answer({"error": "access_denied", "error_description": "Client is not authorized to access X."}, 403),
            "not authorized to access",
        ),
        (answer({"error": "unauthorized_client", "error_description": "Grant type not allowed"}, 403), "not allowed"),
        (answer({"error": "invalid_client"}, 401), "invalid_client"),
    ],
)
def test_wrong_credentials(reply: Reply, words: str) -> None:
    with Server([answer(CONNECTION)], tokens=[reply]) as server, pytest.raises(WrongCredentials, match=words) as caught:
        read(server)
    assert len(server.seen) == 1
    assert caught.value.hint
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        answer({"token": "x"}),
        answer([]),
        answer({"access_token": ""}),
        answer({"access_token": "line\nbreak"}),
        answer({"access_token": "x", "expires_in": -5}),
        answer({"access_token": "x", "expires_in": True}),
        answer(b"<html>", 200, {"content-type": "text/html"}),
        answer(b"<html>", 404, {"content-type": "text/html"}),
    ],
)
def test_what_is_no_token(reply: Reply) -> None:
    with Server([answer(CONNECTION)], tokens=[reply]) as server, pytest.raises(UnexpectedResponse):
        read(server)
    assert server.api == []


def test_throttling_of_tokens_is_waited_for() -> None:
    storm = [answer({"error": "too_many_requests"}, 429, {"retry-after": "0"})] * 3
    with Server([answer(CONNECTION)], tokens=[*storm, token()]) as server:
        read(server)
        assert len(server.token_requests) == 4


def test_scopes_are_read_from_the_token_if_the_answer_does_not_tell() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"scope": "read:a read:b"}).encode()).decode().rstrip("=")
    found = Token.from_response({"access_token": f"e30.{claims}.x", "expires_in": 60}, 0.0)
    assert found is not None
    assert found.scopes == {"read:a", "read:b"}


def test_a_private_key_signs_an_assertion() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with Server([answer(CONNECTION)]) as server:
        read(server, credentials=Credentials("the-client", private_key=pem, algorithm="RS384"))
        sent = server.token_requests[0].json
        assert "client_secret" not in sent
        assert sent["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        said = jwt.decode(sent["client_assertion"], key.public_key(), algorithms=["RS384"], audience=f"{server.url}/")
        assert (said["iss"], said["sub"]) == ("the-client", "the-client")
        assert said["exp"] - said["iat"] <= 300


def test_a_key_that_is_none() -> None:
    with Server([answer(CONNECTION)]) as server, pytest.raises(WrongCredentials, match="cannot sign") as caught:
        read(server, credentials=Credentials("the-client", private_key="-----not a key-----"))
    assert "not a key" not in str(caught.value)
    assert server.seen == []


def test_a_local_tenant_with_a_wrong_secret(shared_tenant: LocalTenant) -> None:
    async def main() -> None:
        async with to(shared_tenant.base_url, credentials=Credentials(shared_tenant.client_id, "wrong")) as gateway:
            await gateway.connections()

    with pytest.raises(WrongCredentials, match="gives no token"):
        asyncio.run(main())


def test_a_plan_needs_a_token_and_a_list(shared_tenant: LocalTenant) -> None:
    async def main() -> int:
        async with to_tenant(shared_tenant) as gateway:
            await gateway.connections()
            return gateway.requests

    assert asyncio.run(main()) == 2
