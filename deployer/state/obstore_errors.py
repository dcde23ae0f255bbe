"""Turns what obstore raises into our errors.

Its texts are read for what kind of fault it is and then dropped: they can hold signed URLs, key ids and whole answers
of the server.
"""

import contextlib
import re
from collections.abc import Iterator

from deployer.errors import DeployerError
from deployer.state.backends import BACKENDS, Backend
from deployer.state.errors import StateError, StatePermissionError, StateUnreachableError
from deployer.state.location import Location

_CODE = re.compile(r"<Code>([A-Za-z]{1,40})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist|container does not exist", re.IGNORECASE)
# Without credentials, the clients ask the metadata service of a cloud machine, which is not there.
_NO_CREDENTIALS = re.compile(r"169\.254\.169\.254|metadata\.google|computeMetadata|169\.254\.170\.2")


def is_missing_key(error: Exception) -> bool:
    """Return whether a "not found" means the object, and not the bucket that it would be in."""
    return not _NO_BUCKET.search(str(error))


@contextlib.contextmanager
def translated(location: Location, verb: str, key: str) -> Iterator[None]:
    """Turn obstore's and the system's errors into StateError; `verb` is `read`, `write`, `list` or `delete`."""
    from obstore.exceptions import BaseError

    try:
        yield
    except DeployerError:
        raise
    except (BaseError, OSError, ValueError) as error:
        # Without the cause: a traceback with -vv must not show it either.
        raise translate(error, location, verb, key) from None


def translate(error: Exception, location: Location, verb: str, key: str) -> StateError:
    """Make a StateError of one exception of obstore."""
    from obstore.exceptions import NotSupportedError, PermissionDeniedError, UnauthenticatedError

    text, where, backend = str(error), str(location), BACKENDS.get(location.scheme)
    answer, credentials = _answer(text), backend.credentials if backend else "Check the folder's owner and mode."
    if _NO_BUCKET.search(text):
        return StateError(
            "the bucket or container does not exist", where=where, hint="Create it, or correct the state's URL."
        )
    if _NO_CREDENTIALS.search(text):
        return StatePermissionError("there are no credentials for the state", where=where, hint=credentials)
    unauthorized = isinstance(error, (PermissionDeniedError, UnauthenticatedError, PermissionError))
    if unauthorized or answer[:3] in {"401", "403"}:
        return StatePermissionError(
            f"access was refused: cannot {verb} '{key}' of the state{_in_brackets(answer)}",
            where=where,
            hint="It needs the permissions to read, write, delete and list. " + credentials,
        )
    if isinstance(error, NotSupportedError):
        return StateError(
            f"cannot {verb} '{key}' of the state: an operation is missing that this needs, such as a conditional write",
            where=where,
            hint="Use a storage with conditional writes (S3, Google, Azure, MinIO, R2).",
        )
    if backend is None:
        return StateError(
            f"cannot {verb} '{key}' of the state", where=where, hint="Check the folder and the disk that it is on."
        )
    return StateUnreachableError(
        f"cannot {verb} '{key}' of the state{_in_brackets(answer or _network(text, backend))}",
        where=where,
        hint="Check the network and the endpoint, and run the command again.",
    )


def _answer(text: str) -> str:
    """Find `403 AccessDenied`: the status and the code of the server's answer, as far as they are there."""
    status = _STATUS.search(text)
    code = _CODE.search(text)
    return " ".join(found[1] for found in (status, code) if found)


def _network(text: str, backend: Backend) -> str:
    lowered = text.lower()
    if "timed out" in lowered or "timeout" in lowered.replace("retry_timeout", "").replace("timeout:", ""):
        return "it did not answer in time"
    if "badscheme" in lowered:
        return f"plain http is not allowed; for a local server set {backend.variables}_ALLOW_HTTP=true"
    if "dns error" in lowered:
        return "its name cannot be resolved"
    if "connect" in lowered:
        return "no connection"
    return "it gave no answer that can be understood"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""
