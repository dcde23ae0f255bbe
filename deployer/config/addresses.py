"""Judges whether a text is the address of a tenant, and finds the host in it. No I/O."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]+")
_PLAIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")


def host_of(url: str) -> str | None:
    """Return the host of a plain http(s) URL without a path, user, query or fragment; None if it is something else."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or parts.username is not None)
    host = parts.hostname or ""
    fine = plain and port_is_fine and parts.scheme in {"http", "https"} and _HOST.fullmatch(host)
    return host if fine else None


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def domain_problem(domain: str) -> str | None:
    """Say why a text is no tenant's domain, None where it is one. The text is not repeated."""
    if _PLAIN.fullmatch(domain):  # nearly all are, and hundreds may be looked at
        return None
    host = host_of(f"https://{domain}")
    if host is not None and _names_a_host(host) and not re.search(r"\s", domain):
        return None
    return "must be a host name alone, like acme.eu.auth0.com: no https://, no path, no spaces"


def base_url_problem(url: str) -> str | None:
    """Say why a text is not where a Management API can be, None where it is."""
    host = host_of(url.rstrip("/"))
    if host is None or not _names_a_host(host) or re.search(r"\s", url):
        return "must be a URL without a path, like http://127.0.0.1:4010"
    if url.startswith("http:") and not is_loopback(host):
        return "must begin with https://: http is only for a tenant on this machine (127.0.0.1 or localhost)"
    return None


def _names_a_host(host: str) -> bool:
    """Tell whether a host is one that others could reach or this machine: a secret in its place seldom looks so."""
    if host == "localhost" or "." in host.strip("."):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
