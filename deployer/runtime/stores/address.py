"""Finds a store's address in a connection's configuration, and writes another address there.

Addresses are URLs (`PG_URL: postgres://user:password@host:5432/db`), SQL Server's connection strings
(`Server=host,1433;...`) or pairs of keys (`MYSQL_HOST`, `MYSQL_PORT`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

DEFAULT_PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "mssql": 1433,
    "sqlserver": 1433,
    "http": 80,
    "https": 443,
}
_URL_KEY = re.compile(r"(^|_)(URL|URI|DSN|CONNECTION_STRING|ENDPOINT)$", re.IGNORECASE)
_HOST_KEY = re.compile(r"^(.*)(HOST|SERVER)$", re.IGNORECASE)
_SERVER_PART = re.compile(
    r"(?P<before>^|;)(?P<name>\s*(?:Server|Data Source)\s*=\s*)(?:tcp:)?(?P<host>[^,;]+)(?:,(?P<port>\d+))?",
    re.IGNORECASE,
)
_TRUSTED = re.compile(r"TrustServerCertificate\s*=\s*(true|yes)|Encrypt\s*=\s*(false|no|optional)", re.IGNORECASE)
_TLS_QUERY = re.compile(r"sslmode=(require|verify-ca|verify-full)|(^|&)(ssl|tls)=true", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the store is: `url_key` holds a URL, or `host_key` and `port_key` hold a host and a port.

    `tls` says that scripts check the store's certificate, so that it cannot be reached under another name.
    """

    host: str
    port: int
    tls: bool
    url_key: str | None = None
    host_key: str | None = None
    port_key: str | None = None

    def relocated(self, configuration: Mapping[str, str], host: str, port: int) -> dict[str, str]:
        """Return the configuration with the store at `host` and `port`, in every key that named the old address."""
        moved = dict(configuration)
        if self.host_key is not None and self.port_key is not None:
            return {**moved, self.host_key: host, self.port_key: str(port)}
        for key, value in configuration.items():
            server = _SERVER_PART.search(value)
            if server is not None and _server_address(server) == (self.host, self.port):
                moved[key] = _SERVER_PART.sub(rf"\g<before>\g<name>{host},{port}", value, count=1)
            parts = _split(value)
            if parts is not None and (parts.hostname, _port(parts)) == (self.host, self.port):
                moved[key] = _with_address(parts, host, port)
        return moved


def find_address(configuration: Mapping[str, str], key: str | None = None) -> StoreAddress | None:
    """Find the store's address in a configuration: at `key`, or at the only key that can hold it, else None."""
    if key is not None:
        return _url_address(configuration, key) or _host_address(configuration, key)
    named = [name for name in configuration if _URL_KEY.search(name)]
    for candidates in (named, list(configuration)):
        found = [address for name in candidates if (address := _url_address(configuration, name))]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    hosts = [address for name in configuration if (address := _host_address(configuration, name))]
    return hosts[0] if len(hosts) == 1 else None


def store_key(configuration_keys: list[str]) -> str | None:
    """Find the key that a store's URL belongs under: the only one whose name says so, or the only one at all."""
    named = [name for name in configuration_keys if _URL_KEY.search(name)]
    if len(named) == 1:
        return named[0]
    return configuration_keys[0] if len(configuration_keys) == 1 and not named else None


def spread_over_keys(configuration: Mapping[str, str], url: str) -> dict[str, str] | None:
    """Put the parts of a URL under the keys `..._HOST`, `..._PORT`, `..._USER` and the like; None without such keys."""
    hosts = [match for name in configuration if (match := _HOST_KEY.match(name))]
    parts = _split(url)
    if len(hosts) != 1 or parts is None:
        return None
    prefix = hosts[0][1]
    found = {
        "HOST": parts.hostname,
        "SERVER": parts.hostname,
        "PORT": str(_port(parts)),
        "USER": parts.username,
        "USERNAME": parts.username,
        "PASSWORD": parts.password,
        "DATABASE": parts.path.lstrip("/"),
        "DB": parts.path.lstrip("/"),
        "NAME": parts.path.lstrip("/"),
    }
    changed = {f"{prefix}{name}": value for name, value in found.items() if value is not None}
    return {**configuration, **{key: value for key, value in changed.items() if key in configuration}}


def _url_address(configuration: Mapping[str, str], key: str) -> StoreAddress | None:
    value = configuration.get(key, "")
    server = _SERVER_PART.search(value)
    if server is not None:
        host, port = _server_address(server)
        return StoreAddress(host, port, tls=not _TRUSTED.search(value), url_key=key)
    parts = _split(value)
    if parts is None or parts.hostname is None:
        return None
    tls = parts.scheme == "https" or bool(_TLS_QUERY.search(parts.query))
    return StoreAddress(parts.hostname, _port(parts), tls, url_key=key)


def _host_address(configuration: Mapping[str, str], key: str) -> StoreAddress | None:
    match = _HOST_KEY.match(key)
    port_key = f"{match[1]}PORT" if match else None
    host = configuration.get(key, "")
    if port_key is None or not host or not configuration.get(port_key, "").isdigit():
        return None
    return StoreAddress(host, int(configuration[port_key]), tls=False, host_key=key, port_key=port_key)


def _server_address(match: re.Match[str]) -> tuple[str, int]:
    return match["host"].strip(), int(match["port"] or DEFAULT_PORTS["sqlserver"])


def _split(value: str) -> SplitResult | None:
    """Split a URL; None for what is no URL of a store with one host."""
    try:
        parts = urlsplit(value)
        if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname or "," in parts.netloc:
            return None
        _port(parts)
    except ValueError:
        return None
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS[parts.scheme.lower()]


def _with_address(parts: SplitResult, host: str, port: int) -> str:
    user = parts.netloc.rpartition("@")[0]
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit(parts._replace(netloc=f"{user}@{shown}:{port}" if user else f"{shown}:{port}"))
