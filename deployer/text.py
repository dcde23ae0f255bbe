"""Makes untrusted text safe to show: no control characters, no escape sequences, bounded length."""

import difflib
import re
from collections.abc import Iterable

# C0, DEL and C1; the bidirectional controls that reorder what a reader sees; what has no width and hides in a name or
# a script; halves of surrogate pairs, which JSON can bring and UTF-8 cannot write.
_HIDDEN = (
    "\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f{_HIDDEN}]")
_UNSAFE_IN_LINE = re.compile(f"[\x00-\x1f{_HIDDEN}]")


def visible(text: str) -> str:
    """Replace what controls or hides, but tab and newline, by its escape (`\\x1b`), so that it is seen, not obeyed."""
    return _UNSAFE.sub(_escape, text)


def one_line(text: str, limit: int = 200) -> str:
    """Do the same as `visible`, without line breaks or tabs, and cut to `limit` characters."""
    line = _UNSAFE_IN_LINE.sub(_escape, text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Suggest the nearest known word: `did you mean 'options'?`; None where none is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: `1 script`, `2 scripts`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
