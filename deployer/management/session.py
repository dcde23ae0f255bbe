"""Makes one call through auth0-python with token, pace and retries, and gets the tenant's own JSON or a typed error."""

import asyncio
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from deployer.management import responses
from deployer.management.access import Access
from deployer.management.errors import InvalidRequest, ManagementError, MissingScope, Throttled, WrongCredentials
from deployer.management.http import Recorder, Response, Slot, Timeouts, recording, unreachable
from deployer.management.pacing import Pace
from deployer.management.retry_policy import RetryPolicy, retried
from deployer.management.tokens import Token, TokenCache, TokenSource

CONCURRENCY = 10
"""Requests of one gateway under way at once."""

OMIT: Any = ...
"""auth0-python's mark for `not sent`: for arguments it requires, that the body already carries."""


class Session:
    """An open line to one tenant. Belongs to one event loop; the pace and the token are shared by the process."""

    def __init__(
        self, access: Access, token_cache: TokenCache | None, timeouts: Timeouts, retry_policy: RetryPolicy
    ) -> None:
        self.access = access
        self.http = Recorder(timeouts, CONCURRENCY)
        self._retry_policy = retry_policy
        self._tokens = TokenSource(access.key, self._fetch_token, None if access.credentials.token else token_cache)
        self._pace = Pace.of(access.root, access.rate_limit)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._loading: asyncio.Future[Any] | None = None

    async def close(self) -> None:
        if self._loading is not None:
            await asyncio.wait([self._loading])
        await self.http.aclose()

    async def read(self, operation: str, *args: Any, **params: Any) -> Any:
        """Call a reading operation of the SDK, such as `connections.get`, for the tenant's own JSON; None if empty."""
        return (await self._call(operation, args, params, None, write=False))[0]

    async def read_sized(self, operation: str, *args: Any, **params: Any) -> tuple[Any, int]:
        """Call a reading operation as `read` does; return the size of the answer in bytes, too."""
        return await self._call(operation, args, params, None, write=False)

    async def write(self, operation: str, *args: Any, body: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """Call a writing operation of the SDK. `body` is sent exactly as given, whatever keys the SDK knows."""
        return (await self._call(operation, args, params, body, write=True))[0]

    async def granted(self, scope: str) -> bool:
        """Return whether the tenant said that our token has a scope."""
        return scope in ((await self._tokens.token()).scopes or ())

    async def renew(self) -> bool:
        """Forget a token kept from before, and return whether the next one may have more scopes."""
        token = await self._tokens.token()
        if self._tokens.fetched_here(token):
            return False
        self._tokens.refuse(token)
        return True

    async def _call(
        self, operation: str, args: tuple[Any, ...], params: dict[str, Any], body: Any, *, write: bool
    ) -> tuple[Any, int]:
        hidden = [self.access.credentials.secret, *responses.secrets_in([body, params if write else None])]
        options: dict[str, Any] = {"max_retries": 0}
        if query := params.pop("query", None):
            options["additional_query_parameters"] = query
        if body is not None:
            options["additional_body_parameters"] = dict(body)

        async def attempt() -> tuple[Any, int]:
            refused = False
            while True:
                loading = self._load()
                try:
                    token = await self._tokens.token()
                except ManagementError as no_token:
                    no_token.not_attempted = True  # and all retries are used up
                    raise
                headers = {"Authorization": f"Bearer {token.value}"}
                async with self._slots:
                    call = _resolve(await asyncio.shield(loading), operation)
                    kwargs = {**params, "request_options": {**options, "additional_headers": headers}}
                    response = await self._exchange(operation, call, args, kwargs)
                error = responses.error_of(response, self.access.where, [*hidden, token.value])
                if error is None:
                    return responses.parse(response, self.access.where), len(response.body)
                # A 401 or 403 changed nothing, so even a write may be sent again with a newer token.
                stale = isinstance(error, MissingScope) and not self._tokens.fetched_here(token)
                if refused or not (stale or isinstance(error, WrongCredentials)):
                    raise error
                refused = True
                self._tokens.refuse(token)

        return await retried(attempt, write=write, retry_policy=self._retry_policy)

    async def _exchange(self, operation: str, call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Response:
        """Make one request through the SDK, at the tenant's pace."""
        sent = await self._pace.acquire()
        response: Response | None = None
        try:
            with recording() as slot:
                await self._run(operation, slot, call, args, kwargs)
            response = slot.response
        finally:
            if response is None:
                self._pace.unanswered()
        if response is None:
            raise InvalidRequest(f"{operation} made no request", where=self.access.where)
        throttled_for: float | None = None
        if response.status == 429:
            pause = responses.retry_after(response.headers)
            throttled_for = 1.0 if pause is None else pause
        self._pace.answered(responses.rate_limit_headers(response.headers), sent=sent, throttled_for=throttled_for)
        return response

    async def _run(self, operation: str, slot: Slot, call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Let the SDK make the request. How its models judge the answer does not matter: the slot has the answer."""
        try:
            await call(*args, **kwargs)
        except (httpx.RequestError, TimeoutError) as error:
            raise self._unreachable(error, slot.request) from error
        except Exception as error:
            if slot.response is not None:
                return
            if slot.request is None and isinstance(error, ValueError | TypeError | RecursionError | httpx.InvalidURL):
                raise InvalidRequest(
                    f"{operation}: the request cannot be written as a URL and JSON ({type(error).__name__})",
                    where=self.access.where,
                    hint="Look for numbers that are not finite, and for text that is not valid Unicode.",
                ) from None
            raise

    def _unreachable(self, error: BaseException, request: str | None) -> ManagementError:
        host = httpx.URL(self.access.root).netloc.decode("ascii", "replace")
        return unreachable(error, self.access.where, host, request)

    def _load(self) -> "asyncio.Future[Any]":
        """Import auth0-python and build its client in a thread, while the token is on its way."""
        if self._loading is None:
            if "auth0.management.connections.client" in sys.modules:
                self._loading = asyncio.get_running_loop().create_future()
                self._loading.set_result(_sdk(self.access.api, self.http))
            else:
                self._loading = asyncio.ensure_future(asyncio.to_thread(_sdk, self.access.api, self.http))
        return self._loading

    async def _fetch_token(self) -> Token:
        """Take the token that was given, or ask /oauth/token, again after failures: a second token does no harm."""
        if self.access.credentials.token is not None:
            return self._given_token(self.access.credentials.token)
        return await retried(self._ask_for_token, write=False, retry_policy=self._retry_policy)

    def _given_token(self, value: str) -> Token:
        now = time.time()
        token = Token.from_text(value.strip(), now)
        if token is None or not token.usable(now):
            raise WrongCredentials(
                "the token has expired" if token else "what credentials.token refers to is no access token",
                where=self.access.where,
                hint="Get a new one: tokens of the Management API live for a day by default.",
            )
        return token

    async def _ask_for_token(self) -> Token:
        access, now = self.access, time.time()
        url = f"{access.root}/oauth/token"
        with recording() as slot:
            try:
                await self.http.post(url, json=_token_request(access, now))
            except (httpx.RequestError, TimeoutError) as error:
                raise self._unreachable(error, slot.request) from error
        response = slot.response
        if response is None:
            raise InvalidRequest("no token was asked for", where=access.where)
        error_found = responses.token_error_of(response, access.where, [access.credentials.secret])
        if isinstance(error_found, Throttled):
            await asyncio.sleep(1.0 if error_found.wait is None else error_found.wait)
        if error_found is not None:
            raise error_found
        body = responses.parse(response, access.where)
        token = Token.from_response(body, now) if isinstance(body, dict) else None
        if token is None:
            raise responses.wrong_shape("an access token", response, access.where)
        return token


def _sdk(api: str, http: httpx.AsyncClient) -> Any:
    from auth0.management.client import AsyncAuth0

    # Each request brings its own token, as a header; the SDK's retries would repeat writes.
    sdk = AsyncAuth0(base_url=api, token="", httpx_client=http, max_retries=0)
    _ = sdk.connections  # imports the models that nearly every command needs
    return sdk


def _resolve(sdk: Any, operation: str) -> Any:
    for name in operation.split("."):
        sdk = getattr(sdk, name)
    return sdk


def _token_request(access: Access, now: float) -> dict[str, str]:
    """Build the body of the client credentials grant.

    https://auth0.com/docs/api/authentication#client-credentials-flow
    """
    credentials = access.credentials
    grant = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "audience": access.token_audience,
    }
    if credentials.private_key is None:
        return grant | {"client_secret": credentials.client_secret or ""}
    import jwt

    claims = {
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "aud": f"{access.root}/",
        "jti": str(uuid.uuid4()),
        "iat": int(now),
        "exp": int(now) + 180,
    }
    try:
        assertion = jwt.encode(claims, credentials.private_key, algorithm=credentials.algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
        raise WrongCredentials(
            f"the private key cannot sign with {credentials.algorithm}",
            where=access.where,
            hint="Give `credentials.private_key` an unencrypted PEM private key, usually by `!file`.",
        ) from None
    return grant | {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
