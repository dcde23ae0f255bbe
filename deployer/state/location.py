"""The store's URL in, an opened obstore out, and a text for the place that is safe to show.

The URL comes from a tenant file or the command line. Credentials in it are refused and not repeated.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from deployer.config.models import Tenant
from deployer.state.errors import StoreError
from deployer.state.names import check_segment
from deployer.text import one_line

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

DEFAULT_FOLDER = ".deployer"

VARIABLE = "DEPLOYER_STATE"
"""The environment variable that says where the state is, of tenants whose files do not say it."""

FORMER_VARIABLE = "DEPLOYER_STORE"
"""The name that the variable had before."""

_CLOUDS = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}
_BUCKET = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,220}[a-zA-Z0-9])?\Z")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")


@dataclass(frozen=True)
class Location:
    """Where a store is: a folder, or a bucket and a prefix in a cloud."""

    scheme: str
    folder: Path | None = None
    bucket: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        if self.folder is not None:
            return str(self.folder)
        return f"{self.scheme}://{self.bucket}/{self.prefix}".rstrip("/")


def named_state(tenant: Tenant, environment: Mapping[str, str] | None = None) -> tuple[str | None, str]:
    """Find where the state of a tenant is said to be.

    Args:
        tenant: a tenant, whose own file goes before the environment.
        environment: its variables, by default those of this process.

    Returns:
        A folder or URL for `StateStore.open`, None where nothing names one; and how a message calls what names it.

    Raises:
        StoreError: where both names of the environment variable are set, and differ.
    """
    if tenant.state:
        return tenant.state, f"`{tenant.state_key}` of {tenant.name}"
    environment = os.environ if environment is None else environment
    found = {name: environment[name] for name in (VARIABLE, FORMER_VARIABLE) if environment.get(name)}
    if len(set(found.values())) > 1:
        # Not repeated: either may hold a password by mistake.
        raise StoreError(
            f"{VARIABLE} and {FORMER_VARIABLE} name different places, and both are names of the same setting",
            where="the environment",
            hint=f"Unset {FORMER_VARIABLE}, which is the former name.",
        )
    return next(((where, name) for name, where in found.items()), (None, f"the default, {DEFAULT_FOLDER}/"))


def locate(url: str | None, base_dir: Path) -> Location:
    """Read a store's URL or path. Raises StoreError for what cannot be a store."""
    if not url:
        return Location("file", folder=(base_dir / DEFAULT_FOLDER).absolute())
    scheme = _SCHEME.match(url)
    if not scheme:
        return Location("file", folder=_folder(url, base_dir))
    name = scheme[1].lower()
    if name == "file":
        return Location("file", folder=_folder(_file_path(url), base_dir))
    if name not in _CLOUDS:
        raise StoreError(
            f"'{one_line(name, 20)}://' is not a kind of store.",
            hint="Use a folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX.",
        )
    return _cloud(name, url)


def _folder(path: str, base_dir: Path) -> Path:
    if "\0" in path:
        raise StoreError("The store's path holds a NUL character.", hint="Name a folder.")
    return (base_dir / Path(path).expanduser()).absolute()


def _file_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or parts.query or parts.fragment or len(parts.path) < 2:
        raise StoreError("A file:// URL of a store has the form file:///folder.", hint="Or give the path alone.")
    return unquote(parts.path)


def _cloud(scheme: str, url: str) -> Location:
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        # Not repeated: this may be a password or a signature.
        raise StoreError(
            f"A store's URL must not hold credentials or settings; this {scheme}:// URL does.",
            hint=f"Write {scheme}://NAME/PREFIX and set the {_CLOUDS[scheme]}_* environment variables.",
        )
    if not _BUCKET.match(parts.netloc):
        raise StoreError(
            f"'{one_line(parts.netloc, 60)}' is not the name of a bucket or container.",
            hint=f"Write {scheme}://NAME/PREFIX.",
        )
    segments = [segment for segment in parts.path.split("/") if segment]
    prefix = "/".join(check_segment(segment) for segment in segments)
    return Location(scheme, bucket=parts.netloc, prefix=prefix)


def open_folder(location: Location) -> "ObjectStore":
    """The reading side of a folder that exists."""
    from obstore.store import LocalStore

    return LocalStore(location.folder)


def open_cloud(location: Location, retry_seconds: float) -> "ObjectStore":
    """A bucket in a cloud. Nothing is sent yet. Raises StoreError for settings that are missing or wrong."""
    from obstore.exceptions import BaseError

    try:
        return _open_cloud(location, {"max_retries": 8, "retry_timeout": timedelta(seconds=retry_seconds)})
    except BaseError as error:
        missing = "account must be specified" in str(error).lower()
        raise StoreError(
            "The storage account is not known." if missing else "The store's settings in the environment are wrong.",
            where=str(location),
            hint="Set AZURE_STORAGE_ACCOUNT_NAME and a credential (AZURE_STORAGE_ACCOUNT_KEY, AZURE_CLIENT_ID ...)."
            if missing
            else f"Check the {_CLOUDS[location.scheme]}_* environment variables.",
        ) from None


def _open_cloud(location: Location, retries: "RetryConfig") -> "ObjectStore":
    from obstore.store import AzureStore, GCSStore, S3Store

    bucket, prefix, options = location.bucket, location.prefix or None, _client_options(location)
    if location.scheme == "s3":
        # One DELETE per object: not every S3-compatible store knows the request that deletes many.
        return S3Store(
            bucket, prefix=prefix, config={"disable_bulk_delete": True}, client_options=options, retry_config=retries
        )
    if location.scheme == "gs":
        return GCSStore(bucket, prefix=prefix, client_options=options, retry_config=retries)
    # The account is named explicitly: repr() of obstore 0.12's AzureStore panics if it came from the environment.
    account = os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
    return AzureStore(
        bucket,
        prefix=prefix,
        config={"account_name": account} if account else None,
        client_options=options,
        retry_config=retries,
    )


def _client_options(location: Location) -> "ClientConfig":
    """Time limits, and plain HTTP where the environment allows it (obstore reads that itself only without options)."""
    options: ClientConfig = {"connect_timeout": "5s", "timeout": "30s"}
    allowed = os.environ.get(f"{_CLOUDS[location.scheme]}_ALLOW_HTTP", "")
    if allowed.lower() in {"1", "true", "yes", "on"}:
        options["allow_http"] = True
    return options
