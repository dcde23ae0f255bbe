"""Holds the kinds of object storage that a state can be kept in: how each is opened, and what it needs."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployer.text import one_line

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, ObjectStore, RetryConfig


@dataclass(frozen=True, slots=True)
class Backend:
    """One kind of object storage, chosen by the scheme of a URL."""

    url: str
    """How its URLs look, such as `s3://BUCKET/PREFIX`."""
    variables: str
    """How the names of the environment variables begin that it reads: `AWS`."""
    credentials: str
    """Which of them it is signed in with: the hint of messages, one or more sentences."""
    open: "Callable[[str, str | None, ClientConfig, RetryConfig], ObjectStore]"
    """Opens a bucket and a prefix in it, without sending anything. Raises obstore's BaseError, or KeyError."""
    needs: tuple[str, ...] = ()
    """The variables without which it cannot be opened."""


def _open_s3(bucket: str, prefix: str | None, options: "ClientConfig", retries: "RetryConfig") -> "ObjectStore":
    from obstore.store import S3Store

    # One DELETE per object: not every S3-compatible storage knows the request that deletes many.
    return S3Store(
        bucket, prefix=prefix, config={"disable_bulk_delete": True}, client_options=options, retry_config=retries
    )


def _open_google(bucket: str, prefix: str | None, options: "ClientConfig", retries: "RetryConfig") -> "ObjectStore":
    from obstore.store import GCSStore

    return GCSStore(bucket, prefix=prefix, client_options=options, retry_config=retries)


def _open_azure(bucket: str, prefix: str | None, options: "ClientConfig", retries: "RetryConfig") -> "ObjectStore":
    from obstore.store import AzureStore

    # The account is named explicitly: repr() of obstore 0.12's AzureStore panics if it came from the environment.
    account = os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
    config: AzureConfig | None = {"account_name": account} if account else None
    return AzureStore(bucket, prefix=prefix, config=config, client_options=options, retry_config=retries)


BACKENDS = {
    "s3": Backend(
        "s3://BUCKET/PREFIX",
        "AWS",
        "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; profiles are not read: "
        "'aws configure export-credentials --format env' turns one into variables.",
        _open_s3,
    ),
    "gs": Backend(
        "gs://BUCKET/PREFIX",
        "GOOGLE",
        "Set GOOGLE_SERVICE_ACCOUNT to the path of a key file, or log in with application-default credentials.",
        _open_google,
    ),
    "az": Backend(
        "az://CONTAINER/PREFIX",
        "AZURE",
        "Set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_CLIENT_ID and its secret.",
        _open_azure,
        needs=("AZURE_STORAGE_ACCOUNT_NAME",),
    ),
}
"""Every kind by the scheme of its URLs. A folder is none of them: it is written by `folder`, and read by obstore."""


def urls(*, whole: bool = True) -> str:
    """List how URLs look, for messages and help: `s3://BUCKET/PREFIX, gs://... or az://...`; else the schemes alone."""
    forms = [backend.url if whole else f"{scheme}://" for scheme, backend in BACKENDS.items()]
    return f"{', '.join(forms[:-1])} or {forms[-1]}"


def missing_settings(backend: Backend) -> str:
    """Say why a backend could not be opened, by its environment."""
    unset = [name for name in backend.needs if not os.environ.get(name)]
    if unset:
        return f"the environment variable {one_line(unset[0])} is not set"
    return f"the {backend.variables}_* environment variables do not open it"
