"""Finds where a tenant's state is kept, and names that place in a text that is safe to show.

URLs come from tenant files, the environment or the command line. Credentials in them are refused and not repeated.
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
from deployer.state.backends import BACKENDS, Backend, missing_settings, urls
from deployer.state.errors import StateError
from deployer.state.names import check_segment
from deployer.text import one_line

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

DEFAULT_FOLDER = ".deployer"

VARIABLE = "DEPLOYER_STATE"
"""The environment variable that says where the state is, of tenants whose files do not say it."""

FORMER_VARIABLE = "DEPLOYER_STORE"
"""The name that the variable had before."""

_BUCKET = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,220}[a-zA-Z0-9])?\Z")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")


@dataclass(frozen=True)
class Location:
    """Where a state is kept: a folder, or a bucket and a prefix in a cloud."""

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
        StateError: where both names of the environment variable are set, and differ.
    """
    if tenant.state:
        return tenant.state, f"`{tenant.state_key}` of {tenant.name}"
    environment = os.environ if environment is None else environment
    found = {name: environment[name] for name in (VARIABLE, FORMER_VARIABLE) if environment.get(name)}
    if len(set(found.values())) > 1:
        # Not repeated: either may hold a password by mistake.
        raise StateError(
            f"{VARIABLE} and {FORMER_VARIABLE} name different places, and both are names of the same setting",
            where="the environment",
            hint=f"Unset {FORMER_VARIABLE}, which is the former name.",
        )
    return next(((where, name) for name, where in found.items()), (None, f"the default, {DEFAULT_FOLDER}/"))


def locate(url: str | None, base_dir: Path) -> Location:
    """Read the URL or path of a state. Raises StateError for what cannot be one."""
    if not url:
        return Location("file", folder=(base_dir / DEFAULT_FOLDER).absolute())
    scheme = _SCHEME.match(url)
    if not scheme:
        return Location("file", folder=_folder(url, base_dir))
    name = scheme[1].lower()
    if name == "file":
        return Location("file", folder=_folder(_file_path(url), base_dir))
    if name not in BACKENDS:
        raise StateError(f"no state can be kept at '{one_line(name, 20)}://'", hint=f"Use a folder, {urls()}.")
    return _cloud(name, url)


def _folder(path: str, base_dir: Path) -> Path:
    if "\0" in path:
        raise StateError("the path of a state holds a NUL character", hint="Name a folder.")
    return (base_dir / Path(path).expanduser()).absolute()


def _file_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or parts.query or parts.fragment or len(parts.path) < 2:
        raise StateError("a file:// URL of a state has the form file:///folder", hint="Or give the path alone.")
    return unquote(parts.path)


def _cloud(scheme: str, url: str) -> Location:
    parts, backend = urlsplit(url), BACKENDS[scheme]
    if "@" in parts.netloc or parts.query or parts.fragment:
        # Not repeated: this may be a password or a signature.
        raise StateError(
            f"the URL of a state must not hold credentials or settings; this {scheme}:// URL does",
            hint=f"Write {backend.url} and set the {backend.variables}_* environment variables.",
        )
    if not _BUCKET.match(parts.netloc):
        raise StateError(
            f"'{one_line(parts.netloc, 60)}' is not the name of a bucket or container", hint=f"Write {backend.url}."
        )
    segments = [segment for segment in parts.path.split("/") if segment]
    prefix = "/".join(check_segment(segment) for segment in segments)
    return Location(scheme, bucket=parts.netloc, prefix=prefix)


def open_folder(location: Location) -> "ObjectStore":
    """Open a folder that exists, for reading."""
    from obstore.store import LocalStore

    return LocalStore(location.folder)


def open_bucket(location: Location, retry_seconds: float) -> "ObjectStore":
    """Open a bucket. Nothing is sent yet. Raises StateError for settings that are missing or wrong."""
    from obstore.exceptions import BaseError

    backend = BACKENDS[location.scheme]
    retries: RetryConfig = {"max_retries": 8, "retry_timeout": timedelta(seconds=retry_seconds)}
    try:
        return backend.open(location.bucket, location.prefix or None, _client_options(backend), retries)
    except (BaseError, KeyError):  # KeyError: of os.environ
        raise StateError(missing_settings(backend), where=str(location), hint=backend.credentials) from None


def _client_options(backend: Backend) -> "ClientConfig":
    """Set time limits, and allow plain HTTP where the environment does (obstore reads that only without options)."""
    options: ClientConfig = {"connect_timeout": "5s", "timeout": "30s"}
    allowed = os.environ.get(f"{backend.variables}_ALLOW_HTTP", "")
    if allowed.lower() in {"1", "true", "yes", "on"}:
        options["allow_http"] = True
    return options
