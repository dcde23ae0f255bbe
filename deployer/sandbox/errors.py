"""Builds the error answers of the Management API: a status and the documented JSON body.

Every body has `statusCode`, `error` and `message`, most have `errorCode`:
https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations and the error section of each endpoint
at https://auth0.com/docs/api/management/v2
"""

from http import HTTPStatus
from typing import Any

_TITLES = {code: HTTPStatus(code).phrase for code in (400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 502, 503, 504)}


class ApiError(Exception):
    """An answer other than success. `body()` is what the Management API sends."""

    def __init__(self, status: int, message: str, code: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Build `{statusCode, error, message[, errorCode]}` and what else belongs to it."""
        body: dict[str, Any] = {
            "statusCode": self.status,
            "error": _TITLES.get(self.status, "Error"),
            "message": self.message,
        }
        if self.code is not None:
            body["errorCode"] = self.code
        return {**body, **self.extra}


class OAuthError(Exception):
    """An answer of the token endpoint: `{error, error_description}`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def body(self) -> dict[str, Any]:
        """Build the body as RFC 6749, section 5.2, and Auth0 send it."""
        return {"error": self.error, "error_description": self.description}


def invalid_body(message: str) -> ApiError:
    """Build the 400 for a payload."""
    return ApiError(400, message, "invalid_body")


def invalid_query(message: str) -> ApiError:
    """Build the 400 for a query string."""
    return ApiError(400, message, "invalid_query_string")
