"""Judges by names and strings what is a secret: whether a name means one, whether a string looks like one."""

import base64
import binascii
import math
import re
from collections import Counter

from deployer.linting.identifiers import split_name

_SECRET_LAST = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "credential",
        "credentials",
        "authorization",
        "bearer",
        "pass",
    }
)
_KEY_BEFORE = frozenset(
    {
        "api",
        "access",
        "private",
        "secret",
        "signing",
        "encryption",
        "auth",
        "shared",
        "subscription",
        "account",
        "jwt",
        "master",
        "service",
    }
)
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "pass"})
_HASHES = frozenset({"hash", "hashed", "digest", "salt", "encrypted", "crypt"})
_PLACEHOLDER = re.compile(
    r"^(x{3,}|\*+|\.{3,}|<.*>|\{.*\}|\[.*\]|%.*%|\$.*|your[-_ ]?.*|change[-_ ]?me|todo|none|null|undefined|redacted"
    r"|n/?a)$",
    re.IGNORECASE,
)
_KNOWN_TOKEN = re.compile(
    r"(sk|pk|rk)_(live|test)_[0-9A-Za-z]{16,}"
    r"|\b(AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bnpm_[0-9A-Za-z]{30,}"
    r"|\beyJ[\w-]{8,}\.eyJ?[\w-]{8,}\.[\w-]{8,}"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
)
_RUN = re.compile(r"[\w-]{16}|PRIVATE KEY")
"""Every known token has such a run; most strings do not, and are done with."""
_URL_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@?#]+:([^\s@/?#]+)@([^\s/?#:,]*)", re.IGNORECASE)
_SETTING_PASSWORD = re.compile(
    r"(?:^|[;\s])(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*([^;\s'\"]+)", re.IGNORECASE
)
_SETTINGS = re.compile(
    r"\b(server|host|data source|user id|uid|user|username|database|initial catalog|endpoint|accountname|address)\s*=",
    re.IGNORECASE,
)
_BASIC = re.compile(r"^basic\s+([A-Za-z0-9+/]{6,}={0,2})$", re.IGNORECASE)
_BEARER = re.compile(r"^(?:bearer|token|apikey|key)\s+(\S{12,})$", re.IGNORECASE)
_LOCAL = re.compile(
    r"^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|0\.0\.0\.0|host\.docker\.internal|[\w.-]+\.localhost)$", re.IGNORECASE
)


def names_secret(name: str | None) -> bool:
    """Return whether a name means that it holds a secret: `API_KEY` does, `PASSWORD_COLUMN` and `tokenPath` do not."""
    parts = split_name(name) if name else []
    if not parts:
        return False
    last = parts[-1]
    if last in _SECRET_LAST:
        return True
    return (last == "key" and len(parts) > 1 and parts[-2] in _KEY_BEFORE) or parts == ["apikey"]


def names_password(name: str | None) -> bool:
    """Return whether it is the name of a password in plain text."""
    parts = split_name(name) if name else []
    return bool(parts) and parts[-1] in _PASSWORDS


def names_stored_password(name: str | None) -> bool:
    """Return whether it is the name of a password, of its hash or of its salt, as stores keep them."""
    parts = split_name(name) if name else []
    if not parts:
        return False
    if parts[-1] in {"password", "passwd", "pwd", "salt", "passphrase"} or parts in (["hash"], ["pass"], ["secret"]):
        return True
    return parts[-1] in _HASHES and any(word in _PASSWORDS or word in {"hashed", "encrypted"} for word in parts)


def is_local(host: str) -> bool:
    """Return whether it is a name of this machine."""
    return bool(_LOCAL.match(host))


def is_placeholder(value: str) -> bool:
    """Return whether a value only shows a form and holds nothing: `<password>`, `xxxx`, `{{ token }}`, `changeme`."""
    return not value.strip() or bool(_PLACEHOLDER.match(value.strip()))


def entropy(value: str) -> float:
    """Compute the Shannon entropy, in bits a character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def looks_random(value: str) -> bool:
    """Return whether a string looks made by a generator. Words, paths, addresses and sentences do not."""
    if len(value) < 12 or is_placeholder(value) or re.search(r"\s", value) or "://" in value or value[0] in "/.#":
        return False
    if not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)) or re.fullmatch(
        r"[\w.+-]+@[\w-]+(\.[\w-]+)+", value
    ):
        return False
    if re.fullmatch(r"[A-Za-z]+([-_. /:][A-Za-z]+)*[-_. ]?v?\d{0,4}", value):
        return False
    return entropy(value) >= 3.0


def embedded_secret(value: str) -> str | None:
    """Return what kind of secret a string holds by its form alone; None where it holds none."""
    if _RUN.search(value) and _KNOWN_TOKEN.search(value):
        return "a private key" if "PRIVATE KEY" in value else "a token"
    basic = _BASIC.match(value)
    if basic and _is_pair(basic.group(1)):
        return "a name and password"
    bearer = _BEARER.match(value)
    if bearer and looks_random(bearer.group(1)):
        return "a token"
    return "a password" if _has_password(value) else None


def _has_password(value: str) -> bool:
    for match in _URL_PASSWORD.finditer(value) if "://" in value else ():
        if not is_placeholder(match.group(1)) and not is_local(match.group(2)):
            return True
    setting = _SETTING_PASSWORD.search(value) if ";" in value else None
    if setting is None or is_placeholder(setting.group(1)):
        return False
    if not _SETTINGS.search(value):
        return False
    host = re.search(r"(?:server|host|data source|addr|address)\s*=\s*(?:tcp:)?([^;,\\]+)", value, re.IGNORECASE)
    return not (host and is_local(host.group(1).strip()))


def _is_pair(text: str) -> bool:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in decoded[1:] and decoded.isprintable()
