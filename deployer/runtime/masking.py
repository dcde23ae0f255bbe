"""Hides the secrets that scripts were given from everything that scripts say."""

import dataclasses
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from deployer.runtime.calls import CallResult, ScriptError

_SHORTEST = 4
"""Shorter values are part of too many words: hiding them would hide what was said, and tell their length."""


class Mask:
    """Replaces every known secret in a text, the longest first, passwords inside of URLs included."""

    def __init__(self, known: Iterable[str]) -> None:
        found = {part for value in known for part in (value, *_url_secrets(value)) if len(part) >= _SHORTEST}
        self._secrets = sorted(found, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return the text with `***` for each secret."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def value(self, value: Any) -> Any:
        """Mask every text of a JSON value, keys included."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(str(key)): self.value(item) for key, item in value.items()}
            case list():
                return [self.value(item) for item in value]
        return value

    def result(self, result: CallResult) -> CallResult:
        """Mask what came of a call: its value, its error and its log."""
        error = result.error
        if error is not None:
            error = ScriptError(**self.value(dataclasses.asdict(error)))
        logs = [dataclasses.replace(line, text=self.text(line.text)) for line in result.logs]
        return dataclasses.replace(result, value=self.value(result.value), error=error, logs=logs)


def _url_secrets(value: str) -> list[str]:
    try:
        password = urlsplit(value).password
    except ValueError:
        return []
    return [password, unquote(password)] if password else []
