"""Builds the keys of objects from names that a tenant may have chosen.

Every key is made of checked segments, so that no name can leave its folder, hide, or collide with the state's own
files.
"""

import re

from deployer.state.errors import StateError
from deployer.text import one_line

SEGMENT_LIMIT = 120
"""Characters in one segment. File systems allow 255 bytes, and the local store adds a suffix while it writes."""

KEY_LIMIT = 700
"""Characters in a whole key. S3 and Google allow 1,024 bytes, the bucket's prefix included."""

# ASCII only: what another alphabet normalises to differs between file systems. No '#': obstore's local store keeps
# names that end in '#' and digits for its temporary files.
_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?\Z")


def check_segment(segment: str) -> str:
    """Return the segment itself if it can be one part of a key, else raise StateError.

    Allowed are 1 to 120 ASCII letters, digits, dots, dashes and underscores; the first is no dot or dash, the last no
    dot, and there are no two dots in a row.
    """
    if len(segment) > SEGMENT_LIMIT or ".." in segment or not _SEGMENT.match(segment):
        raise StateError(
            f"the name '{one_line(segment, 60)}' cannot be used in the state",
            hint=f"Use 1 to {SEGMENT_LIMIT} letters, digits, dots, dashes and underscores, beginning with a letter, "
            "a digit or an underscore.",
        )
    return segment


def make_key(*segments: str) -> str:
    """Build a key such as `history/prod/20261123T013343.123456Z-1f3a.json` from checked segments."""
    key = "/".join(check_segment(segment) for segment in segments)
    if not segments or len(key) > KEY_LIMIT:
        raise StateError(f"a key of the state must have 1 to {KEY_LIMIT} characters; this one has {len(key)}")
    return key


def check_key(key: str) -> str:
    """Return the key itself if each of its segments is allowed, else raise StateError."""
    return make_key(*key.split("/"))
