"""Splits identifiers into their words, and written lists of names into sets, for rules that judge by names."""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def name_set(text: str) -> frozenset[str]:
    """Return the names of a text that lists them with spaces between."""
    return frozenset(text.split())


def split_name(name: str) -> list[str]:
    """Split an identifier into its words in lower case: `clientSecret` and `CLIENT_SECRET` are ["client", "secret"]."""
    return [word.lower() for word in _WORD.findall(name)]
