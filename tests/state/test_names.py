"""No name can leave its folder, hide, or collide with the store's own files."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.state.errors import StateError
from deployer.state.names import KEY_LIMIT, SEGMENT_LIMIT, check_key, check_segment, make_key

NASTY = st.one_of(
    st.text(max_size=150),
    st.text(alphabet='./\\#%~ \0\n\x1b-_aZ0ü:*?"<>|', max_size=20),
    st.from_regex(r"[A-Za-z0-9_.-]{1,130}", fullmatch=True),
)


@given(st.lists(NASTY, min_size=1, max_size=4))
def test_a_key_stays_where_it_was_built(segments: list[str]) -> None:
    try:
        key = make_key(*segments)
    except StateError:
        return
    path = PurePosixPath(key)
    assert list(path.parts) == segments
    assert not path.is_absolute()
    assert key.isascii()
    assert len(key) <= KEY_LIMIT
    assert not any(part.startswith((".", "-")) or part.endswith(".") or ".." in part for part in path.parts)
    assert not set(key) & set('\\#%~ :*?"<>|\0\n')
    assert check_key(key) == key


@given(st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,118}[A-Za-z0-9_-])?", fullmatch=True))
def test_ordinary_names_are_allowed(name: str) -> None:
    assert check_segment(name) == name
    assert check_segment(f"{name[:110]}.json") == f"{name[:110]}.json"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "...",
        ".hidden",
        "a/b",
        "a\\b",
        "a..b",
        "a.",
        "-rf",
        "a#1",
        "a b",
        "a\n",
        "\x1b[31m",
        "naïve",
        "a" * (SEGMENT_LIMIT + 1),
        "%2e%2e",
    ],
)
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(StateError) as error:
        check_segment(name)
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_has_segments_and_a_bound() -> None:
    with pytest.raises(StateError):
        make_key()
    with pytest.raises(StateError):
        make_key(*["a" * SEGMENT_LIMIT] * 6)
    with pytest.raises(StateError):
        check_key("/absolute")
