"""What obstore raises in, our errors out. Its texts are read for what kind of fault it is and then dropped: they can
hold signed URLs, key ids and whole answers of the server.
"""

import contextlib
import re
from collections.abc import Iterator

from deployer.errors import DeployerError
from deployer.state.errors import StoreError, StorePermissionError, StoreUnreachableError
from deployer.state.location import Location

_CODE = re.compile(r"<Code>([A-Za-z]{1,40})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist|container does not exist", re.IGNORECASE)
# Without credentials, the clients ask the metadata service of a cloud machine, which is not there.
_NO_CREDENTIALS = re.compile(r"169\.254\.169\.254|metadata\.google|computeMetadata|169\.254\.170\.2")
_CREDENTIALS = {
    "s3": "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; profiles are not read: "
    "'aws configure export-credentials --format env' turns one into variables.",
    "gs": "Set GOOGLE_SERVICE_ACCOUNT to the path of a key file, or log in with application-default credentials.",
    "az": "Set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_CLIENT_ID and its secret.",
    "file": "Check the folder's owner and mode.",
}


def is_missing_key(error: Exception) -> bool:
    """Whether a "not found" means the object, and not the bucket that it would be in."""
    return not _NO_BUCKET.search(str(error))


@contextlib.contextmanager
def translated(location: Location, verb: str, key: str) -> Iterator[None]:
    """Turn obstore's and the system's errors into StoreError; `verb` is `read`, `write`, `list` or `delete`."""
    from obstore.exceptions import BaseError

    try:
        yield
    except DeployerError:
        raise
    except (BaseError, OSError, ValueError) as error:
        # Without the cause: a traceback with -vv must not show it either.
        raise translate(error, location, verb, key) from None


def translate(error: Exception, location: Location, verb: str, key: str) -> StoreError:
    """The StoreError for one exception of obstore."""
    from obstore.exceptions import NotSupportedError, PermissionDeniedError, UnauthenticatedError

    text = str(error)
    where = str(location)
    answer = _answer(text)
    if _NO_BUCKET.search(text):
        return StoreError(
            "The bucket or container does not exist.", where=where, hint="Create it, or correct the store's URL."
        )
    if _NO_CREDENTIALS.search(text):
        return StorePermissionError(
            "There are no credentials for the store.", where=where, hint=_CREDENTIALS[location.scheme]
        )
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError, PermissionError)) or answer[:3] in {
        "401",
        "403",
    }:
        return StorePermissionError(
            f"The store refused to {verb} '{key}'{_in_brackets(answer)}.",
            where=where,
            hint="It needs the permissions to read, write, delete and list. " + _CREDENTIALS[location.scheme],
        )
    if isinstance(error, NotSupportedError):
        return StoreError(
            f"The store cannot {verb} '{key}': it lacks an operation that this needs, such as a conditional write.",
            where=where,
            hint="Use a store with conditional writes (S3, Google, Azure, MinIO, R2).",
        )
    if location.scheme == "file":
        return StoreError(
            f"The store could not {verb} '{key}'.", where=where, hint="Check the folder and the disk that it is on."
        )
    return StoreUnreachableError(
        f"The store could not {verb} '{key}'{_in_brackets(answer or _network(text))}.",
        where=where,
        hint="Check the network and the endpoint, and run the command again.",
    )


def _answer(text: str) -> str:
    """`403 AccessDenied`: the status and the code of the server's answer, as far as they are there."""
    status = _STATUS.search(text)
    code = _CODE.search(text)
    return " ".join(found[1] for found in (status, code) if found)


def _network(text: str) -> str:
    lowered = text.lower()
    if "timed out" in lowered or "timeout" in lowered.replace("retry_timeout", "").replace("timeout:", ""):
        return "it did not answer in time"
    if "badscheme" in lowered:
        return "plain http is not allowed; for a local server set AWS_ALLOW_HTTP=true"
    if "dns error" in lowered:
        return "its name cannot be resolved"
    if "connect" in lowered:
        return "no connection"
    return "it gave no answer that can be understood"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""
