"""Finds the npm modules that JavaScript asks for, with their exact versions.

A tenant learns of versions only from Auth0's own notation, `require('name@1.2.3')`.
https://auth0.com/docs/authenticate/database-connections/custom-db/custom-database-connections-scripts/environment
"""

import re
from collections.abc import Iterable, Mapping

_REQUIRE = re.compile(
    r"""\brequire\(\s*(['"`])(?P<name>(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*)(?:@(?P<version>\d+\.\d+\.\d+[\w.+-]*))?"""
    r"""(?:/[^'"`\s]*)?\1\s*\)"""
)


def pins_of(sources: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Find `{name: version}` of what the texts require; for a name without a version, the one in `known`, if any."""
    found: dict[str, str] = {}
    for source in sources:
        for match in _REQUIRE.finditer(source):
            name, version = match["name"], match["version"]
            if version is not None:
                found[name] = version
            elif name in known:
                found.setdefault(name, known[name])
    return dict(sorted(found.items()))
